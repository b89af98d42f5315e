"""What happened in a run, told in one line to a person or a model; nothing that a program wrote breaks out of its line."""

from __future__ import annotations

from engine.domain import Verdict
from engine.events import (
    AttemptEnded,
    AuthorAsked,
    AuthorProgress,
    Event,
    InputJudged,
    Noted,
    Preparing,
    RunEnded,
    RunStarted,
)

MOST_OUTPUT_CHARACTERS = 16_000


def middle_out(text: str) -> str:
    if len(text) <= MOST_OUTPUT_CHARACTERS:
        return text
    half = MOST_OUTPUT_CHARACTERS // 2
    return f"{text[:half]}\n[... {len(text) - 2 * half} characters left out ...]\n{text[-half:]}"


def line(text: str, most: int) -> str:
    """*text* as one line of at most *most* characters."""
    line = " ".join(text[: 4 * most].split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def summary(verdict: Verdict, *, unusable: str = "") -> str:
    if unusable:
        return line(f"unusable reply: {unusable}", 300)
    if verdict.verified:
        return "verified"
    if verdict.green:
        return line(f"green, not proven: {', '.join(proof.name for proof in verdict.proofs if not proof.held)}", 300)
    first = next(iter(verdict.findings), None)
    if first is None:
        return next((line(report.summary, 300) for report in verdict.reports if report.status != "passed"), "red")
    more = len(verdict.findings) - 1
    return line(first.message, 250) + (f" (and {more} more)" if more else "")


def told(event: Event) -> str:  # noqa: PLR0911 (one line for each kind of event)
    match event:
        case RunStarted(run_id=run_id):
            return f"run {run_id} started"
        case Preparing(message=message) | Noted(message=message):
            return line(message, 200)
        case InputJudged(verdict=verdict):
            return f"the code as handed in: {summary(verdict)}"
        case AuthorAsked(number=number, author=author):
            return f"attempt {number}: {author} is at work"
        case AuthorProgress(author=author, message=message):
            return f"{author}: {line(message, 200)}"
        case AttemptEnded(attempt=attempt):
            return f"attempt {attempt.number} by {attempt.draft.author}: {summary(attempt.verdict, unusable=attempt.draft.unusable)}"
        case RunEnded(run=run):
            return f"{run.outcome}: {line(run.summary, 200)}"
