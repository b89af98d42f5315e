"""Which tests of a file can have twins, and the files that hold them: one a round, in each of which one expectation of
every test is wrong.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence

from engine.domain import Value
from engine.twins.ending import broken_at_its_end
from engine.twins.expecting import Table, Variant, variants_of_assert, variants_of_method, variants_of_raises
from engine.twins.naming import named_in
from engine.twins.text import Text, applied

ROUNDS = 6
"""Expectations of one test that get a twin each."""
_SKIPPED = frozenset({"skip", "skipif", "skipIf", "skipUnless"})
_MAY_FAIL = frozenset({"xfail", "expectedFailure"})
_SWALLOWING = frozenset(
    {"raises", "suppress", "assertRaises", "assertRaisesRegex", "warns", "assertWarns", "assertLogs"}
)
_RAISING = frozenset({"raises", "assertRaises", "assertRaisesRegex"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Function = ast.FunctionDef | ast.AsyncFunctionDef
_LEAVING = frozenset({"skip", "skipTest", "xfail", "importorskip", "exit", "fail"})


class Round(Value):
    """One wrong copy of the tests."""

    files: Mapping[str, str]
    """The changed files alone, by path."""
    tests: frozenset[str]
    """``path::Class::function`` of the tests that have to be red."""
    ended: frozenset[str] = frozenset()
    """Those of `tests` of which no expectation was made wrong: they break when they have come to their end."""


class Twins(Value):
    """All twins of some tests."""

    rounds: tuple[Round, ...] = ()

    @property
    def tests(self) -> frozenset[str]:
        return frozenset().union(*(made.tests for made in self.rounds))


class _Test(Value):
    """One test function."""

    names: tuple[str, ...]
    """What it is called by pytest, without its file: more than one where classes inherit it."""
    variants: tuple[Variant, ...]
    ended: bool = False


def make(
    tests: Mapping[str, str], *, passed: Collection[str] | None = None, endings: bool = False, rounds: int = ROUNDS
) -> Twins:
    """Twins of the Python files of *tests*, at most *rounds* of them.

    *passed* are the tests that were run and passed, as `Round.tests` names them; where None, those that pytest collects by
    their names and nothing may skip. With *endings*, tests of which no expectation can be made wrong break at their end.
    """
    sources = {path: source for path, source in tests.items() if path.endswith(".py")}
    found = {path: tuple(_tests_of(path, source, passed, endings=endings)) for path, source in sources.items()}
    most = max((len(test.variants) for functions in found.values() for test in functions), default=0)
    made = [_round(tests, found, number) for number in range(min(rounds, most))]
    return Twins(rounds=tuple(one for one in made if one.tests))


def _round(tests: Mapping[str, str], found: Mapping[str, Sequence[_Test]], number: int) -> Round:
    files: dict[str, str] = {}
    names: set[str] = set()
    ended: set[str] = set()
    for path, functions in found.items():
        chosen = [test for test in functions if number < len(test.variants)]
        changed = applied(tests[path], [edit for test in chosen for edit in test.variants[number]]) if chosen else None
        if changed is not None:
            files[path] = changed
            names |= {f"{path}::{name}" for test in chosen for name in test.names}
            ended |= {f"{path}::{name}" for test in chosen if test.ended for name in test.names}
    return Round(files=files, tests=frozenset(names), ended=frozenset(ended))


def _tests_of(path: str, source: str, passed: Collection[str] | None, *, endings: bool) -> Iterator[_Test]:
    """Each test function that can have a twin."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    text, tables = Text(source), _assigned(tree.body)
    # what was seen to pass was not skipped
    without = _MAY_FAIL if passed is not None else _MAY_FAIL | _SKIPPED
    if any(_marks(statement, without) for statement in tree.body):
        return
    for function, names in named_in(tree.body, without=lambda node: _decorated(node, without)):
        called = (
            tuple(name for name in names if f"{path}::{name}" in passed)
            if passed is not None
            else names[:1] * function.name.startswith("test")
        )
        if called and not _idle(function):
            known = _read_once(function, _columns(function, tables) | _locals(function))
            variants = tuple(_variants(function.body, text, known))
            ending = broken_at_its_end(function, text, leaving=_LEAVING) if endings and not variants else ()
            if variants or ending:
                yield _Test(names=called, variants=variants or (ending,), ended=not variants)


