"""How long an answer the rest of a budget pays for, and how long it may take to come."""

from __future__ import annotations

from collections.abc import Sequence

from agents.base import Allowance, Message
from agents.errors import TooDear
from agents.prices import Price

SHORTEST = 1_024
"""An answer cut below this many tokens is of no use."""
LONGEST = 32_000
"""Enough for the thinking and the edits of one answer."""
_CHARACTERS_PER_TOKEN = 4
"""What vendors give as a rule of thumb; code has fewer, so that this estimate is a low one."""

_KEPT_BACK = 1.0
"""Seconds of an allowance, so that it can be told that there is no answer before the run's own clock ends it."""


def in_time(allowance: Allowance) -> float:
    """Seconds within which an answer has to be there."""
    return allowance.seconds - min(_KEPT_BACK, allowance.seconds / 20)


def output_ceiling(author: str, messages: Sequence[Message], allowance: Allowance, price: Price | None) -> int:
    """The most output tokens to ask for.

    Raises:
        TooDear: What is left does not pay for the question and even a short answer.
    """
    asked = sum(len(message.content) for message in messages) // _CHARACTERS_PER_TOKEN
    ceiling = LONGEST
    if allowance.tokens is not None:
        ceiling = min(ceiling, allowance.tokens - asked)
        if ceiling < SHORTEST:
            raise TooDear(
                author,
                f"{max(0, allowance.tokens)} tokens are left, and the question alone takes about {asked}",
                hint="allow more with MENDBOX_TOKENS",
            )
    if allowance.usd is not None and price is not None and price.output > 0:
        # The cache may make the question cheaper; not to count on it keeps the budget.
        left = allowance.usd - asked * price.input / 1_000_000
        ceiling = min(ceiling, int(left * 1_000_000 / price.output))
        if ceiling < SHORTEST:
            raise TooDear(
                author,
                f"{max(0.0, allowance.usd):.4f} USD are left, too little for another answer",
                hint="allow more with MENDBOX_USD",
            )
    return ceiling
