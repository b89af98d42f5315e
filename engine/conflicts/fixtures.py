"""Fixtures that a test asks for and that nobody defines: no plugin is loaded that could bring them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from engine.conflicts.claims import PYTEST, Claim, Conflict
from engine.conflicts.collecting import Collected, Mark, fixture_mark
from engine.conflicts.reading import Function, Module

BUILT_IN = frozenset(
    (
        *("cache", "capfd", "capfdbinary", "caplog", "capsys", "capsysbinary", "capteesys", "doctest_namespace"),
        *("monkeypatch", "pytestconfig", "record_property", "record_testsuite_property", "record_xml_attribute"),
        *("recwarn", "request", "subtests", "tmp_path", "tmp_path_factory", "tmpdir", "tmpdir_factory", "testdir"),
        *("LineMatcher", "_config_for_test", "_pytest", "_sys_snapshot", "linecomp", "pytester"),
    )
)
"""Those of pytest 9's own modules."""
MOCK = "unittest.mock.patch"


def missing_fixtures(tests: Sequence[Collected], modules: Sequence[Module]) -> Iterator[Conflict]:
    """A conflict for every test that asks, itself or through a fixture, for one that is not there."""
    defined = {name: (module, node) for module in modules for name, node in _fixtures(module)}
    # What is imported, or bound by a call, may be one.
    may_be = {name for module in modules for name in module.bound}
    known = BUILT_IN | defined.keys() | may_be
    for test in tests:
        parameters = parameter_names(test.marks)
        if test.unittest or test.left_out or parameters is None or "*" in test.module.bound:
            continue
        mocked = _mocked(test.marks)
        if mocked is None:
            continue
        inside = {name for each in test.classes for node in each.body for name in _defined_in(node)}
        asked = [name for name in test.asks_for[mocked:] if name not in parameters]
        asked += [name for mark in test.marks if mark.name == "usefixtures" for name in _texts(mark.call)]
        where, by = f"{test.module.path}:{test.function.lineno}", f"the test {test.function.name!r}"
        waiting, seen = [(name, where, by) for name in asked], set[str]()
        while waiting:
            name, where, by = waiting.pop(0)
            if name in seen or name in inside or name in parameters:
                continue
            seen.add(name)
            if name not in known:
                yield _missing(name, where, by)
            elif name in defined:
                module, function = defined[name]
                place = f"{module.path}:{function.lineno}"
                waiting += [(each, place, f"the fixture {name!r}") for each in _asked_by(module, function)]


def parameter_names(marks: Sequence[Mark]) -> frozenset[str] | None:
    """What the test's parametrize marks fill in; None where their text does not tell."""
    found = set[str]()
    for mark in marks:
        if mark.name != "parametrize":
            continue
        names = argument_names(mark.call)
        if names is None:
            return None
        found |= set(names)
    return frozenset(found)


def argument_names(call: ast.Call | None) -> tuple[str, ...] | None:
    """The names that one parametrize mark fills in."""
    given = call.args[0] if call and call.args else None
    if call and given is None:
        given = next((word.value for word in call.keywords if word.arg == "argnames"), None)
    match given:
        case ast.Constant(value=str(names)):
            return tuple(name.strip() for name in names.split(",") if name.strip())
        case ast.List(elts=items) | ast.Tuple(elts=items):
            texts = [item.value for item in items if isinstance(item, ast.Constant) and isinstance(item.value, str)]
            return tuple(texts) if len(texts) == len(items) else None
        case _:
            return None


def _missing(name: str, where: str, by: str) -> Conflict:
    asks = Claim(where=where, says=f"{by} needs the fixture {name!r}")
    lacks = Claim(where=PYTEST, says=f"there is no fixture {name!r}")
    why = "neither pytest itself nor a frozen file defines it, and no plugin is loaded"
    return Conflict(between=(asks, lacks), why=why)


def _fixtures(module: Module) -> Iterator[tuple[str, Function]]:
    for node in ast.walk(module.tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.decorator_list:
            mark = fixture_mark(module, node)
            if mark is None:
                continue
            words = mark.call.keywords if mark.call else []
            named = next((word.value for word in words if word.arg == "name"), None)
            if isinstance(named, ast.Constant) and isinstance(named.value, str):
                yield named.value, node
            yield node.name, node


def _defined_in(node: ast.stmt) -> Iterator[str]:
    """Whatever a class binds may be a fixture by another way."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, ast.Assign):
        yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _asked_by(module: Module, function: Function) -> list[str]:
    if len(function.decorator_list) != 1:
        return []
    in_class = not any(node is function for node in module.tree.body)
    return list(Collected(module=module, classes=(), function=function, marks=(), unittest=False).asks_for[in_class:])


def _mocked(marks: Sequence[Mark]) -> int | None:
    """How many arguments the patch decorators fill in; None where a decorator is not known."""
    count = 0
    for mark in marks:
        if mark.of_pytest or mark.name in {"staticmethod", f"{MOCK}.dict"}:
            continue
        own = {MOCK: 1, f"{MOCK}.object": 2}.get(mark.name)
        if own is None or mark.call is None or any(isinstance(each, ast.Starred) for each in mark.call.args):
            return None
        new = len(mark.call.args) > own or any(word.arg in {"new", None} for word in mark.call.keywords)
        count += not new
    return count


def _texts(call: ast.Call | None) -> list[str]:
    given = call.args if call else []
    return [each.value for each in given if isinstance(each, ast.Constant) and isinstance(each.value, str)]
