"""Which plausible patch is likeliest right: its price, and what the patched file looks like."""

from __future__ import annotations

import ast
import re

from .edits import Change, apply
from .source import FUNCTIONS, Source

IN_WORDS = -0.7
"""The names that come in are words of the file's own docstrings and comments."""
DEAD = 2.0
"""A variable that was read is only assigned now."""
CONSTANT = 2.0
"""A condition can no longer go both ways."""


def rank(source: Source, change: Change) -> float:
    """Bits: the lower, the better."""
    try:
        after = Source(source.path, apply(source.text, change.edits))
    except (SyntaxError, ValueError):
        return change.bits
    bits = change.bits
    if new_words(change) & prose(source):
        bits += IN_WORDS
    if unread(after) - unread(source):
        bits += DEAD
    if constants(after) > constants(source):
        bits += CONSTANT
    return bits


def new_words(change: Change) -> set[str]:
    return {w.lower() for edit in change.edits for w in re.findall(r"[A-Za-z]{3,}", edit.text)}


def prose(source: Source) -> set[str]:
    """Words of docstrings and comments."""
    texts = [match.group() for match in re.finditer(r"#.*", source.text)]
    texts += [
        n.value
        for n in ast.walk(source.tree)
        if isinstance(n, ast.Constant) and isinstance(n.value, str) and isinstance(source.parents[n], ast.Expr)
    ]
    return {word.lower() for text in texts for word in re.findall(r"[A-Za-z]{3,}", text)}


def unread(source: Source) -> set[tuple[str, str]]:
    """Function and variable, where the function assigns it and nothing in it reads it."""
    found = set()
    for function in ast.walk(source.tree):
        if isinstance(function, FUNCTIONS):
            names = [n for n in ast.walk(function) if isinstance(n, ast.Name)]
            read = {n.id for n in names if isinstance(n.ctx, ast.Load)}
            parameters = {a.arg for a in function.args.args if a.arg not in ("self", "cls")}
            found |= {(function.name, n) for n in ({n.id for n in names} | parameters) - read if not n.startswith("_")}
    return found


def constants(source: Source) -> int:
    """Conditions that are constant or compare a thing with itself."""
    count = 0
    for node in ast.walk(source.tree):
        test = getattr(node, "test", None)
        if isinstance(test, ast.Constant) or (
            isinstance(node, ast.Compare) and ast.dump(node.left) == ast.dump(node.comparators[0])
        ):
            count += 1
    return count
