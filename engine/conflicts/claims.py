"""What contradicts what: two claims, each with the place that makes it."""

from __future__ import annotations

from engine.domain import Value

GOAL = "the goal"
PYTHON = "Python"
PYTEST = "pytest"


class Claim(Value):
    """What one place demands."""

    where: str
    """``path:line``, `GOAL`, `PYTHON` or `PYTEST`."""
    says: str


class Conflict(Value):
    """Two claims that no code can satisfy together."""

    between: tuple[Claim, Claim]
    why: str
    """Why they cannot both hold, as the end of a sentence."""

    @property
    def summary(self) -> str:
        """Both places and both claims, in one sentence."""
        one, other = self.between
        return f"No code can pass: {one.where} says {one.says}, but {other.where} says {other.says}; {self.why}."

    @property
    def next_step(self) -> str:
        """What a person can do about it."""
        one, other = (claim.where for claim in self.between)
        if other == PYTHON:
            return f"Mend the assertion at {one}: nothing that the code does can make it true."
        if other == PYTEST:
            return f"Define that fixture in the test file or in a conftest.py, or take it out of {one}."
        return f"Decide which of the two is right, {one} or {other}, change the other one, and run again."
