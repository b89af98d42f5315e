"""What is put in the place of an operator, a constant or a value that is given back."""

from __future__ import annotations

import ast
from collections.abc import Iterator

COMPARISONS: dict[type[ast.cmpop], tuple[str, ...]] = {
    ast.Lt: ("<=", ">="),
    ast.LtE: ("<", ">"),
    ast.Gt: (">=", "<="),
    ast.GtE: (">", "<"),
    ast.Eq: ("!=",),
    ast.NotEq: ("==",),
    ast.Is: ("is not",),
    ast.IsNot: ("is",),
    ast.In: ("not in",),
    ast.NotIn: ("in",),
}
ARITHMETIC: dict[type[ast.operator], tuple[str, ...]] = {
    ast.Add: ("-",),
    ast.Sub: ("+",),
    ast.Mult: ("+",),
    ast.Div: ("*",),
    ast.FloorDiv: ("/", "*"),
    ast.Mod: ("*",),
    ast.Pow: ("*",),
    ast.LShift: (">>",),
    ast.RShift: ("<<",),
    ast.BitAnd: ("|",),
    ast.BitOr: ("&",),
    ast.BitXor: ("&",),
}
_SIMPLE: tuple[tuple[tuple[type[ast.expr], ...], str], ...] = (
    ((ast.List, ast.ListComp), "[]"),
    ((ast.Dict, ast.DictComp), "{}"),
    ((ast.Set, ast.SetComp), "set()"),
    ((ast.Tuple,), "()"),
    ((ast.JoinedStr,), '""'),
    ((ast.Compare, ast.BoolOp), "True"),
)


def other_constants(value: object) -> tuple[str, ...]:
    match value:
        case bool():
            return (str(not value),)
        case int():
            return str(value + 1), str(value - 1)
        case float():
            return (repr(value + 1.0),) if value + 1.0 != value else ("0.0",)
        case str():
            return ('""' if value else '"mutant"',)
        case bytes():
            return ('b""' if value else 'b"mutant"',)
    return ()


def other_values(value: ast.expr) -> Iterator[str]:
    """What may be returned, or yielded, in the place of *value*."""
    if not (isinstance(value, ast.Constant) and value.value is None):
        yield "None"
    for kinds, text in _SIMPLE:
        if isinstance(value, kinds):
            yield text
            return
    if not isinstance(value, ast.Constant):
        yield "0"
