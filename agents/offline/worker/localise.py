"""Where the fault may be: Ochiai's and DStar's formulas over the lines that each test ran, and what the tracebacks name."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from .sources import FEW

FARTHEST = 5.0
"""Bits that the least suspicious line costs more than the most suspicious one."""
IMPORTED = 0.35
"""Share of its suspicion that is left to a line that runs while the file is imported, and so in every test."""
NAMED = 1.0
"""Bits off for a line that a failing test's traceback names."""

Line = tuple[str, int]


@dataclass(frozen=True)
class Spectrum:
    """The lines that one test ran, and how it ended."""

    passed: bool
    lines: frozenset[Line]
    traceback: tuple[Line, ...] = ()
    """Lines of the files handed in that the failure passed through, innermost last."""


@dataclass
class Suspicion:
    """How suspicious each line is, from 0 to 1, and which ones a traceback names."""

    scores: dict[Line, float] = field(default_factory=dict)
    named: frozenset[Line] = frozenset()
    everywhere: bool = False
    """No test got as far as running anything, so that every line may be at fault."""

    @cached_property
    def _highest(self) -> float:
        return max(self.scores.values())

    def of(self, path: str, line: int) -> float:
        return self.scores.get((path, line), 0.0)

    def by_file(self, paths: Collection[str]) -> dict[str, float]:
        """The files in which something may be at fault, with bits that no node of theirs is cheaper than.

        Where they are few, all of them are among them from the beginning.
        """
        if len(paths) <= FEW:
            return dict.fromkeys(paths, -NAMED)
        best: dict[str, float] = {}
        for (path, _), score in self.scores.items():
            if score > best.get(path, 0.0) and path in paths:
                best[path] = score
        return {path: self._bits(score) - NAMED for path, score in best.items()}

    def _bits(self, score: float) -> float:
        return min(FARTHEST, -1.5 * math.log2(score / self._highest))

    def price(self, path: str, first: int, last: int) -> float | None:
        """Bits for the most suspicious line from *first* to *last*; None where it cannot be any of them."""
        best = max((self.scores.get((path, line), 0.0) for line in range(first, last + 1)), default=0.0)
        if best <= 0:
            return FARTHEST if self.everywhere else None
        price = self._bits(best)
        near = any((path, line) in self.named for line in range(first, last + 1))
        return price - (NAMED if near else 0.0)

    def weighed(self, mending: Mapping[Line, float]) -> Suspicion:
        """The same after a search: *mending* says how far, from 0 to 1, changes at a line mended what fails.

        A line at which something could be mended comes before those at which nothing could (Papadakis and Le Traon 2015).
        """
        scores = {line: (score + 3 * mending.get(line, 0.0)) / 4 for line, score in self.scores.items()}
        scores |= {line: 3 * share / 4 for line, share in mending.items() if line not in scores}
        return Suspicion(scores, self.named, self.everywhere)

    def top(self, count: int = 5) -> list[tuple[str, int, float]]:
        """The most suspicious lines."""
        order = sorted(self.scores.items(), key=lambda item: (-item[1], item[0] not in self.named, item[0]))
        return [(path, line, score) for (path, line), score in order[:count]]


def ochiai(failed_here: int, passed_here: int, failed: int) -> float:
    """Ochiai's coefficient (Abreu et al. 2006): 1 where exactly the failing tests run the line."""
    if not failed_here:
        return 0.0
    return failed_here / math.sqrt(failed * (failed_here + passed_here))


def dstar(failed_here: int, passed_here: int, failed: int) -> float:
    """DStar with the exponent 2 (Wong et al. 2014), brought to 0 to 1: 1 where exactly the failing tests run the line."""
    others = passed_here + failed - failed_here
    return failed_here**2 / (failed_here**2 + others) if failed_here else 0.0


def _formulas(failed_here: int, passed_here: int, failed: int) -> float:
    """The mean of both: DStar prefers lines that all failing tests run, Ochiai those that no passing one does."""
    return (ochiai(failed_here, passed_here, failed) + dstar(failed_here, passed_here, failed)) / 2


def localise(
    spectra: Sequence[Spectrum],
    *,
    lines: Container[str],
    imported: frozenset[Line] = frozenset(),
    passed: Mapping[Line, int] | None = None,
    passing: int = 0,
) -> Suspicion:
    """Suspicion from what the tests ran; *lines* are the paths handed in.

    *imported* are the lines that run when the files are imported, and which are no less a part of every test for it.
    *passed* says of lines that failing tests run how many more passing ones do, of *passing* in all.
    """
    failing = [s for s in spectra if not s.passed]
    hit = [s for s in failing if s.lines]
    named = frozenset(line for s in failing for line in s.traceback)
    if not hit:
        scores = dict.fromkeys(named, 1.0)
        return Suspicion(scores, named, everywhere=True)
    scores = {}
    failed_here = Counter(line for s in hit for line in s.lines)
    passed_here = Counter(line for s in spectra if s.passed for line in s.lines if line in failed_here)
    passed_here.update(passed or {})
    every = _formulas(len(hit), passing + sum(s.passed for s in spectra), len(hit))
    for line in failed_here.keys() | imported:
        if line[0] not in lines:
            continue
        if line not in failed_here:
            scores[line] = IMPORTED * every
        else:
            scores[line] = _formulas(failed_here[line], passed_here[line], len(hit))
    return Suspicion(scores, named)
