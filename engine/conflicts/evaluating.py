"""Works out closed expressions over plain values, without running anything: an interpreter of a small part of Python.

Closed means that `closing` has put a value, a trusted builtin or the hole in place of every name.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import cast

from engine.conflicts.allowed import BUILTINS, CONSTANTS, TAKES_KEYWORDS, TYPES, bounded, call_method
from engine.conflicts.effort import Effort, TooMuch, Unknown
from engine.conflicts.plain import LONGEST, WIDEST, Approx, Plain, View, is_plain, weight

HOLE = "<it>"
"""The name that stands for what the code under test returned. No program can hold it."""
NOTHING = object()

_COMPARE: dict[type[ast.cmpop], Callable[[Plain, Plain], object]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda one, other: one in other,
    ast.NotIn: lambda one, other: one not in other,
}
_BINARY: dict[type[ast.operator], Callable[[Plain, Plain], object]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.RShift: operator.rshift,
}
_UNARY: dict[type[ast.unaryop], Callable[[Plain], object]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
}


def evaluate(node: ast.expr, effort: Effort, it: object = NOTHING) -> Plain:  # noqa: C901, PLR0911, PLR0912 (one arm a kind of expression)
    """The plain value of the closed expression *node*, with *it* in its hole.

    Raises:
        Unknown: It is outside the small part of Python that is worked out here, or too large.
        Exception: What Python itself would raise.
    """
    effort.spend()
    match node:
        case ast.Constant(value=value):
            return _kept(value, effort)
        case ast.Name(id=name):
            return _named(name, it)
        case ast.List(elts=items):
            return _items(items, effort, it)
        case ast.Tuple(elts=items):
            return tuple(_items(items, effort, it))
        case ast.Set(elts=items):
            return set(_items(items, effort, it))
        case ast.Dict(keys=keys, values=values):
            if any(key is None for key in keys):
                raise Unknown
            pairs = zip(keys, values, strict=True)
            made = {evaluate(key, effort, it): evaluate(value, effort, it) for key, value in pairs if key is not None}
            return _kept(made, effort)
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
            return _UNARY[type(op)](_no_approx(evaluate(operand, effort, it)))
        case ast.BinOp(left=left, op=op, right=right):
            return _binary(op, evaluate(left, effort, it), evaluate(right, effort, it), effort)
        case ast.BoolOp(op=ast.And(), values=values):
            result: object = True
            for each in values:
                result = evaluate(each, effort, it)
                if not result:
                    break
            return result
        case ast.BoolOp(values=values):
            for each in values:
                result = evaluate(each, effort, it)
                if result:
                    break
            return result
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return compare(op, evaluate(left, effort, it), evaluate(right, effort, it))
        case ast.Subscript(value=value, slice=index):
            return _subscript(evaluate(value, effort, it), index, effort, it)
        case ast.Call():
            return _call(node, effort, it)
        case _:
            raise Unknown


def fold(node: ast.expr, effort: Effort) -> ast.expr:
    """*node* with a value in place of every largest part that has one by itself."""
    if isinstance(node, (ast.Constant, ast.Name, ast.Starred)):
        return node
    if HOLE not in {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}:
        try:
            value = evaluate(node, effort)
        except (TooMuch, RecursionError, MemoryError):
            raise
        except Exception:  # noqa: BLE001 (it stays as it is, to be told of where it is asked for)
            return node
        return ast.Constant(value=value) if is_plain(value) else node
    match node:
        case ast.Compare(left=left, ops=ops, comparators=others):
            return ast.Compare(left=fold(left, effort), ops=ops, comparators=[fold(each, effort) for each in others])
        case ast.UnaryOp(op=op, operand=operand):
            return ast.UnaryOp(op=op, operand=fold(operand, effort))
        case _:
            return node


def compare(op: ast.cmpop, one: Plain, other: Plain) -> object:
    """One comparison. Raises `Unknown` where it hangs on identity, or on `pytest.approx` in a way not known here."""
    if isinstance(one, View) or isinstance(other, View):
        raise Unknown
    if isinstance(op, (ast.Eq, ast.NotEq)):
        return one == other if isinstance(op, ast.Eq) else one != other
    _no_approx(one)
    _no_approx(other)
    if isinstance(op, (ast.Is, ast.IsNot)):
        if not any(each is known for each in (one, other) for known in (None, True, False, ...)):
            raise Unknown
        return (one is other) if isinstance(op, ast.Is) else (one is not other)
    return _COMPARE[type(op)](one, other)


def _no_approx(value: object) -> object:
    if isinstance(value, Approx):
        raise Unknown
    return value


def _named(name: str, it: object) -> object:
    if name == HOLE:
        if it is NOTHING:
            raise Unknown
        return it
    if name in CONSTANTS:
        return CONSTANTS[name]
    if name in TYPES:
        return TYPES[name]
    raise Unknown


def _kept(value: Plain, effort: Effort) -> Plain:
    """*value*, where it is not too large. Raises `Unknown`."""
    if isinstance(value, (str, bytes, int, list, tuple, dict, set, frozenset)):
        effort.spend(weight(value) // 50)
        bounded(value)
    return value


def _items(items: list[ast.expr], effort: Effort, it: object) -> list[Plain]:
    found: list[Plain] = []
    for item in items:
        if isinstance(item, ast.Starred):
            found += list(evaluate(item.value, effort, it))
        else:
            found.append(evaluate(item, effort, it))
    return cast("list[Plain]", _kept(found, effort))


def _binary(op: ast.operator, left: Plain, right: Plain, effort: Effort) -> object:
    for side in (left, right):
        _no_approx(side)
        effort.spend(len(side) // 100 if isinstance(side, (str, bytes, list, tuple)) else 0)
    if isinstance(op, ast.Pow):
        return BUILTINS["pow"](left, right)
    if isinstance(op, ast.LShift):
        if not isinstance(left, int) or not isinstance(right, int) or right > WIDEST:
            raise Unknown
        return bounded(left << right)
    if isinstance(op, ast.Mod) and isinstance(left, (str, bytes)):
        raise Unknown
    if isinstance(op, ast.Mult):
        for times, many in ((left, right), (right, left)):
            if isinstance(many, (str, bytes, list, tuple)) and isinstance(times, int) and len(many) * times > LONGEST:
                raise Unknown
    if type(op) not in _BINARY:
        raise Unknown
    return bounded(_BINARY[type(op)](left, right))


def _subscript(value: Plain, index: ast.expr, effort: Effort, it: object) -> object:
    if not isinstance(value, (str, bytes, list, tuple, dict, range)):
        raise Unknown
    if isinstance(index, ast.Slice):
        ends = [None if end is None else evaluate(end, effort, it) for end in (index.lower, index.upper, index.step)]
        return value[slice(*ends)]
    return value[evaluate(index, effort, it)]


def _call(node: ast.Call, effort: Effort, it: object) -> object:
    arguments = _items(node.args, effort, it)
    keywords = {word.arg: evaluate(word.value, effort, it) for word in node.keywords if word.arg}
    if len(keywords) != len(node.keywords):
        raise Unknown
    for argument in (*arguments, *keywords.values()):
        effort.spend(len(argument) // 100 if isinstance(argument, (str, bytes, list, tuple, dict, set)) else 0)
    if isinstance(node.func, ast.Attribute):
        if keywords:
            raise Unknown
        return bounded(call_method(evaluate(node.func.value, effort, it), node.func.attr, arguments))
    if not isinstance(node.func, ast.Name) or node.func.id not in BUILTINS:
        raise Unknown
    name = node.func.id
    allowed = TAKES_KEYWORDS.get(name, set())
    if allowed is not None and not keywords.keys() <= allowed:
        raise Unknown
    if name in {"repr", "str", "ascii"} and any(isinstance(each, View) for each in arguments):
        raise Unknown
    if name not in {"isinstance", "type"} and not all(is_plain(each) for each in (*arguments, *keywords.values())):
        raise Unknown
    return bounded(BUILTINS[name](*arguments, **keywords))
