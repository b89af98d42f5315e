"""Who has to be reminded."""

from __future__ import annotations

from collections.abc import Iterable


def overdue(records: Iterable[dict[str, object]]) -> list[int]:
    """Numbers of the invoices that are not paid."""
    return [record["number"] for record in records if not record["paid"]]
