"""Follows one test from its first statement, as far as its course is plain, and notes what it demands of what."""

from __future__ import annotations

import ast
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, replace

from engine.conflicts.allowed import APPROX, BUILTINS
from engine.conflicts.asserting import Raising, conditions, is_subtest, of_unittest, raising
from engine.conflicts.closing import Bound, Called, Closing, Scope
from engine.conflicts.collecting import Collected
from engine.conflicts.effort import TooMuch, Unknown
from engine.conflicts.evaluating import evaluate, fold
from engine.conflicts.holes import put, shorten, show
from engine.conflicts.opposing import STEADY
from engine.conflicts.plain import is_mutable, parts
from engine.conflicts.reading import bound_by, imports_of
from engine.conflicts.rows import elements, fill

_SEE_LOCALS = ("exec", "eval", "locals", "vars")
_LEAVING = ("skip", "xfail", "exit", "fail")


@dataclass(frozen=True)
class Demand:
    """What one place demands of one value."""

    where: str
    shown: str
    """As a person would write it."""
    test: str
    """The node id, with the number of its row of parameters."""
    statement: int
    condition: ast.expr | None
    """Over the hole, if it has one; None where a call has to raise."""
    call: Called | None = None
    """The call of the code under test whose result the hole is."""
    first: bool = False
    """Nothing of the code under test was called before it in this test, and nothing around the test may change it."""
    alike: bool = False
    """Only the same function was."""
    bound: Bound | None = None
    """What the hole is, where it is what a local name stands for."""


