"""Changes that mend a part of what fails: which of them fit together, and which to search on from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from .edits import Change, overlap

MOST_OF_A_SORT = 2
"""Changes that mend the same tests, of which a search goes on from."""
MOST_JOINED = 60
"""Changes whose pairs are tried."""
MOST_PAIRS = 400


@dataclass(frozen=True)
class Part:
    """A change after which less fails, or something else."""

    change: Change
    green: int = 0
    """The failing tests that it turned green, a bit for each."""
    broken: bool = False
    """Whether a test fails that passed before."""
    moved: int = 0
    """How surely something else is missing now: the first of two faults may be mended."""

    @property
    def gain(self) -> int:
        """Tests, and more for what is meant to come off in steps."""
        return self.green.bit_count() - int(self.broken) + 100 * self.moved


class Parts:
    """All that a search has met."""

    def __init__(self) -> None:
        self.found: list[Part] = []
        self._used: set[int] = set()
        self._completed: set[frozenset[int]] = set()

    def add(self, part: Part) -> None:
        self.found.append(part)

    @property
    def cheapest(self) -> float:
        """Bits of the cheapest one that was not gone on from."""
        return min((p.change.bits for p in self.found if id(p) not in self._used), default=float("inf"))

    @property
    def moved(self) -> bool:
        return any(p.moved for p in self.found if id(p) not in self._used)

    def best(self, most: int) -> Iterator[Part]:
        """Up to *most* that were not given before: of those that mend the same only the cheapest."""
        sorts: Counter[tuple[int, int]] = Counter()
        for part in sorted(self.found, key=lambda p: (-p.gain, p.change.bits)):
            sort = (part.green, part.moved)
            if id(part) in self._used or part.gain <= 0 or sorts[sort] >= MOST_OF_A_SORT:
                continue
            sorts[sort] += 1
            self._used.add(id(part))
            most -= 1
            yield part
            if not most:
                return

    def completing(self, every: int, until: float) -> Iterator[tuple[Change, Change]]:
        """Two changes that together turn *every* failing test green, neither of which breaks one, wherever they are: there may
        be a fault in each of two files. Those that are both cheaper than *until*, each pair once, the cheapest first.
        """
        whole = [p for p in self.found if p.green and not p.broken and p.change.bits < until]
        best = sorted(whole, key=lambda p: (-p.gain, p.change.bits))[:MOST_JOINED]
        fitting = [
            (one.change, two.change)
            for one, two in combinations(best, 2)
            if one.green | two.green == every
            and (one.change.path, one.change.line) != (two.change.path, two.change.line)
            and (one.change.path != two.change.path or not overlap(one.change.edits, two.change.edits))
        ]
        for one, two in sorted(fitting, key=lambda pair: pair[0].bits + pair[1].bits):
            pair = frozenset((id(one), id(two)))
            if pair not in self._completed:
                self._completed.add(pair)
                yield one, two

    def pairs(self) -> list[Change]:
        """Two changes of one file at once, those first that mend the most together."""
        best = sorted((p for p in self.found if p.green), key=lambda p: (-p.gain, p.change.bits))[:MOST_JOINED]
        fitting = [
            (one, two)
            for one, two in combinations(best, 2)
            if one.change.path == two.change.path
            and (one.green | two.green) not in (one.green, two.green)
            and not overlap(one.change.edits, two.change.edits)
        ]
        fitting.sort(key=lambda p: (-(p[0].green | p[1].green).bit_count(), p[0].change.bits + p[1].change.bits))
        return [_joined(one.change, two.change) for one, two in fitting[:MOST_PAIRS]]


def _joined(one: Change, two: Change) -> Change:
    return Change(
        one.path,
        one.line,
        f"{one.template}+{two.template}",
        f"{one.note}; {two.note}",
        (*one.edits, *two.edits),
        one.bits + two.bits,
        max(one.suspicion, two.suspicion),
    )
