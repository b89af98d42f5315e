"""Values of constants: what they are made of, and what names get of them."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator

from engine.checks.computing import MOST_TEXT, NotConstant


def bind(target: ast.expr, value: object) -> dict[str, object]:
    """The names of *target* with their parts of *value*.

    Raises:
        NotConstant: They do not fit.
    """
    if isinstance(target, ast.Name):
        return {target.id: value}
    if isinstance(target, (ast.Tuple, ast.List)):
        parts = iterated(value)
        starred = next((n for n, part in enumerate(target.elts) if isinstance(part, ast.Starred)), None)
        if starred is not None:
            after = len(target.elts) - starred - 1
            middle = parts[starred : len(parts) - after]
            parts = [*parts[:starred], middle, *parts[len(parts) - after :]]
        if len(parts) != len(target.elts):
            raise NotConstant
        bound: dict[str, object] = {}
        for inner, part in zip(target.elts, parts, strict=True):
            bound |= bind(inner.value if isinstance(inner, ast.Starred) else inner, part)
        return bound
    raise NotConstant


def atoms(value: object) -> Iterator[object]:
    """The numbers, texts and the like of which *value* is made, in order."""
    waiting: list[Iterator[object]] = [iter((value,))]
    while waiting:
        for inner in waiting[-1]:
            if isinstance(inner, dict):
                waiting.append(itertools.chain.from_iterable(inner.items()))
                break
            if isinstance(inner, (list, tuple, set, frozenset)) and inner:
                waiting.append(iter(inner))
                break
            yield inner if not isinstance(inner, (list, tuple, set, frozenset)) else ()
        else:
            waiting.pop()


def iterated(value: object) -> list[object]:
    """The items of *value*. Raises `NotConstant` where it has none, or too many."""
    if isinstance(value, (str, bytes, list, tuple, set, frozenset, dict)) and len(value) <= MOST_TEXT:
        return list(value)
    raise NotConstant


def hashable(value: object) -> object:
    """*value* as it can be a key or stand in a set, with tuples for lists."""
    if isinstance(value, (list, tuple)):
        return tuple(hashable(inner) for inner in value)
    if isinstance(value, (set, frozenset)):
        return frozenset(hashable(inner) for inner in value)
    if isinstance(value, dict):
        return tuple((hashable(key), hashable(inner)) for key, inner in value.items())
    return value
