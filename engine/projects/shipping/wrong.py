"""A finding about a deployment file."""

from __future__ import annotations

from collections.abc import Iterable

from engine.domain import Finding

CHECK = "shipping"
_MOST = 600
"""Characters of a message: what it names was written by others."""


def wrong(path: str, line: int | None, rule: str, message: str) -> Finding:
    """*message* says what is wrong and what to write instead."""
    said = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in message)
    return Finding(check=CHECK, rule=rule, path=path, line=line, message=said[:_MOST])


def listed(names: Iterable[str], most: int = 8) -> str:
    """*names* for a message, the first *most* of them."""
    shown = sorted(names)
    return ", ".join(shown[:most]) + (" ..." if len(shown) > most else "") if shown else "none"
