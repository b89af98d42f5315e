"""How a project's end is put into words: what happened, and what a person can do next."""

from __future__ import annotations

from typing import NamedTuple

from engine.domain import Finding
from engine.repository.result import RepositoryResult

MOST_NAMED = 3


class Conclusion(NamedTuple):
    summary: str
    next_step: str


def conclusion(result: RepositoryResult) -> Conclusion:
    """Two sentences on *result*, by its outcome."""
    tests, red = counted(len(result.before.green), "test"), counted(len(result.red), "test")
    flaky = f" {counted(len(result.flaky), 'flaky test')} did not count." if result.flaky else ""
    fixed = sum(healed.verified for healed in result.healed)
    match result.outcome:
        case "green":
            skipped = f", {len(result.skipped)} skipped" if result.skipped else ""
            next_step = "Steady the flaky tests: " + named(result.flaky) if result.flaky else "There is nothing to do."
            return Conclusion(f"The suite is green: {tests} passed{skipped}.{flaky}", next_step)
        case "red":
            return Conclusion(f"{red} red, {len(result.green)} green.{flaky}", "Have it mended: mendbox fix PATH")
        case "verified":
            summary = f"{red} red before, none now: {counted(fixed, 'cause')} mended, each fix verified.{flaky}"
            return Conclusion(summary, "Read the diff, and write it: mendbox fix PATH --apply")
        case "partly":
            left = result.still_red
            summary = f"{counted(fixed, 'cause')} mended and verified; {counted(len(left), 'test')} still red.{flaky}"
            return Conclusion(summary + _untried(result), f"Look at {named(left)}.")
        case "no_fix":
            last = result.healed[-1].run if result.healed else None
            why = f" {last.summary}" if last else ""
            summary = f"{red} red, and nothing could be mended.{why}{_untried(result)}"
            return Conclusion(summary, last.next_step if last else "Allow more: --seconds S, --tokens N, --usd X.")
        case _:
            return Conclusion("", "")


def _untried(result: RepositoryResult) -> str:
    """A sentence where nobody came to try to mend some of what is red."""
    tried = {node for healed in result.healed for node in healed.cause.tests}
    left = sum(node not in tried for node in result.still_red)
    return f" Nobody came to {counted(left, 'red test')}: the budget was used up." if left else ""


def unfinished(finding: Finding) -> Conclusion:
    """What to say of a suite that came to no end, by the *finding* about the whole of it."""
    next_steps = {
        "timeout": "Give it more time: --seconds S; a run of the suite may take half of it.",
        "memory": "Give the boxes more memory: MENDBOX_MEMORY_MIB.",
        "processes": "Give the boxes more processes: MENDBOX_PROCESSES.",
        "disk": "Give the boxes a larger work folder: MENDBOX_WORK_MIB.",
        "no-tests": "Give the project a test that pytest collects.",
    }
    summary = f"The suite could not be run to its end: {finding.message}"
    return Conclusion(summary[:600], next_steps.get(finding.rule, "Run the suite by itself, and see what ends it."))


def counted(number: int, word: str) -> str:
    """``1 test``, ``2 tests``."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def named(nodes: tuple[str, ...]) -> str:
    more = len(nodes) - MOST_NAMED
    return ", ".join(nodes[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
