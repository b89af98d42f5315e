"""Amounts of money, exactly."""

from tally_core.amounts import Amount, parse

__all__ = ["Amount", "parse"]