def _variants(body: Sequence[ast.stmt], text: Text, tables: Mapping[str, Table]) -> Iterator[Variant]:
    """Of the expectations that are met whenever the function runs to its end."""
    for node in body:
        match node:
            case ast.Assert(test=test):
                yield from variants_of_assert(text, test, tables)
            case ast.Expr(value=ast.Call() as call):
                yield from variants_of_method(text, call, tables)
            case ast.With(items=items, body=inner) | ast.AsyncWith(items=items, body=inner):
                calls = [item.context_expr for item in items if isinstance(item.context_expr, ast.Call)]
                swallowing = [call for call in calls if _called(call) in _SWALLOWING]
                if not swallowing:
                    yield from _variants(inner, text, tables)
                elif _called(swallowing[0]) in _RAISING:
                    yield from variants_of_raises(text, swallowing[0])
            case ast.For(iter=iterated, body=inner) if _never_empty(iterated):
                yield from _variants(inner, text, tables)
        if _may_leave(node):
            return


def _may_leave(node: ast.stmt) -> bool:
    """Whether the function may end at *node* without having failed."""
    return any(
        isinstance(inner, (ast.Return, ast.Break, ast.Continue))
        or (isinstance(inner, ast.Call) and _called(inner) in _LEAVING)
        for inner in ast.walk(node)
        if not isinstance(inner, (*_FUNCTIONS, ast.Lambda))
    ) and not isinstance(node, (*_FUNCTIONS, ast.ClassDef))


def _never_empty(node: ast.expr) -> bool:
    if isinstance(node, (ast.List, ast.Tuple)):
        return bool(node.elts)
    if isinstance(node, ast.Call) and _called(node) == "range" and len(node.args) == 1:
        count = node.args[0]
        return isinstance(count, ast.Constant) and isinstance(count.value, int) and count.value > 0
    return False


def _columns(function: Function, tables: Mapping[str, ast.expr]) -> dict[str, Table]:
    """What each parameter of ``@pytest.mark.parametrize`` gets, where all of its cases can be read."""
    found: dict[str, Table] = {}
    for decorator in function.decorator_list:
        if not (isinstance(decorator, ast.Call) and _called(decorator) == "parametrize" and len(decorator.args) >= 2):
            continue
        names = _names(decorator.args[0])
        rows = decorator.args[1]
        rows = tables.get(rows.id, rows) if isinstance(rows, ast.Name) else rows
        if not names or not isinstance(rows, (ast.List, ast.Tuple)) or not rows.elts:
            continue
        cells = [_cells(row, len(names)) for row in rows.elts]
        if all(row is not None for row in cells):
            found |= {name: [row[index] for row in cells if row is not None] for index, name in enumerate(names)}
    return found


def _cells(row: ast.expr, count: int) -> list[ast.expr] | None:
    if isinstance(row, ast.Call) and _called(row) == "param":
        return list(row.args) if len(row.args) == count else None
    if count == 1:
        return [row]
    return list(row.elts) if isinstance(row, (ast.List, ast.Tuple)) and len(row.elts) == count else None


def _names(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [name.strip() for name in node.value.split(",") if name.strip()]
    if isinstance(node, (ast.List, ast.Tuple)):
        return [part.value for part in node.elts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return []


def _locals(function: Function) -> dict[str, Table]:
    """Names that the function gives one value to, as if each were a column of one case."""
    return {name: [value] for name, value in _assigned(function.body).items()}


def _read_once(function: Function, tables: Mapping[str, Table]) -> dict[str, Table]:
    """Those of *tables* whose name is read only once: one that is also handed to the code is part of the question."""
    read = [node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    return {name: cells for name, cells in tables.items() if read.count(name) == 1}


def _assigned(body: Sequence[ast.stmt]) -> dict[str, ast.expr]:
    """The value of each name that is assigned directly in *body*, and only once."""
    values: dict[str, list[ast.expr]] = {}
    for node in body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    values.setdefault(target.id, []).append(node.value)
    return {name: found[0] for name, found in values.items() if len(found) == 1}


def _decorated(node: Function | ast.ClassDef, names: Collection[str]) -> bool:
    """Whether a decorator of one of these *names* may keep the test from running, or from being red."""
    return any(_called(decorator) in names for decorator in node.decorator_list)


def _idle(function: Function) -> bool:
    """Whether `hypothesis` may be told to run the function with no example at all."""
    return any(
        isinstance(decorator, ast.Call)
        and _called(decorator) == "settings"
        and (decorator.args or any(keyword.arg in {None, "phases"} for keyword in decorator.keywords))
        for decorator in function.decorator_list
    )


def _marks(node: ast.stmt, names: Collection[str]) -> bool:
    """Whether *node* marks all tests of a file with one of these *names*."""
    return (
        isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets)
        and any(_called(inner) in names for inner in ast.walk(node.value) if isinstance(inner, ast.expr))
    )


def _called(node: ast.expr) -> str:
    function = node.func if isinstance(node, ast.Call) else node
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )
