"""A list of bookings that can be asked for those of a period."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from ledger.periods import Period


@dataclass(frozen=True)
class Booking:
    day: date
    cents: int
    purpose: str = ""


@dataclass
class Book:
    bookings: list[Booking] = field(default_factory=list)

    def add(self, day: date, cents: int, purpose: str = "") -> None:
        self.bookings.append(Booking(day, cents, purpose))

    def within(self, period: Period) -> Iterator[Booking]:
        return (booking for booking in self.bookings if period.holds(booking.day))
