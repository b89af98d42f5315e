"""Whom to remind."""

from collections.abc import Iterable


def due(loans: Iterable[dict]) -> list[int]:
    """Ids of those that are overdue, and were never reminded of."""
    return [loan["id"] for loan in loans if loan["overdue"] and not loan["reminders"]]
