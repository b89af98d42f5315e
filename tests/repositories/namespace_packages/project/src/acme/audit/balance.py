"""What is still to come in, over all invoices."""

from __future__ import annotations

from collections.abc import Iterable


def outstanding(records: Iterable[dict[str, object]]) -> int:
    """Cents that are due in all."""
    return sum(record["amount"] for record in records if not record["paid"])


def largest(records: Iterable[dict[str, object]]) -> int:
    """Cents of the largest invoice that is not paid; 0 where all are."""
    return max((record["amount_due"] for record in records if not record["paid"]), default=0)
