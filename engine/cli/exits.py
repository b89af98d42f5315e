"""Exit codes of the command, fixed so that scripts can rely on them."""

from __future__ import annotations

VERIFIED = 0
"""Verified; for `run`: the program exited 0."""
NOT_VERIFIED = 1
"""No fix, red, unverified; for `run`: the program failed."""
MISUSE = 2
"""Wrong usage or bad input; nothing was run and nothing was written."""
ENVIRONMENT = 3
"""The machinery failed; nothing was learnt about the code."""
OF_A_SIGNAL = 128
"""Added to the number of the signal that stopped the command: 130 for SIGINT, 143 for SIGTERM."""


def for_outcome(outcome: str | None) -> int:
    """The exit code that says *outcome*, one of the words a run ends with."""
    if outcome == "verified":
        return VERIFIED
    return ENVIRONMENT if outcome == "environment" else NOT_VERIFIED
