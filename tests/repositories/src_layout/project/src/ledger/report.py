"""Sums by month, for the treasurer."""

from __future__ import annotations

from ledger.book import Book
from ledger.periods import month


def monthly(book: Book, year: int) -> dict[int, int]:
    """Cents by number of the month; months without a booking are left out."""
    sums: dict[int, int] = {}
    for number in range(1, 13):
        booked = list(book.within(month(year, number)))
        if booked:
            sums[number] = sum(booking.cents for booking in booked)
    return sums


def as_text(sums: dict[int, int]) -> str:
    return "\n".join(f"{number:02d} {cents / 100:10.2f}" for number, cents in sorted(sums.items()))
