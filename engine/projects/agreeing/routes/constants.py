"""Texts that Python code names instead of writing them out."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from engine.projects.agreeing.python.modules import Modules
from engine.projects.agreeing.python.source import Source

_MOST_DEPTH = 4
_MOST_PARTS = 8


def text_of(source: Source, node: ast.expr | None, modules: Modules, depth: int = 0) -> str | None:
    """The text that *node* surely is; None where that is not sure."""
    if depth > _MOST_DEPTH:
        return None
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values) if len(values) <= _MOST_PARTS:
            inner = [each.value if isinstance(each, ast.FormattedValue) else each for each in values]
            return _joined([text_of(source, each, modules, depth + 1) for each in inner])
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _joined([text_of(source, each, modules, depth + 1) for each in (left, right)])
        case ast.Name(id=name) if source.bound[name] == 1:
            match modules.defined(place_of(source), name):
                case (where, ast.Assign(targets=[ast.Name()], value=value) | ast.AnnAssign(value=value)):
                    return text_of(where, value, modules, depth + 1)
    return None


def _joined(parts: Sequence[str | None]) -> str | None:
    return None if None in parts else "".join(part or "" for part in parts)


def place_of(source: Source) -> str:
    return source.path.removesuffix(".py").removesuffix("/__init__")
