"""How many tokens a text is, estimated: no vendor's tokeniser is asked, because each model has another one."""

from __future__ import annotations

import math

CHARACTERS_PER_TOKEN = 3.5
"""Code has fewer characters in a token than prose has; prose is over-estimated by this, which errs to the safe side."""


def tokens(text: str) -> int:
    """About how many tokens a model reads for *text*."""
    return math.ceil(len(text) / CHARACTERS_PER_TOKEN)


def characters(tokens: int) -> int:
    """How long a text of about so many *tokens* is."""
    return int(tokens * CHARACTERS_PER_TOKEN)
