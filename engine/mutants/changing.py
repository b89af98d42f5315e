"""The small changes that can be made at one place of a source: each is a set of text edits and says what it did."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

from engine.domain import Value
from engine.mutants.others import ARITHMETIC, COMPARISONS, other_constants, other_values
from engine.mutants.places import Place
from engine.twins.text import Edit, Text

Kind = Literal[
    "return", "comparison", "arithmetic", "constant", "condition", "boolean", "not", "statement", "arguments", "loop"
]

_COMPARED = re.compile(r"is[\s\\]+not|not[\s\\]+in|is|in|<=|>=|==|!=|<|>")
_CALCULATED = re.compile(r"\*\*|//|<<|>>|[-+*/%&|^@]")
_JOINED = re.compile(r"and|or")
_TYPED = frozenset({"isinstance", "issubclass", "getattr", "setattr", "hasattr", "cast"})
"""Calls whose arguments cannot change places: that would only crash."""
_BUILDING = frozenset({"__init__", "__post_init__", "__new__", "__init_subclass__", "__set_name__"})
Found = tuple[Kind, str, *tuple[Edit, ...]]
"""A change as it is found: what kind it is of, what it does, and the edits that make it."""


class Change(Value):
    """One way to change one place."""

    kind: Kind
    line: int
    what: str
    edits: tuple[Edit, ...]


class Changing:
    """Finds the changes of one source text."""

    def __init__(self, text: Text) -> None:
        self._text = text
        self._ways: Mapping[type[ast.AST], Callable[[Any], Iterator[Found]]] = {
            ast.Compare: self._comparison,
            ast.BinOp: self._arithmetic,
            ast.AugAssign: self._arithmetic,
            ast.BoolOp: self._boolean,
            ast.UnaryOp: self._without_its_operator,
            ast.Constant: self._constant,
            ast.If: self._condition_of,
            ast.While: self._condition_of,
            ast.IfExp: self._condition_of,
            ast.comprehension: self._filters,
            ast.Return: self._given_back,
            ast.Yield: self._given_back,
            ast.Call: self._arguments,
            ast.Break: self._break,
            ast.Continue: self._continue,
        }

    def changes(self, place: Place) -> list[Change]:
        """All changes at *place*, the most telling one first; whether they compile is not looked at."""
        found: list[Change] = []
        line = getattr(place.node, "lineno", 0)
        for kind, what, *edits in self._found(place):
            found.append(Change(kind=kind, line=line, what=what, edits=tuple(edits)))
        return found

    def _found(self, place: Place) -> Iterator[Found]:
        node = place.node
        way = self._ways.get(type(node))
        if way is not None:
            yield from way(node)
        if isinstance(node, ast.stmt) and _may_be_dropped(node, place):
            yield "statement", f"`{self._short(node)}` was dropped", self._edit(node, "pass")

    def _comparison(self, node: ast.Compare) -> Iterator[Found]:
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            yield from self._between("comparison", left, right, _COMPARED, COMPARISONS[type(operator)])
            left = right

    def _arithmetic(self, node: ast.BinOp | ast.AugAssign) -> Iterator[Found]:
        left, right = (node.left, node.right) if isinstance(node, ast.BinOp) else (node.target, node.value)
        texts = any(isinstance(side, (ast.List, ast.Tuple, ast.JoinedStr)) or _is_text(side) for side in (left, right))
        if not texts:
            yield from self._between("arithmetic", left, right, _CALCULATED, ARITHMETIC.get(type(node.op), ()))
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Mult)):
            # What is added may be text or a list, of which nothing can be subtracted.
            yield self._put("arithmetic", node, self._of(left))

    def _boolean(self, node: ast.BoolOp) -> Iterator[Found]:
        other = "or" if isinstance(node.op, ast.And) else "and"
        yield from self._between("boolean", node.values[0], node.values[1], _JOINED, (other,))

    def _without_its_operator(self, node: ast.UnaryOp) -> Iterator[Found]:
        if isinstance(node.op, (ast.Not, ast.USub)):
            kind: Kind = "not" if isinstance(node.op, ast.Not) else "arithmetic"
            yield self._put(kind, node, f"({self._of(node.operand)})")

    def _constant(self, node: ast.Constant) -> Iterator[Found]:
        for text in other_constants(node.value):
            yield self._put("constant", node, text)

    def _given_back(self, node: ast.Return | ast.Yield) -> Iterator[Found]:
        if node.value is None:
            return
        for text in other_values(node.value):
            yield self._put("return", node.value, text)

    def _break(self, node: ast.Break) -> Iterator[Found]:
        yield self._put("loop", node, "continue")

    def _continue(self, node: ast.Continue) -> Iterator[Found]:
        yield self._put("loop", node, "break")

    def _condition_of(self, node: ast.If | ast.While | ast.IfExp) -> Iterator[Found]:
        yield from self._condition(node.test)

    def _filters(self, node: ast.comprehension) -> Iterator[Found]:
        for condition in node.ifs:
            yield from self._condition(condition)

    def _condition(self, test: ast.expr) -> Iterator[Found]:
        # A single comparison is turned round as such already, and a `not` is taken away.
        if isinstance(test, ast.UnaryOp) or (isinstance(test, ast.Compare) and len(test.ops) == 1):
            return
        yield self._put("condition", test, f"not ({self._of(test)})")

    def _arguments(self, call: ast.Call) -> Iterator[Found]:
        if len(call.args) < 2 or any(isinstance(given, ast.Starred) for given in call.args):
            return
        first, second = call.args[:2]
        if self._of(first) == self._of(second) or (isinstance(call.func, ast.Name) and call.func.id in _TYPED):
            return
        what = f"`{self._short(first)}` and `{self._short(second)}` changed places"
        yield "arguments", what, self._edit(first, self._of(second)), self._edit(second, self._of(first))

    def _between(
        self, kind: Kind, left: ast.expr, right: ast.expr, operator: re.Pattern[str], others: tuple[str, ...]
    ) -> Iterator[Found]:
        """The operator between *left* and *right*, replaced by each of *others*."""
        start, end = self._text.place(left)[1], self._text.place(right)[0]
        gap = self._text.source[start:end]
        # Latin-1 keeps one character a byte; a comment between the two may hold anything.
        bare = re.sub(r"#[^\r\n]*", lambda comment: " " * len(comment.group()), gap.decode("latin-1"))
        found = operator.search(bare)
        if found is None:
            return
        for other in others:
            edit = self._padded(start + found.start(), start + found.end(), other)
            yield kind, f"`{found.group()}` became `{other}`", edit

    def _put(self, kind: Kind, node: ast.expr | ast.stmt, text: str) -> tuple[Kind, str, Edit]:
        return kind, f"`{self._short(node)}` became `{_shortened(text)}`", self._edit(node, text)

    def _edit(self, node: ast.expr | ast.stmt, text: str) -> Edit:
        return self._padded(*self._text.place(node), text)

    def _padded(self, start: int, end: int, text: str) -> Edit:
        """An edit whose words do not grow together with those beside them, as in ``return-x``."""
        before, after = self._text.source[start - 1 : start], self._text.source[end : end + 1]
        left = " " if _is_word(before) and _is_word(text[:1].encode()) else ""
        right = " " if _is_word(after) and _is_word(text[-1:].encode()) else ""
        return Edit(start=start, end=end, text=f"{left}{text}{right}")

    def _of(self, node: ast.expr | ast.stmt) -> str:
        start, end = self._text.place(node)
        return self._text.source[start:end].decode()

    def _short(self, node: ast.expr | ast.stmt) -> str:
        return _shortened(self._of(node))


def _shortened(text: str, most: int = 60) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _is_word(byte: bytes) -> bool:
    return bool(byte) and (byte.isalnum() or byte == b"_" or byte >= b"\x80")


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes))


def _may_be_dropped(node: ast.stmt, place: Place) -> bool:
    """Whether the program can go on without *node*: where a name would be missing, any test that runs it would tell."""
    match node:
        case ast.Expr(value=ast.Call() | ast.Await()) | ast.AugAssign() | ast.Raise() | ast.Delete():
            return True
        case ast.Assign(targets=[ast.Subscript()]):
            return True
        case ast.Assign(targets=[ast.Attribute()]):
            return place.function is not None and place.function.name not in _BUILDING
        case ast.Assign(targets=[ast.Name(id=name)]) if place.function is not None:
            given = place.function.args
            return name in {each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)}
    return False
