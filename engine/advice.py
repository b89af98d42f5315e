"""One sentence on what the person can do next, for every way a run can end."""

from __future__ import annotations

from agents.base import Lead
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


_MODEL = "set OPENAI_API_KEY or ANTHROPIC_API_KEY, and a model goes on from here"
_AFTER_SEARCH = {
    "time": f"Allow more with --seconds, make the tests quicker, or {_MODEL}.",
    "ideas": f"More time would not help this search. Look at the suspicious lines, or {_MODEL}.",
    "memory": f"Allow more memory with MENDBOX_MEMORY_MIB, or {_MODEL}.",
    "cut off": f"The search broke off, which is a fault of Mendbox worth reporting; {_MODEL}.",
}


def after_search(lead: Lead, *, drafts: bool) -> str:
    """What the person can do next where a search, as *lead* tells, mended nothing; *drafts*: some of its were turned down."""
    if drafts:
        return f"See with `mendbox show` why the edits that were found did not count; give more tests, or {_MODEL}."
    return _AFTER_SEARCH[lead.ending]
