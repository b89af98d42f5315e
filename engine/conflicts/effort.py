"""How much work the search for contradictions may be: counted in steps, so that it ends alike on every machine."""

from __future__ import annotations

LONGEST_FILE = 400_000
"""Characters of a frozen file; a longer one is not looked at."""
LONGEST_IN_ALL = 1_000_000
MOST_STEPS = 120_000
"""Syntax nodes visited, in all; about a second."""
MOST_ROWS = 400
"""Rows of a table that are followed, and so instances of one parametrised test."""
MOST_ALIKE = 60
"""Claims on the same call that are compared with each other."""


class Unknown(Exception):
    """What an expression is cannot be told without running code."""


class TooMuch(Exception):
    """The steps are used up; what was found so far stands."""


class Effort:
    """Counts the steps of one search."""

    def __init__(self, steps: int = MOST_STEPS) -> None:
        self._left = steps

    def spend(self, steps: int = 1) -> None:
        """Raises `TooMuch` where none are left."""
        self._left -= steps
        if self._left < 0:
            raise TooMuch
