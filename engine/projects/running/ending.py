"""What the end of a command of ours says about the project beside it."""

from __future__ import annotations

from collections.abc import Sequence

from engine.domain import Finding
from engine.projects.running.outcome import finding
from sandboxes.base import Limits, Outcome

_WHY = {
    "timeout": "{what} did not end within {seconds:g} s and everything in the box was killed",
    "memory": "the project used up the {memory} MiB of memory of its box, and was killed",
    "processes": "the project started more than the {processes} processes and threads that its box may have",
    "disk": "the project filled the {work} MiB that its box may write",
}


def of_box(outcome: Outcome, limits: Limits, *, what: str, seconds: float, done: bool) -> list[Finding]:
    """What is wrong where *what*, a program of ours, did not end as it does by itself; *done*: it said that it was through."""
    if outcome.tampered:
        where = ", ".join(outcome.tampered[:5])
        return [finding("tampered", f"files of the judge were changed while the project ran: {where}")]
    if outcome.ended in _WHY:
        why = _WHY[outcome.ended].format(
            what=what, seconds=seconds, memory=limits.memory_mib, processes=limits.processes, work=limits.work_mib
        )
        return [finding(outcome.ended, why, evidence=output(outcome))]
    if outcome.ok and done:
        return []
    how = f"signal {outcome.signal}" if outcome.ended == "signalled" else f"exit code {outcome.exit_code}"
    message = f"{what} was ended by something in the box ({how}): the project has to leave processes alone that it did not start"
    return [finding("tampered", message, evidence=output(outcome))]


def output(outcome: Outcome, most: int = 8_000) -> str:
    said: Sequence[str] = (outcome.stdout.text.strip(), outcome.stderr.text.strip())
    return "\n".join(text for text in said if text)[-most:]
