"""What names promise: a ``lowest`` that is made by ``max`` is wrong, whatever the tests say."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

_LOW = frozenset(("min", "minimum", "minimal", "low", "lowest", "lower", "smallest", "smaller", "least", "shortest", "fewest", "cheapest", "earliest", "nearest", "closest"))  # fmt: skip
_HIGH = frozenset(("max", "maximum", "maximal", "high", "highest", "higher", "largest", "larger", "biggest", "bigger", "greatest", "most", "longest", "tallest", "latest", "farthest", "peak"))  # fmt: skip
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def contradictions(tree: ast.AST) -> int:
    """How many names promise one end of an order, and are given the other."""
    return sum(given != 0 and _direction(name) == -given for name, given in _given(tree))


def _given(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Names with the end of an order that code gives them: -1 for the lowest, 1 for the highest."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            yield _name(node.targets[0]), _end(node.value)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and inner.value is not None:
                    yield node.name, _end(inner.value)
        elif isinstance(node, ast.If) and isinstance(node.test, ast.Compare) and len(node.test.ops) == 1:
            yield from _kept(node, node.test)


def _kept(node: ast.If, test: ast.Compare) -> Iterator[tuple[str, int]]:
    """``if new < kept: kept = new`` keeps the lowest."""
    sign = {ast.Lt: -1, ast.LtE: -1, ast.Gt: 1, ast.GtE: 1}.get(type(test.ops[0]), 0)
    left, right = ast.dump(test.left), ast.dump(test.comparators[0])
    for inner in node.body:
        if sign and isinstance(inner, ast.Assign) and len(inner.targets) == 1:
            name, value = _name(inner.targets[0]), ast.dump(inner.value)
            if value == left and _name(test.comparators[0]) == name:
                yield name, sign
            elif value == right and _name(test.left) == name:
                yield name, -sign


def _end(value: ast.AST) -> int:
    called = value.func.id if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) else ""
    return {"min": -1, "max": 1}.get(called, 0)


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _direction(name: str) -> int:
    words = {word.lower() for word in _WORD.findall(name)}
    return bool(words & _HIGH) - bool(words & _LOW)
