"""Closes an expression of a test: a value, a trusted builtin or the hole in place of every name, or `Unknown`."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from engine.conflicts.allowed import APPROX, BUILTINS, CONSTANTS, TYPES
from engine.conflicts.effort import Effort, Unknown
from engine.conflicts.evaluating import HOLE, evaluate
from engine.conflicts.origins import Origins
from engine.conflicts.plain import exactly, is_plain
from engine.conflicts.reading import Module


@dataclass(frozen=True)
class Called:
    """One call of a function or a class of the code under test with plain arguments, or one of its constants."""

    function: str
    """Dotted, and told apart from the same name in another folder."""
    arguments: str
    """The same text for the same arguments, and only then."""
    shown: str
    """As a person would write it."""
    made: bool = False
    """It makes an object of a class."""

    @property
    def key(self) -> str:
        return f"{self.function}({self.arguments})"


@dataclass(frozen=True)
class Bound:
    """A local name for what is only known when the test runs."""

    number: int
    """Another one whenever the value may have changed."""
    name: str
    call: Called | None = None
    """The call it comes from, where that is all it comes from."""
    came: ast.expr | None = None
    """How it comes from the call: an expression over the hole."""
    first: bool = False
    alike: bool = False
    """Both as in `Demand`, of the call."""
    returned: bool = False
    """It is what a function of the code under test returned, and so most likely plain."""
    made: bool = False
    """It is an object of a class, and may be equal to more than one thing."""


Known = ast.expr | Bound | None
"""What a local name stands for: a closed expression, something bound while the test runs, or nothing that is known."""


@dataclass
class Scope:
    """The names that one test sees."""

    module: Module
    origins: Origins
    effort: Effort
    local: dict[str, Known] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)
    """What the test itself imports."""

    def dotted(self, node: ast.expr) -> str:
        """What ``a.b`` stands for, as `Module.dotted`, but for names that the test itself binds."""
        names: list[str] = []
        first = node
        while isinstance(first, ast.Attribute):
            names.append(first.attr)
            first = first.value
        if isinstance(first, ast.Name):
            if first.id in self.imports:
                return ".".join((self.imports[first.id], *reversed(names)))
            if first.id in self.local:
                return ""
        return self.module.dotted(node)

    def function(self, callee: ast.expr) -> str:
        """The module-level function of the code under test that *callee* names, dotted; else empty."""
        found = self.member(callee)
        return "" if has_capital(found.rpartition(".")[2]) else found

    def member(self, node: ast.expr) -> str:
        """What *node* names directly in a module of the code under test, dotted; else empty."""
        dotted = self.dotted(node)
        before, _, _ = dotted.rpartition(".")
        if not before or not self.origins.is_code(dotted):
            return ""
        # What stands behind a class or an object has a state of its own.
        if any(map(has_capital, before.split("."))):
            return ""
        if not (before in self.module.modules or self.origins.is_module(before) or isinstance(node, ast.Name)):
            return ""
        return self.origins.beside(self.module.path, dotted)


def has_capital(name: str) -> bool:
    """Whether *name* is written as that of a class or a constant."""
    return name.lstrip("_")[:1].isupper()


class Closing:
    """Closes one expression, and keeps what its hole stands for."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self.call: Called | None = None
        self.bound: Bound | None = None

    def close(self, node: ast.expr) -> ast.expr:  # noqa: C901, PLR0911, PLR0912 (one arm a kind of expression)
        """Raises `Unknown` where something in it is neither plain, nor trusted, nor the one thing the hole stands for."""
        self._scope.effort.spend()
        match node:
            case ast.Constant():
                return node
            case ast.Name(id=name):
                return self._name(name)
            case ast.Attribute():
                return self._attribute(node)
            case ast.Call():
                return self._call(node)
            case ast.Await(value=ast.Call() as call):
                return self._awaited(call)
            case ast.Starred(value=value):
                return ast.Starred(value=self.close(value), ctx=ast.Load())
            case ast.List(elts=items):
                return ast.List(elts=self._all(items), ctx=ast.Load())
            case ast.Tuple(elts=items):
                return ast.Tuple(elts=self._all(items), ctx=ast.Load())
            case ast.Set(elts=items):
                return ast.Set(elts=self._all(items))
            case ast.Dict(keys=keys, values=values):
                if any(key is None for key in keys):
                    raise Unknown
                return ast.Dict(keys=[self.close(key) for key in keys if key], values=self._all(values))
            case ast.UnaryOp(op=op, operand=operand):
                return ast.UnaryOp(op=op, operand=self.close(operand))
            case ast.BinOp(left=left, op=op, right=right):
                return ast.BinOp(left=self.close(left), op=op, right=self.close(right))
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return _of_type(ast.Compare(left=self.close(left), ops=[op], comparators=[self.close(right)]))
            case ast.BoolOp(op=op, values=values):
                return self._either(op, values)
            case ast.Subscript(value=value, slice=ast.Slice() as part):
                ends = [None if end is None else self.close(end) for end in (part.lower, part.upper, part.step)]
                index = ast.Slice(lower=ends[0], upper=ends[1], step=ends[2])
                return ast.Subscript(value=self.close(value), slice=index, ctx=ast.Load())
            case ast.Subscript(value=value, slice=index):
                return ast.Subscript(value=self.close(value), slice=self.close(index), ctx=ast.Load())
            case _:
                raise Unknown

    def called(self, node: ast.expr) -> Called:
        """The call of the code under test that *node* is. Raises `Unknown`."""
        if not (isinstance(self.close(node), ast.Name) and self.call):
            raise Unknown
        return self.call

    def _all(self, nodes: list[ast.expr]) -> list[ast.expr]:
        return [self.close(node) for node in nodes]

    def _name(self, name: str) -> ast.expr:
        scope = self._scope
        if name in (HOLE, APPROX):
            return ast.Name(id=name, ctx=ast.Load())
        if name in scope.local:
            known = scope.local[name]
            if isinstance(known, Bound):
                if self.call is not None or self.bound not in (None, known):
                    raise Unknown
                self.bound = known
                return ast.Name(id=HOLE, ctx=ast.Load())
            if known is None:
                raise Unknown
            return known
        if name in scope.module.constants and name not in scope.imports:
            apart = Closing(Scope(module=scope.module, origins=scope.origins, effort=scope.effort))
            closed = apart.close(scope.module.constants[name])
            if apart.call is not None:
                # It is called while the tests are collected.
                raise Unknown
            return closed
        return self._of_module(ast.Name(id=name, ctx=ast.Load()))

    def _of_module(self, node: ast.expr) -> ast.expr:
        """A constant: of the code under test, or a known one."""
        member = self._scope.member(node)
        if len(member.rpartition(".")[2]) > 1 and member.rpartition(".")[2].isupper():
            if self.call is not None or self.bound is not None:
                raise Unknown
            self.call = Called(function=member, arguments="", shown=ast.unparse(node))
            return ast.Name(id=HOLE, ctx=ast.Load())
        return self._constant(self._scope.dotted(node))

    def _constant(self, dotted: str) -> ast.expr:
        if dotted in CONSTANTS or dotted in TYPES:
            return ast.Name(id=dotted, ctx=ast.Load())
        raise Unknown

    def _attribute(self, node: ast.Attribute) -> ast.expr:
        if self._scope.dotted(node):
            return self._of_module(node)
        return ast.Attribute(value=self.close(node.value), attr=node.attr, ctx=ast.Load())

    def _either(self, op: ast.boolop, values: list[ast.expr]) -> ast.expr:
        before = self.call, self.bound
        closed = ast.BoolOp(op=op, values=self._all(values))
        if before != (self.call, self.bound):
            # Which of them is asked for is not known.
            raise Unknown
        return closed

    def _awaited(self, call: ast.Call) -> ast.expr:
        found = self._code_call(call)
        self.call = Called(function=found.function, arguments=f"await {found.arguments}", shown=f"await {found.shown}")
        return ast.Name(id=HOLE, ctx=ast.Load())

    def _call(self, node: ast.Call) -> ast.expr:
        scope = self._scope
        if scope.member(node.func):
            self.call = self._code_call(node)
            return ast.Name(id=HOLE, ctx=ast.Load())
        dotted = scope.dotted(node.func)
        if dotted == "asyncio.run" and len(node.args) == 1 and isinstance(node.args[0], ast.Call):
            return self._awaited(node.args[0])
        words = [ast.keyword(arg=word.arg, value=self.close(word.value)) for word in node.keywords]
        if isinstance(node.func, ast.Name) and node.func.id == APPROX:
            dotted = APPROX
        if dotted in BUILTINS:
            name = ast.Name(id=dotted, ctx=ast.Load())
            return ast.Call(func=name, args=self._all(node.args), keywords=words)
        if dotted:
            raise Unknown
        return ast.Call(func=self.close(node.func), args=self._all(node.args), keywords=words)

    def _code_call(self, node: ast.Call) -> Called:
        """Raises `Unknown` where it has no argument, one that is not plain, or is the second one here."""
        scope = self._scope
        function = scope.member(node.func)
        made = has_capital(function.rpartition(".")[2])
        if not function or self.call is not None or self.bound is not None:
            raise Unknown
        if not (made or node.args or node.keywords):
            raise Unknown
        apart = Closing(scope)
        given = evaluate(ast.List(elts=apart._all(node.args), ctx=ast.Load()), scope.effort)
        words = {word.arg: evaluate(apart.close(word.value), scope.effort) for word in node.keywords if word.arg}
        if len(words) != len(node.keywords) or not all(is_plain(each) for each in (*given, *words.values())):
            raise Unknown
        named = sorted(words.items())
        arguments = [*map(exactly, given), *(f"{name}={exactly(value)}" for name, value in named)]
        shown = [*map(repr, given), *(f"{name}={value!r}" for name, value in named)]
        return Called(
            function=function,
            arguments=", ".join(arguments),
            shown=f"{ast.unparse(node.func)}({', '.join(shown)})",
            made=made,
        )


def _of_type(node: ast.Compare) -> ast.expr:
    """``type(x) is int`` as `isinstance`, which is less than it says, but the same wherever it is false."""
    match node:
        case ast.Compare(
            left=ast.Call(func=ast.Name(id="type"), args=[value]),
            ops=[ast.Is() | ast.Eq()],
            comparators=[ast.Name() as kind],
        ) if kind.id in TYPES:
            return ast.Call(func=ast.Name(id="isinstance", ctx=ast.Load()), args=[value, kind], keywords=[])
        case _:
            return node
