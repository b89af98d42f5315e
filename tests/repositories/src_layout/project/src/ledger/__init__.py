"""Bookings of a small club, by month."""

from ledger.book import Book, Booking
from ledger.report import monthly

__all__ = ["Book", "Booking", "monthly"]
