"""The twin of a test of which no expectation can be made wrong: that it comes to its end is what it expects, so it breaks there."""

from __future__ import annotations

import ast
from collections.abc import Collection

from engine.twins.text import Edit, Text

_BREAKS = "raise AssertionError"


def broken_at_its_end(
    function: ast.FunctionDef | ast.AsyncFunctionDef, text: Text, *, leaving: Collection[str]
) -> tuple[Edit, ...]:
    """The edit after which *function* raises at its end; none where it may end elsewhere without having failed."""
    if any(_leaves(node, leaving) for statement in function.body for node in ast.walk(statement)):
        return ()
    first, last = function.body[0], function.body[-1]
    begin, end = text.place(first)[0], text.place(last)[1]
    indent = text.source[text.line(first.lineno) : begin].decode()
    between = f"\n{indent}" if not indent.strip() else "; "
    return (Edit(start=end, end=end, text=f"{between}{_BREAKS}"),)


def _leaves(node: ast.AST, leaving: Collection[str]) -> bool:
    """What may be in a function of its own is not told apart: then there is no twin, which is always right."""
    if isinstance(node, ast.Call):
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        return name in leaving
    return isinstance(node, (ast.Return, ast.Yield, ast.YieldFrom))
