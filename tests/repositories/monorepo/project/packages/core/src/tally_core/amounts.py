"""An amount in the smallest unit of its currency."""

from __future__ import annotations

from dataclasses import dataclass

DIGITS = {"EUR": 2, "JPY": 0, "KWD": 3}


@dataclass(frozen=True)
class Amount:
    units: int
    currency: str

    def __add__(self, other: Amount) -> Amount:
        if other.currency != self.currency:
            raise ValueError(f"{other.currency} cannot be added to {self.currency}")
        return Amount(self.units + other.units, self.currency)


def parse(text: str, *, currency: str) -> Amount:
    """The amount that *text* says, such as ``12.5``, in the units of *currency*."""
    whole, _, part = text.strip().partition(".")
    digits = DIGITS[currency]
    if len(part) > digits:
        raise ValueError(f"{text!r} is finer than {currency} is")
    return Amount(int(whole + part.ljust(digits, "0")), currency)
