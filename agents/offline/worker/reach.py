"""Which passing tests run which of the lines that failing tests run: a candidate there has to be run against those alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from .localise import Line


@dataclass
class Reach:
    """Every line has a bit, and every test a number with the bits of its lines: 5,000 tests fit into a few megabytes."""

    bits: Mapping[Line, int]
    """Number of each line that some failing test runs."""
    masks: dict[int, int] = field(default_factory=dict)
    """By the test's index."""
    seconds: dict[int, float] = field(default_factory=dict)

    @classmethod
    def of(cls, lines: Iterable[Line]) -> Reach:
        return cls({line: number for number, line in enumerate(sorted(lines))})

    def note(self, test: int, mask: int, seconds: float) -> None:
        """A passing test that runs these lines; it counts with none, too, for what is changed elsewhere."""
        self.masks[test], self.seconds[test] = mask, seconds

    def mask(self, lines: Iterable[Line]) -> int:
        found = 0
        for line in lines:
            if line in self.bits:
                found |= 1 << self.bits[line]
        return found

    def between(self, path: str, first: int, last: int) -> int:
        """The mask of some lines of a file, both ends included."""
        return self.mask((path, line) for line in range(first, last + 1))

    def tests(self, mask: int) -> list[int]:
        """Those that run any of these lines, quickest first; all of them where no line is named."""
        found = [test for test, own in self.masks.items() if own & mask or not mask]
        return sorted(found, key=lambda test: self.seconds[test])

    def counts(self) -> Counter[Line]:
        """How many of the tests run each line."""
        lines = {number: line for line, number in self.bits.items()}
        found: Counter[Line] = Counter()
        for mask in self.masks.values():
            found.update(lines[number] for number in _ones(mask))
        return found


def _ones(mask: int) -> Iterator[int]:
    """Numbers of the bits that are set."""
    text = bin(mask)[:1:-1]
    at = text.find("1")
    while at >= 0:
        yield at
        at = text.find("1", at + 1)


def within(tests: Iterable[int], seconds: Mapping[int, float], most: float) -> tuple[list[int], bool]:
    """As many of the *tests*, in their order, as take at most so many seconds; whether some were left out."""
    chosen: list[int] = []
    spent = 0.0
    for test in tests:
        spent += seconds.get(test, 0.0)
        if spent > most and chosen:
            return chosen, True
        chosen.append(test)
    return chosen, False
