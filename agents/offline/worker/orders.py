"""What a stage is asked for and what it answers: how each test went, how a batch is to be run, how a candidate did."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from .failure import Failure
from .kinds import Kinds

UNTRIED, RED, GREEN, SLOW, _, UNFIT = range(6)
MOVED, FOUND, SPOILT, BROKEN, CUT = 1, 2, 4, 8, 16
COUNTED = 32


@dataclass
class Profile:
    """How one test ended on the code as handed in."""

    id: str
    passed: bool
    lines: set[tuple[str, int]] = field(default_factory=set)
    steps: int = 0
    hung: bool = False
    skipped: bool = False
    failure: Failure | None = None
    seconds: float = 0.0
    kinds: Kinds = field(default_factory=dict)
    mask: int = 0
    """The lines by `Reach`, where only that was looked at."""
    shared: tuple[str, ...] = ()
    """Fixtures of the session that were made for it; see `sharing`."""
    modules: tuple[str, ...] = ()
    """Those that it imported before all other tests of its process."""
    own: tuple[str, ...] = ()
    """The same of the task's own."""


@dataclass
class Collected:
    """What collecting found."""

    ids: list[str]
    failures: list[Failure]
    lines: set[tuple[str, int]]
    """Lines that ran while the files were imported."""
    seconds: float = 0.0
    """What it took."""


@dataclass(frozen=True)
class Score:
    """How one candidate did."""

    status: int
    green: int
    """Failing tests that it turned green, a bit for each of the first `COUNTED`; up to the first red one, unless thorough."""
    killer: int
    """Index of the test that ended it."""
    moved: int = 0
    """`MOVED` where that test failed in another way than on the files as handed in, `FOUND` where another test that
    failed for want of something is green, `BROKEN` with it where a passing test is red; `CUT` where it is green, and passing tests that it may break were left out."""


@dataclass(frozen=True)
class Orders:
    """How a batch is to be run."""

    failing: list[int]
    """Tests by index."""
    passing: list[int]
    budgets: dict[int, int]
    """Steps that each test may take."""
    cpu: float
    """Seconds of work that one candidate may take."""
    each: float
    """Seconds of wall clock that one candidate may take."""
    bare: bool
    """Whether candidates may signal nobody, and failed assertions say nothing."""
    apart: bool
    """Whether also those have a process each that are known to leave nothing behind."""
    wall: float
    """Seconds for the whole batch."""
    bound: float = math.inf
    """Seconds, by what they took before, of the passing tests that one candidate is run against."""
    thorough: bool = False
    """Run all failing tests of each candidate, to see what it mends of several faults."""


@dataclass(frozen=True)
class Manner:
    """How the tests may be run without changing what comes out."""

    ordered: bool = True
    """Only as they stand."""
    bare: bool = False
    """Where they may signal nobody, and failed assertions say nothing."""


@dataclass
class Lineup:
    """The tests by index, in the order in which the next candidate meets them."""

    failing: list[int]
    passing: list[int]

    def hurry(self, score: Score) -> None:
        """Put what ended this candidate first: it is likely to end the next."""
        order = self.failing if score.killer in self.failing else self.passing
        if score.status in (RED, SLOW) and score.killer in order:
            order.remove(score.killer)
            order.insert(0, score.killer)
