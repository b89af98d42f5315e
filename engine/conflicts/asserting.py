"""What an assertion demands, as conditions that must each hold: of `assert`, of unittest's methods, of expected errors."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from engine.conflicts.allowed import APPROX
from engine.conflicts.closing import Scope

_COMPARING: dict[str, type[ast.cmpop]] = {
    "assertEqual": ast.Eq,
    "assertEquals": ast.Eq,
    "assertListEqual": ast.Eq,
    "assertTupleEqual": ast.Eq,
    "assertDictEqual": ast.Eq,
    "assertSetEqual": ast.Eq,
    "assertMultiLineEqual": ast.Eq,
    "assertNotEqual": ast.NotEq,
    "assertIs": ast.Is,
    "assertIsNot": ast.IsNot,
    "assertIn": ast.In,
    "assertNotIn": ast.NotIn,
    "assertGreater": ast.Gt,
    "assertGreaterEqual": ast.GtE,
    "assertLess": ast.Lt,
    "assertLessEqual": ast.LtE,
}
_RAISING = {"assertRaises": 1, "assertRaisesRegex": 2}
"""unittest's words for an expected error, and how many arguments come before what is called."""


@dataclass(frozen=True)
class Raising:
    """A block or a call that has to raise."""

    error: str
    body: ast.expr | None
    """What is called, where it is given as an argument."""


def conditions(node: ast.expr) -> list[ast.expr]:
    """The conditions that all have to hold for *node* to be true, each with one comparison at most."""
    found: list[ast.expr] = []
    waiting = [node]
    while waiting:
        one = waiting.pop(0)
        match one:
            case ast.BoolOp(op=ast.And(), values=values):
                waiting = [*values, *waiting]
            case ast.Compare(left=left, ops=ops, comparators=others) if len(ops) > 1:
                sides = [left, *others]
                found += (
                    ast.copy_location(ast.Compare(left=sides[at], ops=[op], comparators=[sides[at + 1]]), one)
                    for at, op in enumerate(ops)
                )
            case _:
                found.append(one)
    return found


def of_unittest(call: ast.Call, receiver: str) -> ast.expr | None:  # noqa: PLR0911 (one a word of unittest's)
    """The condition that a call like ``self.assertEqual(a, b)`` demands; None for any other call."""
    name = _method(call, receiver)
    given = call.args
    if not name or any(isinstance(each, ast.Starred) for each in given):
        return None
    if name in {"assertTrue", "assertFalse", "assertIsNone", "assertIsNotNone"} and given:
        return _of_one(name, given[0])
    if len(given) < 2:
        return None
    if name in _COMPARING:
        return _compare(given[0], _COMPARING[name](), given[1])
    if name == "assertIsInstance":
        return ast.Call(func=ast.Name(id="isinstance", ctx=ast.Load()), args=given[:2], keywords=[])
    if name == "assertAlmostEqual":
        return _almost(call)
    return None


def raising(node: ast.expr, scope: Scope, receiver: str) -> Raising | None:
    """What *node* expects to be raised: as a context, ``pytest.raises(E)``, or with the call as arguments."""
    if not isinstance(node, ast.Call):
        return None
    before = 1 if scope.dotted(node.func) == "pytest.raises" else _RAISING.get(_method(node, receiver), 0)
    if not before or len(node.args) < before or any(isinstance(each, ast.Starred) for each in node.args[: before + 1]):
        return None
    body = None
    if len(node.args) > before:
        body = ast.copy_location(
            ast.Call(func=node.args[before], args=node.args[before + 1 :], keywords=node.keywords), node
        )
    return Raising(error=ast.unparse(node.args[0])[:80], body=body)


def is_subtest(node: ast.expr, receiver: str) -> bool:
    """Whether *node* is ``self.subTest(...)`` or ``subtests.test(...)``, which change nothing."""
    return isinstance(node, ast.Call) and (_method(node, receiver) == "subTest" or _method(node, "subtests") == "test")


def _method(call: ast.Call, receiver: str) -> str:
    match call.func:
        case ast.Attribute(value=ast.Name(id=name), attr=attribute) if receiver and name == receiver:
            return attribute
        case _:
            return ""


def _of_one(name: str, value: ast.expr) -> ast.expr:
    none = ast.Constant(value=None)
    if name == "assertTrue":
        return value
    if name == "assertFalse":
        return ast.copy_location(ast.UnaryOp(op=ast.Not(), operand=value), value)
    return _compare(value, ast.Is() if name == "assertIsNone" else ast.IsNot(), none)


def _compare(left: ast.expr, op: ast.cmpop, right: ast.expr) -> ast.expr:
    return ast.copy_location(ast.Compare(left=left, ops=[op], comparators=[right]), left)


def _almost(call: ast.Call) -> ast.expr | None:
    words = {word.arg: word.value for word in call.keywords}
    places = words.get("places", call.args[2] if len(call.args) > 2 else ast.Constant(value=7))
    within = words.get("delta")
    if within is None:
        if not isinstance(places, ast.Constant) or not isinstance(places.value, int) or abs(places.value) > 20:
            return None
        within = ast.Constant(value=0.5 * 10**-places.value)
    near = ast.Call(
        func=ast.Name(id=APPROX, ctx=ast.Load()),
        args=[call.args[1]],
        keywords=[ast.keyword(arg="abs", value=within), ast.keyword(arg="rel", value=ast.Constant(value=0.0))],
    )
    return _compare(call.args[0], ast.Eq(), near)
