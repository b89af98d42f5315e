"""A statement as a table."""

from __future__ import annotations

from collections.abc import Iterable

from tabulate import tabulate

from tally_app.statement import read


def table(lines: Iterable[str]) -> str:
    rows = [(purpose, amount.units, amount.currency) for purpose, amount in map(read, lines)]
    return tabulate(rows, headers=("purpose", "units", "currency"))
