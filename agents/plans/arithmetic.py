"""The arithmetic of a plan's figures: a formula in words that a person reads, worked out without ever being executed."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping, Sequence

_TWO: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_CALLS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "ceil": lambda given: float(math.ceil(given[0])),
    "max": max,
    "min": min,
}
_MOST = 1e18


class BadFormula(ValueError):
    """The formula cannot be worked out; says why, for whoever wrote it."""


def work_out(formula: str, known: Mapping[str, float]) -> float:
    """The value of *formula*, whose names are those of *known*.

    Raises:
        BadFormula: It has something else in it than numbers, names that are known, ``+ - * /``, parentheses, ``ceil``,
            ``max`` and ``min``; or it divides by zero, or its value is out of all bounds.
    """
    try:
        value = _value(ast.parse(formula.strip(), mode="eval").body, known)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, BadFormula):
            raise
        raise BadFormula(f"{formula!r} is no arithmetic") from None
    except (ZeroDivisionError, OverflowError):
        raise BadFormula(f"{formula!r} divides by zero, or is too large") from None
    if not abs(value) < _MOST:
        raise BadFormula(f"{formula!r} is out of all bounds")
    return value


def _value(node: ast.expr, known: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=value) if type(value) in {int, float}:
            return float(value)  # type: ignore[arg-type]
        case ast.Name(id=name) if name in known:
            return known[name]
        case ast.Name(id=name):
            raise BadFormula(f"{name!r} is no figure that stands before this one")
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, known)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _TWO:
            return _TWO[type(sign)](_value(left, known), _value(right, known))
        case ast.Call(func=ast.Name(id=name), args=given, keywords=[]) if name in _CALLS and given:
            if name == "ceil" and len(given) != 1:
                raise BadFormula("ceil takes one number")
            return _CALLS[name]([_value(each, known) for each in given])
    raise BadFormula(f"{ast.unparse(node)[:80]!r} is no arithmetic")
