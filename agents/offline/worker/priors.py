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


class _Edits:
    """The very edits that are known, of one kind of repair or of any."""

    def __init__(self) -> None:
        self.bits: dict[tuple[str, str], float] = {}
        self.least = 0.0
        self._marks: re.Pattern[str] | None = None
        self._take_away = False

    def add(self, words: tuple[str, str], bits: float) -> None:
        self.bits[words] = bits
        self.least = min(self.least, bits)
        # most candidates have none of these words, which is told many times faster than what their words are
        marks = {max(new.split(), key=len) for _, new in self.bits if new}
        self._marks = re.compile("|".join(map(re.escape, sorted(marks)))) if marks else None
        self._take_away = any(not new for _, new in self.bits)

    def may_have(self, change: Change, *, shorter: bool) -> bool:
        if self._take_away and shorter:
            return True
        return self._marks is not None and any(self._marks.search(e.text) for e in change.edits)


class Priors:
    """The shifts that count for one kind of failure."""

    def __init__(self, shifts: Iterable[Shift] = (), failure: str = "") -> None:
        self._kinds: dict[str, float] = {}
        self._edits: dict[str, _Edits] = {}
        # what is known of this very failure stands above what is known of all
        for shift in sorted((s for s in shifts if s.failure in ("", failure)), key=lambda s: s.failure != ""):
            bits = max(MOST_LIKELY, min(LEAST_LIKELY, shift.bits))
            if shift.old or shift.new:
                self._edits.setdefault(shift.template, _Edits()).add(difference(shift.old, shift.new), bits)
            else:
                self._kinds[shift.template] = bits

    def __bool__(self) -> bool:
        return bool(self._kinds or self._edits)

    def least(self, template: str) -> float:
        """The least that `bits` adds for any change of this kind."""
        return self._kinds.get(template, 0.0) + min((e.least for e in self._known(template)), default=0.0)

    def bits(self, change: Change, text: str) -> float:
        """What is added to the price of *change* to the file *text*."""
        bits = self._kinds.get(change.template, 0.0)
        known = self._known(change.template)
        if not known or not change.edits:
            return bits
        start, end = min(e.start for e in change.edits), max(e.end for e in change.edits)
        came = sum(len(e.text) for e in change.edits)
        if end - start > LONGEST or came > LONGEST:
            return bits
        if not any(edits.may_have(change, shorter=came < end - start) for edits in known):
            return bits
        words = difference(text[start:end], apply(text[:end], change.edits)[start:])
        return bits + min(edits.bits.get(words, 0.0) for edits in known)

    def _known(self, template: str) -> list[_Edits]:
        """Edits known of this kind, and those that are known of any."""
        return [self._edits[name] for name in (template, "") if name in self._edits]
