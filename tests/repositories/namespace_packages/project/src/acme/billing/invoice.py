"""Invoices as plain records, for whoever reads them."""

from __future__ import annotations

from collections.abc import Iterable


def invoice(number: int, lines: Iterable[tuple[str, int]]) -> dict[str, object]:
    """A record of *lines*, each a text and its cents."""
    lines = list(lines)
    return {
        "number": number,
        "lines": lines,
        "amount_due": sum(cents for _, cents in lines),
        "paid": False,
    }


def pay(record: dict[str, object]) -> dict[str, object]:
    return {**record, "amount_due": 0, "paid": True}
