"""Spans of days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Period:
    """Days from *first* to *last*, both of them included."""

    first: date
    last: date

    def holds(self, day: date) -> bool:
        return self.first <= day < self.last


def month(year: int, number: int) -> Period:
    """All days of one month."""
    first = date(year, number, 1)
    following = date(year + number // 12, number % 12 + 1, 1)
    return Period(first, following - timedelta(days=1))
