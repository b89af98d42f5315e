"""Sums of a statement, whose lines are ``PURPOSE AMOUNT CURRENCY``."""

from __future__ import annotations

from collections.abc import Iterable

from tally_core import Amount, parse


def read(line: str) -> tuple[str, Amount]:
    purpose, text, currency = line.rsplit(maxsplit=2)
    return purpose, parse(text, curency=currency)


def total(lines: Iterable[str], currency: str) -> Amount:
    """Sum of all lines, which have to be in *currency*."""
    amounts = [amount for _, amount in map(read, lines)]
    return sum(amounts, start=Amount(0, currency))
