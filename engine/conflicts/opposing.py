"""Whether two conditions on the same value can both hold, whatever plain value it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from engine.conflicts.allowed import APPROX, TYPES
from engine.conflicts.effort import Effort, TooMuch, Unknown
from engine.conflicts.evaluating import HOLE, evaluate
from engine.conflicts.plain import equals_of, has_nan, has_no_order, parts
from engine.conflicts.ranges import names_in, plain_value, range_of

_BY_VALUE = frozenset(("len", "sorted", "sum", "min", "max", "abs", "round", "any", "all", "bool", "set", "frozenset"))
"""Builtins that say the same of two values that are equal."""
_BY_ORDER = frozenset(("list", "tuple", "enumerate", "reversed", "zip"))
"""These as well, where equal values are gone through in the same order."""
STEADY = frozenset(("len", "abs", "round", "isinstance", "type", "bool", "int", "float", "str", "repr"))
"""Builtins that leave even an iterator as it was."""
_LAYOUTS = (int, float, complex, str, bytes, list, tuple, dict, set, frozenset)
"""No class can be of two of these."""


@dataclass(frozen=True)
class _Pin:
    """That an expression over the hole is one of these values."""

    what: ast.expr
    values: tuple[object, ...]
    same: bool
    """It is that very object, not only equal to it."""


def opposed(one: ast.expr | None, other: ast.expr | None, effort: Effort, *, one_value: bool = False) -> bool:
    """Whether no value meets both conditions; None stands for an error that has to be raised.

    *one_value*: both look at the same object one after the other, so that looking may use it up.
    """
    effort.spend(20)
    if one is None or other is None:
        return one is not other
    return (
        _rules_out(one, other, effort, one_value=one_value)
        or _rules_out(other, one, effort, one_value=one_value)
        or _apart(one, other, effort, one_value=one_value)
    )


def by_an_object(one: ast.expr | None, other: ast.expr | None) -> bool:
    """Whether an object with an equality of its own, not so strange, could be equal to both."""
    values = [
        side.value
        for condition in (one, other)
        if isinstance(condition, ast.Compare) and isinstance(condition.ops[0], ast.Eq)
        for side in (condition.left, *condition.comparators)
        if isinstance(side, ast.Constant)
    ]
    if len(values) != 2:
        return False
    if all(isinstance(value, str) for value in values):
        return str(values[0]).casefold() == str(values[1]).casefold()
    return not (all(isinstance(value, (int, float)) for value in values) or type(values[0]) is type(values[1]))


def never(condition: ast.expr, effort: Effort) -> bool:
    """Whether no plain value at all meets *condition*: nothing is equal to a nan."""
    match condition:
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]) if HOLE in names_in(left) ^ names_in(right):
            value = plain_value(right if HOLE in names_in(left) else left, effort)
            return bool(value) and isinstance(value[0], (float, complex)) and has_nan(value[0])
        case _:
            return False


def _rules_out(pinning: ast.expr, other: ast.expr, effort: Effort, *, one_value: bool) -> bool:
    for pin in _pins(pinning, effort):
        if one_value and not _is_steady(pin.what):
            continue
        rest = _replaced(other, pin.what)
        if rest is not None and pin.values and all(_fails(rest, value, effort, same=pin.same) for value in pin.values):
            return True
    return False


def _pins(condition: ast.expr, effort: Effort) -> Iterator[_Pin]:
    match condition:
        case ast.Compare(left=left, ops=[ast.Eq() | ast.Is() as op], comparators=[right]):
            for what, known in ((left, right), (right, left)):
                if HOLE not in names_in(what) or HOLE in names_in(known):
                    continue
                for value in plain_value(known, effort):
                    same = isinstance(op, ast.Is) and any(value is each for each in (None, True, False, ...))
                    if not has_nan(value):
                        yield _Pin(what=what, values=(value,), same=same)
        case ast.Compare(left=what, ops=[ast.In()], comparators=[known]):
            if HOLE in names_in(what) and HOLE not in names_in(known):
                for values in plain_value(known, effort):
                    if isinstance(values, (list, tuple, set, frozenset, dict, range)) and not has_nan(values):
                        yield _Pin(what=what, values=tuple(values), same=False)


def _fails(condition: ast.expr, value: object, effort: Effort, *, same: bool) -> bool:
    """Whether *condition* is false of *value*, and of every plain value that may stand for it."""
    by_type = _asks_type(condition)
    if not by_type and not _by_value(condition, value):
        return False
    candidates = equals_of(value) if by_type and not same else (value,)
    try:
        return not any(evaluate(condition, effort, candidate) for candidate in candidates)
    except (TooMuch, RecursionError, MemoryError):
        raise
    except Exception:  # noqa: BLE001 (another class may answer where this one raises)
        return False


def _asks_type(condition: ast.expr) -> bool:
    match condition:
        case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=name), _]) if name == HOLE:
            return True
        case ast.Compare(left=ast.Name(id=name), ops=[ast.Is() | ast.IsNot()]) if name == HOLE:
            return True
        case _:
            return False


def _by_value(condition: ast.expr, value: object) -> bool:
    """Whether *condition* says the same of everything that is equal to *value*."""
    for node in ast.walk(condition):
        if HOLE not in names_in(node):
            continue
        match node:
            case ast.Call(func=ast.Name(id=name)):
                if name not in _BY_VALUE and (name not in _BY_ORDER or has_no_order(value)):
                    return False
            case ast.Call(func=ast.Attribute(attr=method)):
                if not isinstance(value, (str, bytes, list, tuple)) and method not in {"get", "count", "index"}:
                    return False
            case ast.Compare(left=ast.Constant(value=str(text)), ops=[ast.In() | ast.NotIn()]):
                # Some tables take a key in any case.
                if any(isinstance(part, str) and text.casefold() in part.casefold() for part in parts(value)):
                    return text in parts(value)
            case ast.BinOp(op=ast.Div() | ast.Pow()) | ast.Compare(ops=[ast.Is() | ast.IsNot()]) | ast.Starred():
                return False
    return True


def _apart(one: ast.expr, other: ast.expr, effort: Effort, *, one_value: bool) -> bool:
    """Whether they ask one expression to be true and false, of two types, or in two ranges that do not meet."""
    if ast.dump(_denied(one)) == ast.dump(other) or ast.dump(_denied(other)) == ast.dump(one):
        return not one_value or _is_steady(one)
    kinds = _kind(one), _kind(other)
    if kinds[0] and kinds[1] and kinds[0][0] == kinds[1][0]:
        return not any(_may_be_both(a, b) for a in kinds[0][1] for b in kinds[1][1])
    ranges = range_of(one, effort), range_of(other, effort)
    if not ranges[0] or not ranges[1] or ranges[0].what != ranges[1].what:
        return False
    if one_value and not (_is_steady(one) and _is_steady(other)):
        return False
    return ranges[0].misses(ranges[1])


def _denied(condition: ast.expr) -> ast.expr:
    if isinstance(condition, ast.UnaryOp) and isinstance(condition.op, ast.Not):
        return condition.operand
    return ast.UnaryOp(op=ast.Not(), operand=condition)


def _kind(condition: ast.expr) -> tuple[str, tuple[type, ...]] | None:
    """The expression and the types of a positive `isinstance`."""
    match condition:
        case ast.Call(func=ast.Name(id="isinstance"), args=[what, ast.Name(id=name)]) if name in TYPES:
            return ast.dump(what), (TYPES[name],)
        case ast.Call(func=ast.Name(id="isinstance"), args=[what, ast.Tuple(elts=items)]):
            named = [TYPES.get(item.id) for item in items if isinstance(item, ast.Name)]
            found = tuple(each for each in named if each is not None)
            return (ast.dump(what), found) if len(found) == len(items) else None
        case _:
            return None


def _may_be_both(one: type, other: type) -> bool:
    first, second = (int if each is bool else each for each in (one, other))
    return first not in _LAYOUTS or second not in _LAYOUTS or first is second


def _is_steady(node: ast.expr) -> bool:
    """Whether looking at the hole in this way changes nothing about it, whatever it is."""
    for inner in ast.walk(node):
        match inner:
            case ast.Call(func=ast.Name(id=name)) if name in STEADY or name == APPROX:
                continue
            case ast.Call() | ast.Attribute() | ast.Starred():
                return False
            case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[container]) if HOLE in names_in(container):
                return False
    return True


def _replaced(condition: ast.expr, what: ast.expr) -> ast.expr | None:
    """*condition* with the hole alone in place of the expression *what*; None where it asks for more than that."""
    found, wanted = False, ast.dump(what)

    def inside(node: ast.AST) -> ast.AST:
        nonlocal found
        if type(node) is type(what) and ast.dump(node) == wanted:
            found = True
            return ast.Name(id=HOLE, ctx=ast.Load())
        if isinstance(node, ast.Name) and node.id == HOLE:
            raise Unknown
        fields: dict[str, object] = {}
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.expr | ast.keyword):
                fields[name] = inside(value)
            elif isinstance(value, list):
                fields[name] = [inside(each) if isinstance(each, ast.AST) else each for each in value]
            else:
                fields[name] = value
        return type(node)(**fields)

    try:
        rest = inside(condition)
    except Unknown:
        return None
    return rest if found and isinstance(rest, ast.expr) else None
