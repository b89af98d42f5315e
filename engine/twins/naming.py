"""What pytest may call the functions of a file: methods are also named after the classes of the file that inherit them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence

Function = ast.FunctionDef | ast.AsyncFunctionDef
Without = Callable[[Function | ast.ClassDef], bool]


def named_in(body: Sequence[ast.stmt], *, without: Without) -> Iterator[tuple[Function, tuple[str, ...]]]:
    """Each function of a file and of its classes, but for those that *without* says no to, with its own name first."""
    yield from _in_body(body, lambda _: ("",), without)


def _in_body(
    body: Sequence[ast.stmt], prefixes: Callable[[str], tuple[str, ...]], without: Without
) -> Iterator[tuple[Function, tuple[str, ...]]]:
    """*prefixes* are those of the name of what stands in *body*."""
    # of two with one name, the later is meant
    last = {node.name: node for node in body if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))}
    classes = {name: node for name, node in last.items() if isinstance(node, ast.ClassDef)}
    for name, node in last.items():
        if without(node):
            continue
        if isinstance(node, ast.ClassDef):
            yield from _in_body(node.body, _below(prefixes(name), name, classes), without)
        else:
            yield node, tuple(f"{prefix}{name}" for prefix in prefixes(name))


def _below(
    prefixes: tuple[str, ...], name: str, classes: Mapping[str, ast.ClassDef]
) -> Callable[[str], tuple[str, ...]]:
    def of(function: str) -> tuple[str, ...]:
        heirs = (name, *_heirs(name, function, classes))
        return tuple(f"{prefix}{heir}::" for prefix in prefixes for heir in heirs)

    return of


def _heirs(name: str, function: str, classes: Mapping[str, ast.ClassDef]) -> Iterator[str]:
    """Classes that have the *function* of the one called *name*: it is their first base, or that of one of these."""
    for heir, node in classes.items():
        first = node.bases[0] if node.bases else None
        if heir != name and isinstance(first, ast.Name) and first.id == name and function not in _bound_in(node):
            yield heir
            yield from _heirs(heir, function, {other: each for other, each in classes.items() if other != name})


def _bound_in(node: ast.ClassDef) -> set[str]:
    """Names that anything in the body of a class may give a meaning of its own."""
    found = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)}
    return found | {
        inner.name for inner in ast.walk(node) if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
