"""One sentence on what the person can do next, for every way a run can end."""

from __future__ import annotations

from engine.domain import Ending, Reason

_NEXT: dict[tuple[Ending, Reason | None], str] = {
    ("verified", None): "Read the diff, then apply it; on the command line --apply writes it.",
    ("unverified", None): "Supply what is missing, named above, and run again; read the diff before you use it.",
    (
        "no_fix",
        "budget",
    ): "Allow more with --attempts, --seconds or the token and money settings, or narrow the task to fewer files.",
    (
        "no_fix",
        "no_progress",
    ): "Look at the attempts with `mendbox show`; set OPENAI_API_KEY or ANTHROPIC_API_KEY to let a model try, or give a sharper test.",
    ("no_fix", "conflict"): "Mend the tests first: as they stand no code can pass them.",
    ("no_fix", "flaky"): "Make the tests or the code deterministic (seeds, clocks, order), then run again.",
    (
        "no_fix",
        "tampered",
    ): "Do not use the drafts of this run: they interfered with their own tests. Try another author.",
    ("no_fix", "refused"): "The model declined; rephrase the goal, or choose another author with --author.",
    ("no_fix", "red"): "Read the findings, or have it mended: mendbox fix.",
    (
        "environment",
        None,
    ): "Nothing was learnt about the code. Run `mendbox doctor`, put right what it names, and run again.",
    ("cancelled", None): "Go on where it stopped with `mendbox resume` and the run's id.",
}


def next_step(outcome: Ending, reason: Reason | None = None) -> str:
    """What the person can do next."""
    return _NEXT[outcome, reason]
