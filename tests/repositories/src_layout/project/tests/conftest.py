from datetime import date

import pytest

from ledger import Book


@pytest.fixture
def book() -> Book:
    book = Book()
    book.add(date(2025, 1, 1), 1_000, "fees")
    book.add(date(2025, 1, 31), -250, "hall")
    book.add(date(2025, 2, 14), 4_200, "party")
    book.add(date(2025, 12, 31), 77, "interest")
    return book
