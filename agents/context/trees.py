"""Source text as a syntax tree, or None: a project may hold any text."""

from __future__ import annotations

import ast
import warnings

_LONGEST = 1_000_000
"""Characters of a file that is parsed."""


def parse(text: str) -> ast.Module | None:
    """The tree of the Python source *text*; None where it has none, or is too long."""
    if len(text) > _LONGEST:
        return None
    with warnings.catch_warnings():
        # what the compiler thinks of somebody's string literals is not ours to print
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
