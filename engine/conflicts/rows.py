"""The rows of a literal table, as a parametrize mark or a loop goes through them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.conflicts.closing import Closing, Known, Scope
from engine.conflicts.collecting import Mark
from engine.conflicts.effort import MOST_ROWS, TooMuch, Unknown
from engine.conflicts.evaluating import evaluate
from engine.conflicts.fixtures import argument_names


@dataclass(frozen=True)
class Row:
    """What one row of parameters gives to each name."""

    values: dict[str, Known]
    line: int | None = None
    """Where it stands, if it stands somewhere by itself."""


def rows_of(marks: Sequence[Mark], scope: Scope) -> list[Row]:
    """Every row that the parametrize marks of one test make together, of each other's product; some may be left out."""
    rows = [Row(values={})]
    for mark in marks:
        if mark.name != "parametrize" or mark.call is None:
            continue
        names = argument_names(mark.call) or ()
        own = list(_of_mark(mark.call, names, scope))
        rows = [Row(values={**row.values, **each.values}, line=each.line or row.line) for row in rows for each in own][
            :MOST_ROWS
        ]
    return rows


def _of_mark(call: ast.Call, names: Sequence[str], scope: Scope) -> Iterator[Row]:
    words = {word.arg: word.value for word in call.keywords}
    table = call.args[1] if len(call.args) > 1 else words.get("argvalues")
    through = words.get("indirect")
    direct = through is None or (isinstance(through, ast.Constant) and through.value is False)
    for element in (elements(table, scope) or []) if table is not None else []:
        given: ast.expr = element
        if isinstance(element, ast.Call) and scope.dotted(element.func) == "pytest.param":
            if any(word.arg != "id" for word in element.keywords):
                continue
            given = (
                element.args[0]
                if len(element.args) == 1 == len(names)
                else ast.Tuple(elts=element.args, ctx=ast.Load())
            )
        values = spread(given, len(names), scope)
        if values is not None and len(values) == len(names):
            known: dict[str, Known] = dict.fromkeys(names) if not direct else dict(zip(names, values, strict=True))
            yield Row(values=known, line=getattr(element, "lineno", None))


def elements(table: ast.expr, scope: Scope) -> list[ast.expr] | None:
    """The expressions of a table's rows, at most `MOST_ROWS`; None where its text does not tell them."""
    table = _looked_up(table, scope)
    if isinstance(table, (ast.List, ast.Tuple)) and not any(isinstance(item, ast.Starred) for item in table.elts):
        return table.elts[:MOST_ROWS]
    value = _value(table, scope)
    if not isinstance(value, ast.Constant) or not isinstance(value.value, (list, tuple, dict, range, str)):
        return None
    return [ast.Constant(value=item) for item in list(value.value)[:MOST_ROWS]]


def spread(element: ast.expr, count: int, scope: Scope) -> list[Known] | None:
    """The *count* values of one row; None where it has not so many."""
    if count == 1:
        return [_value(element, scope)]
    element = _looked_up(element, scope)
    if isinstance(element, (ast.List, ast.Tuple)) and not any(isinstance(item, ast.Starred) for item in element.elts):
        return [_value(item, scope) for item in element.elts] if len(element.elts) == count else None
    value = _value(element, scope)
    if isinstance(value, ast.Constant) and isinstance(value.value, (list, tuple)) and len(value.value) == count:
        return [ast.Constant(value=item) for item in value.value]
    return None


def fill(target: ast.expr, element: ast.expr, scope: Scope) -> None:
    """Bind the names of a loop's *target* to one row."""
    match target:
        case ast.Name(id=name):
            scope.local[name] = _value(element, scope)
        case ast.Tuple(elts=targets) | ast.List(elts=targets):
            values = spread(element, len(targets), scope) if len(targets) > 1 else None
            for at, inner in enumerate(targets):
                value = values[at] if values else None
                if isinstance(inner, ast.Name):
                    scope.local[inner.id] = value
                elif isinstance(value, ast.expr):
                    fill(inner, value, scope)
                else:
                    scope.local.update({each.id: None for each in ast.walk(inner) if isinstance(each, ast.Name)})


def _looked_up(node: ast.expr, scope: Scope) -> ast.expr:
    if isinstance(node, ast.Name):
        if node.id in scope.local:
            known = scope.local[node.id]
            return known if isinstance(known, ast.expr) else node
        return scope.module.constants.get(node.id, node)
    return node


def _value(node: ast.expr, scope: Scope) -> ast.expr | None:
    """*node* worked out, or at least closed; None where that needs code to run."""
    closing = Closing(scope)
    try:
        closed = closing.close(node)
        if closing.call is not None or closing.bound is not None:
            return None
    except Unknown:
        return None
    try:
        return ast.Constant(value=evaluate(closed, scope.effort))
    except (TooMuch, RecursionError, MemoryError):
        raise
    except Unknown:
        return closed
    except Exception:  # noqa: BLE001 (whatever Python raises for it, it has no value)
        return None
