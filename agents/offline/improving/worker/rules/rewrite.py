"""A safer form of one place, and how to add or change a keyword of a call."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from ....worker.edits import Edit
from ..program import Program


@dataclass(frozen=True)
class Safer:
    edits: tuple[Edit, ...]
    note: str
    on_purpose: str = ""
    """How the behaviour changes, because that is the point; empty where it stays as it was."""


def call(node: ast.AST) -> ast.Call:
    """*node*, which has to be a call. Raises LookupError."""
    if not isinstance(node, ast.Call):
        raise LookupError("no call")
    return node


def dotted(node: ast.expr) -> str:
    """``a.b.c`` as it is written; empty for anything else."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            return f"{before}.{attr}" if (before := dotted(value)) else ""
    return ""


def keyword(node: ast.Call, name: str) -> ast.keyword | None:
    return next((each for each in node.keywords if each.arg == name), None)


def with_keyword(program: Program, node: ast.Call, name: str, value: str) -> Edit:
    """*node* given *name* as well, or given *value* for it in place of another. Raises LookupError for calls with ``**``."""
    there = keyword(node, name)
    if there is not None:
        return program.replaced(there.value, value)
    if any(each.arg is None for each in node.keywords):
        raise LookupError("nobody knows which keywords it has")
    end = program.span(node)[1] - 1
    inside = program.text[program.span(node.func)[1] + 1 : end].rstrip()
    if inside.endswith(","):
        comma = program.span(node.func)[1] + 1 + len(inside)
        return Edit(comma, comma, f" {name}={value},")
    last = program.span(node.func)[1] + 1 + len(inside)
    return Edit(last, last, f"{', ' if inside else ''}{name}={value}")


def without(program: Program, node: ast.Call, given: ast.keyword) -> Edit:
    """*node* without one keyword that is not its first argument. Raises LookupError."""
    every = sorted([program.span(each) for each in (*node.args, *node.keywords)])
    span = program.span(given)
    place = every.index(span)
    if place == 0:
        raise LookupError("it is the first argument")
    return Edit(every[place - 1][1], span[1], "")
