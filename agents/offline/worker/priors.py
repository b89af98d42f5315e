"""What earlier repairs say of a candidate: bits by its kind and by the very words that it changes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .edits import Change, apply
from .words import difference

MOST_LIKELY, LEAST_LIKELY = -6.0, 2.0
"""Bounds of one shift: a candidate comes earlier or later by it, and is never kept from its turn."""
LONGEST = 240
"""Characters of a changed stretch above which its words are not compared."""


@dataclass(frozen=True)
class Shift:
    """As `agents.base.Shift`."""

    failure: str
    template: str
    old: str
    new: str
    bits: float

    @classmethod
    def read(cls, data: dict[str, Any]) -> Shift:
        failure, template, old, new = (str(data.get(name, "")) for name in ("failure", "template", "old", "new"))
        return cls(failure, template, old, new, float(data["bits"]))


class Priors:
    """The shifts that count for one kind of failure."""

    def __init__(self, shifts: Iterable[Shift] = (), failure: str = "") -> None:
        self._kinds: dict[str, float] = {}
        self._texts: dict[tuple[str, str], float] = {}
        # what is known of this very failure stands above what is known of all
        for shift in sorted((s for s in shifts if s.failure in ("", failure)), key=lambda s: s.failure != ""):
            bits = max(MOST_LIKELY, min(LEAST_LIKELY, shift.bits))
            if shift.old or shift.new:
                self._texts[difference(shift.old, shift.new)] = bits
            else:
                self._kinds[shift.template] = bits
        # most candidates have none of these words, which is told many times faster than what their words are
        marks = {max(new.split(), key=len) for _, new in self._texts if new}
        self._marks = re.compile("|".join(map(re.escape, sorted(marks))) if marks else r"(?!)")
        self._takes_away = any(not new for _, new in self._texts)

    def __bool__(self) -> bool:
        return bool(self._kinds or self._texts)

    def least(self, template: str) -> float:
        """The least that `bits` adds for any change of this kind."""
        return self._kinds.get(template, 0.0) + min(0.0, *self._texts.values(), 0.0)

    def bits(self, change: Change, text: str) -> float:
        """What is added to the price of *change* to the file *text*."""
        bits = self._kinds.get(change.template, 0.0)
        if not self._texts or not change.edits:
            return bits
        start, end = min(e.start for e in change.edits), max(e.end for e in change.edits)
        came = sum(len(e.text) for e in change.edits)
        if end - start > LONGEST or came > LONGEST:
            return bits
        shorter = self._takes_away and came < end - start
        if not shorter and not any(self._marks.search(e.text) for e in change.edits):
            return bits
        new = apply(text[:end], change.edits)[start:]
        return bits + self._texts.get(difference(text[start:end], new), 0.0)
