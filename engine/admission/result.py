"""What came of generated tests: which were kept and by what, which were dropped and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from engine.domain import Value

By = Literal["red before green", "kills a mutant"]
Why = Literal["fails on the code", "skipped", "proves nothing", "flaky", "contradicts"]


class Kept(Value):
    """A test that has been seen to be red on code that is wrong."""

    test: str
    """``path::Class::function``, without parameters."""
    by: By
    detail: str
    """The first mutant that it kills, or how it ended on the earlier code."""


class Dropped(Value):
    """A test, or a whole file in which no test could be found, that does not count."""

    test: str
    why: Why
    detail: str = ""


class Admission(Value):
    """What became of every test."""

    kept: tuple[Kept, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    mutants: int = 0
    """Mutants that were tried."""
    files: Mapping[str, str] = {}
    """The files as handed in, without the dropped tests; a file in which no test is left is not among them."""
    seconds: float = 0.0