class Following:
    """One walk through one test with one row of its parameters, which stand in the *scope* already."""

    def __init__(
        self, test: Collected, scope: Scope, *, name: str, line: int | None, clean: bool, may_skip: bool
    ) -> None:
        self._test, self._scope, self._name, self._may_skip = test, scope, name, may_skip
        self._line = line
        self._clean = clean
        self._called: set[str] = set()
        self._statements = 0
        self._numbers = 0
        self.changing: set[str] = set()
        """Functions of the code under test that were called for what they do, not for what they return."""

    def demands(self) -> Iterator[Demand]:
        """All that the test demands, up to where it may have ended."""
        yield from self._block(self._test.function.body)

    def _block(self, body: list[ast.stmt]) -> Generator[Demand, None, bool]:
        """Its value says whether what comes after is known to be reached."""
        for statement in body:
            self._scope.effort.spend()
            self._statements += 1
            if not (yield from self._statement(statement)):
                return False
        return True

    def _statement(  # noqa: C901, PLR0911, PLR0912 (one arm a kind of statement)
        self, statement: ast.stmt
    ) -> Generator[Demand, None, bool]:
        receiver = self._test.receiver
        match statement:
            case ast.Pass() | ast.Expr(value=ast.Constant()):
                return True
            case ast.Import() | ast.ImportFrom():
                names, _ = imports_of([statement], self._test.module.path)
                self._scope.imports.update(names)
                return "*" not in names
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                return self._assign(name, value)
            case ast.Assign(targets=[ast.Tuple() | ast.List() as target], value=value) if self._is_plain(value):
                fill(target, value, self._scope)
                self._unknow_shared((self._test.held | self._test.rebound) & bound_in([target]))
                self._scope.local.update(dict.fromkeys(self._test.rebound & bound_in([target])))
                return True
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                return self._assign(name, value)
            case ast.Assert(test=condition):
                return (yield from self._assert(condition, statement.lineno))
            case ast.Expr(value=ast.Call() as call):
                demanded = of_unittest(call, receiver)
                if demanded is not None:
                    return (yield from self._assert(demanded, statement.lineno))
                error = raising(call, self._scope, receiver)
                if error is not None and error.body is not None:
                    return (yield from self._raise(error, error.body, statement.lineno))
                self.changing |= {self._scope.function(call.func)} - {""}
            case ast.With(items=[ast.withitem(context_expr=context)], body=[*body]) if is_subtest(context, receiver):
                return (yield from self._block(body))
            case ast.With(items=[ast.withitem(context_expr=context)], body=[ast.Expr(value) | ast.Assign(value=value)]):
                error = raising(context, self._scope, receiver)
                if error is not None and error.body is None:
                    goes_on = yield from self._raise(error, value, statement.body[0].lineno)
                    self._forget(statement)
                    return goes_on
            case ast.For(target=target, iter=table, body=body, orelse=[]) if not _leaves([statement]):
                found = elements(table, self._scope)
                if found is not None and not (bound_in(body) & bound_in([target])):
                    return (yield from self._loop(target, found, body))
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                self._scope.local[name] = None
                return True
        return self._lose_track(statement)

    def _loop(self, target: ast.expr, found: list[ast.expr], body: list[ast.stmt]) -> Generator[Demand, None, bool]:
        outside = self._line
        for element in found:
            self._line = getattr(element, "lineno", outside)
            fill(target, element, self._scope)
            if not (yield from self._block(body)):
                return False
        self._line = outside
        return True

    def _assign(self, name: str, value: ast.expr) -> bool:
        scope, closing = self._scope, Closing(self._scope)
        came: ast.expr | None = None
        try:
            came = closing.close(value)
            if closing.call is None and closing.bound is None and name not in self._test.rebound:
                scope.local[name] = ast.Constant(value=evaluate(came, scope.effort))
                if name in self._test.held:
                    self._unknow_shared({name})
                return True
        except Unknown:
            came = None
        except (TooMuch, RecursionError, MemoryError):
            raise
        except Exception:  # noqa: BLE001 (what working it out raises, the test raises)
            return False
        first, alike = self._standing(closing.call)
        known = Bound(number=0, name=name, returned=self._returns(value), made=self._has_ways(value))
        if came is not None and closing.call is not None:
            known = replace(known, call=closing.call, came=came, first=first, alike=alike)
        elif came is not None and closing.bound is not None:
            known = _further(known, came, closing.bound)
        goes_on = self._after([value])
        self._unknow_shared({inner.id for inner in ast.walk(value) if isinstance(inner, ast.Name)})
        self._numbers += 1
        unknown = name in self._test.rebound or (known.made and not known.call)
        scope.local[name] = None if unknown else replace(known, number=self._numbers)
        return goes_on

    def _returns(self, value: ast.expr) -> bool:
        return isinstance(value, ast.Call) and bool(self._scope.function(value.func))

    def _has_ways(self, value: ast.expr) -> bool:
        """Whether *value* makes an object of a class, which may be equal to more than one thing."""
        made = value.func if isinstance(value, ast.Call) else value
        name = made.attr if isinstance(made, ast.Attribute) else getattr(made, "id", "")
        return str(name).lstrip("_")[:1].isupper() and isinstance(value, ast.Call)

    def _assert(self, condition: ast.expr, line: int) -> Generator[Demand, None, bool]:
        for one in conditions(condition):
            closing = Closing(self._scope)
            try:
                closed = closing.close(one)
            except Unknown:
                closed = None
            if closed is not None:
                yield from self._demanded(closed, closing, line)
            if not self._after([one]):
                return False
        return True

    def _demanded(self, closed: ast.expr, closing: Closing, line: int) -> Iterator[Demand]:
        call, bound = closing.call, closing.bound
        first, alike = self._standing(call)
        if bound is not None:
            if not bound.made:
                yield self._demand(closed, line, bound.name, bound=bound)
            if bound.came is None or bound.call is None:
                return
            closed, call, first, alike = put(closed, bound.came), bound.call, bound.first, bound.alike
        yield self._demand(closed, line, call.shown if call else "", call=call, first=first, alike=alike)

    def _raise(self, error: Raising, value: ast.expr, line: int) -> Generator[Demand, None, bool]:
        try:
            call = Closing(self._scope).called(value)
        except Unknown:
            call = None
        if call is not None:
            first, alike = self._standing(call)
            shown = f"{call.shown} raises {error.error}"
            yield replace(self._demand(None, line, "", call=call, first=first, alike=alike), shown=shorten(shown))
        return self._after([value])

    def _demand(
        self,
        condition: ast.expr | None,
        line: int,
        it: str,
        *,
        call: Called | None = None,
        bound: Bound | None = None,
        first: bool = False,
        alike: bool = False,
    ) -> Demand:
        return Demand(
            where=f"{self._test.module.path}:{self._line or line}",
            shown=show(condition, it),
            test=self._name,
            statement=self._statements,
            condition=None if condition is None else fold(condition, self._scope.effort),
            call=call,
            first=first,
            alike=alike,
            bound=bound,
        )

    def _standing(self, call: Called | None) -> tuple[bool, bool]:
        if call is None or not self._clean:
            return False, False
        return not self._called, self._called <= {call.function}

    def _after(self, done: Iterable[ast.expr]) -> bool:
        """Take note of what working out *done* may have changed; whether the test is known to go on."""
        goes_on = True
        for node in (inner for each in done for inner in ast.walk(each)):
            self._scope.effort.spend()
            if isinstance(node, (ast.NamedExpr, ast.Yield, ast.YieldFrom)):
                goes_on = False
            if isinstance(node, ast.Subscript) and not _is_place(node.slice):
                # Asking a defaultdict for a key puts it there.
                self._unsettle("")
            if self._uses_up(node):
                self._unsettle("")
            if not isinstance(node, ast.Call) or self._is_pure(node.func):
                continue
            if isinstance(node.func, ast.Name) and node.func.id in _SEE_LOCALS:
                self._scope.local.update(dict.fromkeys(self._scope.local))
            function = self._scope.function(node.func)
            if function:
                self._called.add(function)
            else:
                self._clean = False
                goes_on = goes_on and not (self._may_skip and not self._scope.member(node.func))
            self._unsettle(function)
            self._unknow_shared({inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)})
        return goes_on

    def _uses_up(self, node: ast.AST) -> bool:
        """Whether *node* goes through something that may be an iterator."""
        through: list[ast.expr] = []
        match node:
            case ast.Call(func=ast.Name(id=name), args=given) if name not in STEADY:
                through = given
            case ast.Compare(ops=[*_, ast.In() | ast.NotIn()], comparators=[*_, container]):
                through = [container]
            case ast.Starred(value=value):
                through = [value]
        names = {inner.id for each in through for inner in ast.walk(each) if isinstance(inner, ast.Name)}
        return any(isinstance(self._scope.local.get(name), Bound) for name in names)

    def _is_plain(self, value: ast.expr) -> bool:
        closing = Closing(self._scope)
        try:
            evaluate(closing.close(value), self._scope.effort)
        except (TooMuch, RecursionError, MemoryError):
            raise
        except Exception:  # noqa: BLE001 (unknown, or raised when the test runs)
            return False
        return True

    def _is_pure(self, callee: ast.expr) -> bool:
        if isinstance(callee, ast.Attribute) and isinstance(callee.value, ast.Constant):
            return True
        dotted = self._scope.dotted(callee)
        return dotted in BUILTINS or dotted == "print" or (isinstance(callee, ast.Name) and callee.id == APPROX)

    def _unsettle(self, function: str) -> None:
        """What was bound before may have been changed by a call: of *function*, or of something unknown."""
        for name, known in self._scope.local.items():
            if isinstance(known, Bound):
                self._numbers += 1
                still = known.call is not None and known.call.function == function
                self._scope.local[name] = replace(
                    known,
                    number=self._numbers,
                    call=known.call if still else None,
                    came=known.came if still else None,
                    first=False,
                    alike=known.first or known.alike,
                )

    def _unknow_shared(self, names: Iterable[str]) -> None:
        """Whoever is handed a list may change it, under every name that it has here."""
        local = self._scope.local
        handed = {id(part) for name in names for part in _inside(local.get(name)) if is_mutable(part)}
        for name, known in local.items():
            if handed & {id(part) for part in _inside(known)}:
                local[name] = None

    def _lose_track(self, statement: ast.stmt) -> bool:
        """After a statement whose course is not followed, the test goes on, but nothing is as it was."""
        self._clean = False
        self._unsettle("")
        self._unknow_shared({inner.id for inner in ast.walk(statement) if isinstance(inner, ast.Name)})
        self._forget(statement)
        expressions = [node for node in ast.iter_child_nodes(statement) if isinstance(node, ast.expr)]
        compound = not isinstance(statement, (ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Delete))
        if _leaves([statement]) or (compound and self._may_skip):
            return False
        return self._after(expressions)

    def _forget(self, statement: ast.stmt) -> None:
        self._scope.local.update(dict.fromkeys(bound_in([statement])))


