"""Calls over HTTP that code in Python makes in so many words, by httpx or requests."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from engine.projects.agreeing.javascript.requests import ASKING, Request, is_one_part
from engine.projects.agreeing.python.source import Source, written
from engine.projects.agreeing.routes.operations import ANY

_LIBRARIES = frozenset("httpx httpx2 requests".split())
_CLIENTS = ("Client(", "Session(")


def requests_of(source: Source) -> Iterator[Request]:
    """``httpx.get(f"{base}/api/…")``, and the same by a client that the file makes."""
    if not any(name in source.bound for name in _LIBRARIES):
        return
    clients = set(_LIBRARIES) | {name for node in source.nodes for name in _clients(node)}
    for node in source.nodes:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
            continue
        holder = node.func.value
        if node.func.attr in ASKING and isinstance(holder, ast.Name) and holder.id in clients:
            yield from _request(node, node.func.attr)


def _clients(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as made):
            pass
        case ast.withitem(context_expr=ast.Call() as made, optional_vars=ast.Name(id=name)):
            pass
        case _:
            return
    if any(word in f"{written(made.func)}(" for word in _CLIENTS):
        yield name


def _request(node: ast.Call, method: str) -> Iterator[Request]:
    given = node.args[0]
    if not isinstance(given, ast.JoinedStr) or not isinstance(given.values[0], ast.FormattedValue):
        return
    parts = [str(each.value) if isinstance(each, ast.Constant) else ANY for each in given.values]
    base, *others = [written(each.value) for each in given.values if isinstance(each, ast.FormattedValue)]
    yield Request("".join(parts), method.upper(), node.lineno, open_end=not all(map(is_one_part, others)), base=base)
