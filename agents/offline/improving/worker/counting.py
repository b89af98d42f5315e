"""How much work a call is, counted: bytecode instructions, and the elements that operations written in C go through.

Time would differ from machine to machine and from run to run; instructions alone would not see that looking for a value in
a list, written as one instruction, goes through the list. So a program is run once as it is, with its instructions counted
by `sys.monitoring`, and once with its operators and calls led through the counting functions here. The model: `in` on a list
or tuple costs the elements up to the one that is found, on a set or dict 1; joining two sequences costs the elements of the new
one, which for `+=` on a text is what the language promises, though CPython can often extend it in place; a slice, `list()`,
`set()`, `sum()` and the like cost what they go through, `sorted` and `sort` n·log2 n; `pop` and `insert` cost what they move.
"""

from __future__ import annotations

import ast
import builtins
import math
import sys
from collections import deque
from collections.abc import Callable
from itertools import count
from types import CodeType
from typing import Any

MOST = 600_000
"""Instructions of one call; what takes more is counted on a smaller input."""
_TOOL = 5
_ROWS = (list, tuple, str, bytes, bytearray)
_HOLDERS = (*_ROWS, dict, set, frozenset, deque, range)
_WHOLE = (sum, min, max, any, all, list, tuple, set, frozenset, dict, deque, bytes, bytearray)
_THROUGH = frozenset({"index", "count", "remove", "reverse", "copy", "replace", "find", "rfind", "split", "lower", "upper",
                      "strip", "casefold", "title", "swapcase", "encode", "decode", "union", "intersection", "difference"})  # fmt: skip
_NOT_LED = frozenset({"super", "locals", "globals", "vars", "dir", "eval", "exec", "open", "input"})


class TooMuch(BaseException):
    """The call takes more instructions than are counted."""


class Instructions:
    """Counts the instructions of all code from its making until `stop`."""

    def __init__(self, most: int = MOST) -> None:
        self.count = 0
        monitoring: Any = getattr(sys, "monitoring")  # noqa: B009  # the host may run a Python that has none yet
        self._monitoring = monitoring
        monitoring.use_tool_id(_TOOL, "mendbox-instructions")

        def tick(_code: CodeType, _offset: int) -> None:
            self.count += 1
            if self.count > most:
                raise TooMuch

        monitoring.register_callback(_TOOL, monitoring.events.INSTRUCTION, tick)
        monitoring.set_events(_TOOL, monitoring.events.INSTRUCTION)

    def stop(self) -> int:
        self._monitoring.set_events(_TOOL, 0)
        self._monitoring.free_tool_id(_TOOL)
        return self.count


class Elements:
    """Counts elements in programs that were led through it."""

    def __init__(self, most: int = 50 * MOST) -> None:
        self.count = 0
        self._most = most

    def install(self) -> None:
        """Let led programs find the counting functions, under names that no program has."""
        for name, function in (
            ("in", self._in),
            ("add", self._add),
            ("grow", self._grow),
            ("call", self._call),
            ("cut", self._cut),
        ):
            setattr(builtins, f"mendbox_{name}_", function)

    def _cost(self, elements: float) -> None:
        self.count += max(1, int(elements))
        if self.count > self._most:
            raise TooMuch

    def _in(self, one: object, held: Any, negated: bool) -> bool:  # noqa: ANN401, FBT001  # whatever the program has
        if isinstance(held, (list, tuple, deque)):
            place = next((at for at, each in zip(count(1), held, strict=False) if each is one or each == one), 0)
            self._cost(place or len(held))
            return (not place) if negated else bool(place)
        if isinstance(held, (str, bytes)):
            self._cost(len(held))
        return one not in held if negated else one in held

    def _add(self, left: Any, right: Any) -> object:  # noqa: ANN401  # as above
        made = left + right
        if isinstance(made, _ROWS):
            self._cost(len(made))
        return made

    def _grow(self, left: Any, right: Any) -> object:  # noqa: ANN401  # as above
        if isinstance(left, list) and isinstance(right, _HOLDERS):
            self._cost(len(right))
        made = left
        made += right
        if isinstance(made, (str, bytes, tuple)):
            self._cost(len(made))
        return made

    def _cut(self, value: object) -> object:
        if isinstance(value, _ROWS):
            self._cost(len(value))
        return value

    def _call(self, function: Callable[..., object], *given: Any, **named: Any) -> object:  # noqa: ANN401  # as above
        size = len(given[0]) if given and isinstance(given[0], _HOLDERS) else 0
        owner, name = getattr(function, "__self__", None), getattr(function, "__name__", "")
        if function is sorted:
            in_order = sorted(*given, **named)
            self._cost(_sorting(len(in_order)))
            return in_order
        if function in _WHOLE:
            self._cost(size)
        elif isinstance(owner, (list, deque)):
            self._cost(self._moved(owner, name, given, size))
        elif isinstance(owner, (str, bytes)):
            self._cost(len(owner) if name in _THROUGH else 1)
            if name == "join":
                made = function(*given, **named)
                self._cost(len(made) if isinstance(made, (str, bytes)) else 1)
                return made
        elif isinstance(owner, (dict, set, frozenset)):
            self._cost(len(owner) if name == "copy" else size if name in _THROUGH | {"update"} else 1)
        return function(*given, **named)

    def _moved(self, owner: list[object] | deque[object], name: str, given: tuple[Any, ...], size: int) -> float:
        length = len(owner)
        if name in {"popleft", "appendleft", "append"} or (name == "pop" and not given):
            return 1
        if name in {"pop", "insert"} and isinstance(given[0], int):
            place = given[0] if given[0] >= 0 else length + given[0]
            return min(length, max(1, length - place))
        if name in {"extend", "extendleft"}:
            return size
        return _sorting(length) if name == "sort" else length if name in _THROUGH else 1


def _sorting(length: int) -> float:
    return length * max(1.0, math.log2(length or 1))


class _Leader(ast.NodeTransformer):
    """Leads operators and calls through the counting functions; what the program does stays the same."""

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.Compare(ops=[ast.In() | ast.NotIn() as how], comparators=[held]):
                return _asked("in", node.left, held, ast.Constant(isinstance(how, ast.NotIn)))
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        return _asked("add", node.left, node.right) if isinstance(node.op, ast.Add) else node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Add) and isinstance(node.target, ast.Name):
            was = ast.Name(node.target.id, ast.Load())
            return ast.Assign(targets=[node.target], value=_asked("grow", was, node.value))
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.slice, ast.Slice) and isinstance(node.ctx, ast.Load):
            return _asked("cut", node)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and (node.func.id in _NOT_LED or node.func.id.startswith("mendbox_")):
            return node
        return ast.Call(
            func=ast.Name("mendbox_call_", ast.Load()), args=[node.func, *node.args], keywords=node.keywords
        )

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:  # what stands in annotations is no work
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_arguments(self, node: ast.arguments) -> ast.AST:
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:  # decorators are no work of a call
        node.body = [self.visit(statement) for statement in node.body]
        return node

    def visit_MatchValue(self, node: ast.MatchValue) -> ast.AST:  # a pattern takes no calls
        return node


def _asked(name: str, *given: ast.expr) -> ast.Call:
    return ast.Call(func=ast.Name(f"mendbox_{name}_", ast.Load()), args=list(given), keywords=[])


def led(text: str) -> str:
    """*text* with its operators and calls led through the counting functions."""
    return ast.unparse(ast.fix_missing_locations(_Leader().visit(ast.parse(text))))
