"""The range of numbers that a condition leaves to an expression over the hole."""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from dataclasses import dataclass

from engine.conflicts.allowed import APPROX
from engine.conflicts.effort import Effort, TooMuch, Unknown
from engine.conflicts.evaluating import HOLE, evaluate
from engine.conflicts.plain import Approx, is_plain

_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE}


@dataclass(frozen=True)
class Range:
    what: str
    low: float
    high: float
    open_low: bool = False
    open_high: bool = False

    def misses(self, other: Range) -> bool:
        low, open_low = max((self.low, self.open_low), (other.low, other.open_low))
        high, closed_high = min((self.high, not self.open_high), (other.high, not other.open_high))
        return low > high or (low == high and (open_low or not closed_high))


def range_of(condition: ast.expr, effort: Effort) -> Range | None:
    match condition:
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            if HOLE in names_in(right):
                left, right, op = right, left, _OPPOSITE.get(type(op), type(op))()
            if HOLE not in names_in(left) or HOLE in names_in(right):
                return None
            return _between(ast.dump(left), op, right, effort)
        case _:
            return None


def _between(what: str, op: ast.cmpop, bound: ast.expr, effort: Effort) -> Range | None:
    if isinstance(op, ast.Eq) and isinstance(bound, ast.Call) and getattr(bound.func, "id", "") == APPROX:
        near = _near(bound, effort)
        if near is None:
            return None
        middle, tolerance = near
        wide = tolerance * (1 + 1e-9)
        return Range(what, middle - wide, middle + wide)
    for value in plain_value(bound, effort):
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            return None
        match op:
            case ast.Lt() | ast.LtE():
                return Range(what, -math.inf, value, open_high=isinstance(op, ast.Lt))
            case ast.Gt() | ast.GtE():
                return Range(what, value, math.inf, open_low=isinstance(op, ast.Gt))
    return None


def _near(call: ast.Call, effort: Effort) -> tuple[float, float] | None:
    try:
        made = evaluate(call, effort)
        return made.around() if isinstance(made, Approx) else None
    except (Unknown, OverflowError, TypeError, ValueError):
        return None


def plain_value(node: ast.expr, effort: Effort) -> Sequence[object]:
    """The one plain value of *node*, or nothing."""
    try:
        value = evaluate(node, effort)
    except (TooMuch, RecursionError, MemoryError):
        raise
    except Exception:  # noqa: BLE001 (unknown, or nothing that could be compared)
        return ()
    return (value,) if is_plain(value) else ()


def names_in(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
