"""Other values: of the same type where there is one, and different beyond any tolerance that an honest comparison has."""

from __future__ import annotations

import ast
import math

FAR = 1009
"""A prime that tests hardly ever use, added to numbers that are tripled before."""


def other(value: object) -> object:  # noqa: C901, PLR0911 (one case a type)
    """A value that nothing that equals *value* equals. *value* is what a literal gives."""
    match value:
        case bool():
            return not value
        case int():
            return value * 3 + FAR
        case float():
            return value * 3 + FAR + 0.5 if math.isfinite(value) else 0.5
        case complex():
            return value * 3 + FAR
        case str():
            return f"{value}~"
        case bytes():
            return value + b"~"
        case list() | tuple():
            changed = [*value[:-1], other(value[-1])] if value else [FAR]
            return changed if isinstance(value, list) else tuple(changed)
        case dict():
            if not value:
                return {FAR: FAR}
            last = next(reversed(value))
            return {**value, last: other(value[last])}
        case set():
            return {*value, FAR}
        case _:
            return FAR


def literal(node: ast.expr) -> tuple[object] | None:
    """The value of a literal in a tuple of one; None where *node* is no literal."""
    try:
        return (ast.literal_eval(node),)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