def _further(known: Bound, came: ast.expr, bound: Bound) -> Bound:
    """*known*, which comes from what *bound* names by *came*."""
    if isinstance(came, ast.Name):
        known = replace(known, made=bound.made)
    if bound.call is None or bound.came is None:
        return known
    return replace(known, call=bound.call, came=put(came, bound.came), first=bound.first, alike=bound.alike)


def bound_in(nodes: Iterable[ast.AST]) -> set[str]:
    return {name for node in nodes for inner in ast.walk(node) for name in bound_by(inner)}


def _inside(known: object) -> Iterator[object]:
    if isinstance(known, ast.Constant):
        yield from parts(known.value)


def _is_place(index: ast.expr) -> bool:
    number = index.operand if isinstance(index, ast.UnaryOp) else index
    return isinstance(index, ast.Slice) or (isinstance(number, ast.Constant) and isinstance(number.value, int))


def _leaves(statements: list[ast.stmt]) -> bool:
    """Whether one of *statements* may end the test, or the loop that it stands in."""
    for node in (inner for statement in statements for inner in ast.walk(statement)):
        if isinstance(node, (ast.Return, ast.Raise, ast.Break, ast.Continue, ast.Yield, ast.YieldFrom)):
            return True
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if any(word in str(name).lower() for word in _LEAVING):
                return True
    return False
