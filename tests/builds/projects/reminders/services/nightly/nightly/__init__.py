"""What is out too long."""

from collections.abc import Iterable

DAYS = 14


def overdue(loans: Iterable[dict]) -> list[int]:
    """Ids of those that are out for more than 14 days, and not marked yet."""
    return [loan["id"] for loan in loans if loan["days"] > DAYS and not loan["overdue"]]
