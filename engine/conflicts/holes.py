"""Conditions over a hole: with something put into it, and as a person would write them."""

from __future__ import annotations

import ast

from engine.conflicts.allowed import APPROX
from engine.conflicts.evaluating import HOLE


def put(condition: ast.expr, came: ast.expr) -> ast.expr:
    """*condition* with *came* in its hole."""
    filled = _put(condition, came)
    return filled if isinstance(filled, ast.expr) else condition


def _put(node: ast.AST, came: ast.expr) -> ast.AST:
    if isinstance(node, ast.Name) and node.id == HOLE:
        return came
    made = type(node)()
    for name, value in ast.iter_fields(node):
        several = isinstance(value, list)
        filled = [_put(each, came) if isinstance(each, ast.AST) else each for each in (value if several else [value])]
        setattr(made, name, filled if several else filled[0])
    return made


def show(condition: ast.expr | None, it: str) -> str:
    """*condition* as a person would write it, with *it* in its hole."""
    if condition is None:
        return it
    if isinstance(condition, ast.Name) and condition.id == HOLE:
        return f"{it} is true"
    return shorten(ast.unparse(condition).replace(HOLE, it).replace(APPROX, "approx"))


def shorten(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:120]} ... {text[-60:]}"
