"""SQL put together from values: hand the values over apart, so that none of them can be read as SQL."""

from __future__ import annotations

import ast
import json
import re

from ..program import Program
from .rewrite import Safer

A_VALUE_COMES = re.compile(
    r"(=|<|>|<>|!=|\bLIKE|\bIN\s*\(|\bVALUES\s*\(|,|\bLIMIT|\bOFFSET|\bBETWEEN|\bAND)\s*$", re.IGNORECASE
)
"""What stands before a value; a name of a table or column cannot be handed over apart."""
_HOLE = "\0"


def _parameters(program: Program, node: ast.AST) -> Safer:
    made = next((above for above in (node, *program.up(node)) if isinstance(above, ast.Call)), None)
    if made is None or not isinstance(made.func, ast.Attribute) or made.func.attr != "execute":
        raise LookupError("it is not handed over here")
    if len(made.args) != 1 or made.keywords or "sqlite3" not in program.global_names:
        raise LookupError("how values are handed over is not known")
    text, values = _taken_apart(program, made.args[0])
    if not values:
        raise LookupError("there are no values in it")
    given = ", ".join(values) + ("," if len(values) == 1 else "")
    return Safer(
        (program.replaced(made.args[0], f"{json.dumps(text, ensure_ascii=False)}, ({given})"),),
        "hand the values over apart from the SQL",
        "takes quotes and SQL in a value for a part of the value",
    )


def _taken_apart(program: Program, query: ast.expr) -> tuple[str, list[str]]:
    """The SQL with a ``?`` for each value, and the values as they are written. Raises LookupError."""
    pieces = _pieces(program, query)
    whole = "".join(text if text is not None else _HOLE for text, _ in pieces)
    values = [value for text, value in pieces if text is None]
    if "?" in whole or whole.count(_HOLE) != len(values):
        raise LookupError("it has places for values already")
    parts = whole.split(_HOLE)
    for number in range(len(values)):
        before, after = parts[number], parts[number + 1]
        if before.endswith("'") and after.startswith("'"):
            parts[number], parts[number + 1] = before[:-1], after[1:]
        elif before.count("'") % 2:
            raise LookupError("the value is a part of a text")
        if not A_VALUE_COMES.search(parts[number]):
            raise LookupError("it is no value")
    return "?".join(parts), values


def _pieces(program: Program, query: ast.expr) -> list[tuple[str | None, str]]:
    """Texts, and None with the expression for each value."""
    match query:
        case ast.Constant(value=str() as text):
            return [(text, "")]
        case ast.JoinedStr(values=values):
            return [piece for value in values for piece in _pieces(program, value)]
        case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
            # its place inside a text has no span before Python 3.12
            return [(None, ast.unparse(value))]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [*_pieces(program, left), *_pieces(program, right)]
        case ast.Call(func=ast.Name(id="str"), args=[value], keywords=[]):
            return [(None, program.get(value))]
        case ast.Name() | ast.Attribute() | ast.Subscript():
            return [(None, program.get(query))]
    raise LookupError("it is put together in another way")


QUERIES = {"S608": _parameters}
