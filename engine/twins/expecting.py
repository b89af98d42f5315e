"""How one expectation of a test can be made wrong: each variant is a set of edits that has to turn the test red."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence

from engine.twins.text import Edit, Text
from engine.twins.wrong import literal, other

Variant = tuple[Edit, ...]
Table = Sequence[ast.expr]
"""The expressions that a parameter of a test gets, one a case."""

NEVER_RAISED = "UnicodeTranslateError"
_EQUAL = frozenset(
    {"assertEqual", "assertEquals", "assertListEqual", "assertTupleEqual", "assertDictEqual", "assertSetEqual",
     "assertSequenceEqual", "assertMultiLineEqual", "assertCountEqual", "assertAlmostEqual"}
)  # fmt: skip
_RAISES = frozenset({"raises", "assertRaises", "assertRaisesRegex"})
"""Given what to call as well, they need no ``with``."""
_OPPOSITES = {
    "assertTrue": "assertFalse", "assertIn": "assertNotIn", "assertIs": "assertIsNot", "assertIsNone": "assertIsNotNone",
    "assertGreater": "assertLessEqual", "assertLess": "assertGreaterEqual", "assertIsInstance": "assertNotIsInstance",
    "assertRegex": "assertNotRegex",
}  # fmt: skip
OPPOSITE = _OPPOSITES | {opposite: name for name, opposite in _OPPOSITES.items()} | {"assertNotEqual": "assertEqual"}


def variants_of_assert(text: Text, test: ast.expr, tables: Mapping[str, Table]) -> list[Variant]:
    """Variants of ``assert test``; *tables* holds what the parameters of the test function get."""
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        left, right = test.left, test.comparators[0]
        if isinstance(test.ops[0], ast.Eq):
            return _of_equality(text, left, right, tables)
        if isinstance(test.ops[0], ast.In):
            wrong = _made_wrong(text, left, tables)
            if wrong is not None:
                return [wrong]
            if isinstance(right, (ast.Tuple, ast.List, ast.Set)):
                return [(text.replace(right, "()"),)]
    return [(text.around(test, "not (", ")"),)]


def variants_of_method(text: Text, call: ast.Call, tables: Mapping[str, Table]) -> list[Variant]:
    """Variants of ``self.assertSomething(...)`` of `unittest`."""
    function = call.func
    if not isinstance(function, ast.Attribute) or any(isinstance(argument, ast.Starred) for argument in call.args):
        return []
    if function.attr in _RAISES and len(call.args) >= (2 if function.attr != "assertRaisesRegex" else 3):
        return variants_of_raises(text, call)
    if function.attr in _EQUAL and len(call.args) >= 2:
        return _of_equality(text, call.args[0], call.args[1], tables)
    if function.attr in OPPOSITE:
        return [(text.replace(function, f"{ast.unparse(function.value)}.{OPPOSITE[function.attr]}"),)]
    return []


def variants_of_raises(text: Text, call: ast.Call) -> list[Variant]:
    """Variants of ``pytest.raises(...)`` and ``self.assertRaises(...)``."""
    if not call.args or isinstance(call.args[0], ast.Starred):
        return []
    return [(text.replace(call.args[0], NEVER_RAISED),)]


def _of_equality(text: Text, left: ast.expr, right: ast.expr, tables: Mapping[str, Table]) -> list[Variant]:
    for side in (right, left):
        wrong = _made_wrong(text, side, tables)
        if wrong is not None:
            return [wrong]
    found: list[Variant] = []
    for side in (right, left):
        made = _made_of_literals(text, side, _shown)
        if made:
            found.append(made)
            mirrored = _made_of_literals(text, side, _negated)
            found += [mirrored] if mirrored else []
            break
    return [*found, (text.replace(right, "object()"),), (text.replace(left, "object()"),)]


def _made_wrong(text: Text, node: ast.expr, tables: Mapping[str, Table]) -> Variant | None:
    """The edits after which *node* gives another value: it is a literal, an approximate one, or a column of literals."""
    value = literal(node)
    if value is not None:
        return (text.replace(node, _shown(value[0])),)
    if isinstance(node, ast.Call) and _name(node.func) == "approx" and node.args:
        return _made_wrong(text, node.args[0], tables)
    if isinstance(node, ast.Name) and node.id in tables:
        edits: list[Edit] = []
        for cell in tables[node.id]:
            wrong = _made_wrong(text, cell, {})
            if wrong is None:
                return None
            edits += wrong
        return tuple(edits) or None
    return None


def _shown(value: object) -> str:
    text = repr(other(value))
    return f"({text})" if text.startswith("-") else text


def _made_of_literals(text: Text, node: ast.expr, change: Callable[[object], str]) -> Variant:
    """The edits that give an object which is made on the spot other values: ``Point(1, 2)``, not ``shift(1, 2)``."""
    if not (isinstance(node, ast.Call) and _name(node.func)[:1].isupper()):
        return ()
    arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
    values = [(argument, literal(argument)) for argument in arguments]
    changed = [(argument, change(value[0])) for argument, value in values if value is not None]
    return tuple(text.replace(argument, shown) for argument, shown in changed if shown)


def _negated(value: object) -> str:
    """The number with the other sign; empty for what has none."""
    return f"({-value!r})" if isinstance(value, (int, float)) and not isinstance(value, bool) and value else ""


def _name(function: ast.expr) -> str:
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )
