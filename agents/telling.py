"""What a model is told: a brief in words, every text of others in a fence of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from agents.base import Brief, Lead, Lesson, Message, Tried
from agents.context.choosing import Shown, choose
from agents.context.excerpts import Piece
from agents.leads import SHOWN, kinds_in_words, outcome_in_words, suspects_in_lines
from agents.looking.requests import MOST_REQUESTS
from agents.prompts import excerpt, fence, fill

CONTEXT_TOKENS = 60_000
"""About how many tokens of a project a model is shown at most."""
FAILURE_LIMIT = 16_000
"""Characters of a failure or an error that a model is shown; head and tail."""
DIFF_LIMIT = 6_000
EARLIER_LIMIT = 2_000
"""Characters of an earlier answer's diff and of its failure."""
DIFFS = 3
"""How many edits of a search are shown, of those that were plausible and of those that went part of the way."""
LESSONS = 3
LESSON_LIMIT = 2_000
"""Characters of either side of an earlier repair."""
EARLIER = 5
"""How many earlier answers are shown: the latest ones."""


def messages(brief: Brief, *, room: int = CONTEXT_TOKENS, looks: int = 0, runs: bool = False) -> tuple[Message, ...]:
    """What a model is told of *brief*: first what stays the same for the whole run, then what happened since.

    Of its files as much is shown as fits into *room* tokens. It may look *looks* times before it answers, and have
    something run where there are *runs*.
    """
    return told_of(brief, choose(brief, room), looks=looks, runs=runs)


def told_of(brief: Brief, shown: Shown, *, looks: int = 0, runs: bool = False) -> tuple[Message, ...]:
    """As `messages`, with what was chosen to be *shown*."""
    system = fill("coder_system")
    if brief.suite is not None:
        system = f"{system}\n\n{fill('coder_suite')}"
    if looks:
        tools = fill(
            "coder_looks",
            rounds=str(looks),
            requests=str(MOST_REQUESTS),
            runs=fill("coder_runs") if runs else "",
        )
        system = f"{system}\n\n{tools.rstrip()}"
    return (
        Message(role="system", content=system),
        Message(role="user", content=_task(brief, shown), cache=True),
        Message(role="user", content="\n\n".join(_latest(brief, ask="coder_look" if looks else "coder_ask"))),
    )


def told_after(prompt: Literal["coder_seen", "coder_unfit"], text: str, *, left: int) -> Message:
    """What came of a reply that was no answer; *left* is how often there may be looked still."""
    following = fill("coder_more", left=str(left)) if left else fill("coder_last")
    if prompt == "coder_seen":
        return Message(role="user", content=fill(prompt, seen=text, next=following))
    return Message(role="user", content=fill(prompt, why=fence("why", text), next=following))


def _task(brief: Brief, shown: Shown) -> str:
    error = brief.error.strip()
    task = {
        "language": brief.language,
        "goal": fence("goal", brief.goal),
        "error": f"What went wrong, by the report:\n\n{fence('error', excerpt(error, FAILURE_LIMIT))}" if error else "",
        "files": _fenced(shown.files),
        "tests": _tests(brief, shown),
    }
    if shown.complete:
        return fill("coder_task", **task)
    return fill("coder_project", listing=fence("files of the project", shown.listing), **task)


def _tests(brief: Brief, shown: Shown) -> str:
    if not shown.tests:
        return ""
    return fill("coder_reproduction" if brief.reproduction else "coder_tests", tests=_fenced(shown.tests))


def _latest(brief: Brief, *, ask: str) -> Iterator[str]:
    if brief.lessons:
        yield fill("coder_lessons", lessons="\n\n".join(map(_lesson, brief.lessons[:LESSONS])))
    if brief.lead is not None:
        yield fill(
            "coder_lead", outcome=_outcome(brief.lead), found="\n\n".join(_found(brief.lead, brief.tried))
        ).strip()
    if brief.tried:
        yield fill("coder_tried", tried="\n\n".join(_told(tried) for tried in brief.tried[-EARLIER:]))
    if brief.failure.strip():
        red = excerpt("\n".join(brief.failing), EARLIER_LIMIT)
        yield fill(
            "coder_failure",
            failing=fence("tests that were red on the input", red) if red else "",
            failure=fence("failure", excerpt(brief.failure, FAILURE_LIMIT)),
        )
    if brief.new_strategy:
        yield fill("coder_strategy")
    yield fill(ask)


def _lesson(lesson: Lesson) -> str:
    after = f" after {lesson.failure}" if lesson.failure else ""
    return "\n".join(
        (
            fence(f"before{after}", excerpt(lesson.before, LESSON_LIMIT)),
            fence("mended", excerpt(lesson.after, LESSON_LIMIT)),
        )
    )


def _outcome(lead: Lead) -> str:
    outcome = outcome_in_words(lead)
    if lead.plausible or lead.ending != "ideas" or not lead.candidates:
        return outcome
    return f"{outcome} So expect that more than one place has to change, or one place by more than a small edit."


def _found(lead: Lead, tried: Sequence[Tried]) -> Iterator[str]:
    """What of *lead* is text of others: code, paths, and words that were written in a box."""
    if kinds := kinds_in_words(lead.kinds):
        yield fence("edits tried, by kind", kinds)
    if lead.suspects:
        suspects = "\n".join(suspects_in_lines(lead.suspects[:SHOWN]))
        yield fence("lines it suspects, most suspicious first", suspects)
    known = {earlier.diff.strip() for earlier in tried}
    plausible = [diff for diff in lead.plausible if diff.strip() not in known]
    for diff in plausible[:DIFFS]:
        yield fence(
            "an edit with which the tests passed in the search, not judged to be right", excerpt(diff, DIFF_LIMIT)
        )
    for diff in lead.partial[:DIFFS]:
        yield fence("an edit with which some failing test passed and none broke", excerpt(diff, DIFF_LIMIT))


def _told(tried: Tried) -> str:
    diff = tried.diff.strip() or "(no change)"
    return "\n".join(
        (
            fence(f"answer {tried.number}, as a diff", excerpt(diff, DIFF_LIMIT)),
            fence(f"what was wrong with answer {tried.number}", excerpt(tried.failure, EARLIER_LIMIT)),
        )
    )


def _fenced(pieces: Iterable[Piece]) -> str:
    return "\n\n".join(piece.fenced for piece in pieces)
