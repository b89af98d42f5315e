"""Which tests pytest collects from a frozen file, and what their marks and classes do to them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from engine.conflicts.reading import Function, Module

LEFT_OUT = frozenset(("skip", "skipif", "skipIf", "skipUnless", "xfail", "expectedFailure"))
SETS_UP = frozenset(
    (
        *("setup", "teardown", "setUp", "tearDown", "asyncSetUp", "asyncTearDown", "setUpClass", "tearDownClass"),
        *(f"{when}_{what}" for when in ("setup", "teardown") for what in ("method", "class", "function", "module")),
        *("setUpModule", "tearDownModule", "runTest", "run", "__getattr__", "__getattribute__", "__init_subclass__"),
    )
)
_INSIDE = (ast.Lambda, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
UNITTEST = frozenset(("unittest.TestCase", "unittest.IsolatedAsyncioTestCase", "unittest.case.TestCase"))


@dataclass(frozen=True)
class Mark:
    """One decorator or item of `pytestmark`, told by its dotted name."""

    name: str
    """Without ``pytest.mark.``; dotted otherwise, and empty where it cannot be told."""
    of_pytest: bool
    call: ast.Call | None


@dataclass(frozen=True)
class Collected:
    """One test function."""

    module: Module
    classes: tuple[ast.ClassDef, ...]
    """From the outermost to its own."""
    function: Function
    marks: tuple[Mark, ...]
    """The function's own, then those of its classes and of the file."""
    unittest: bool
    """It is a method of a `unittest.TestCase`."""

    @property
    def name(self) -> str:
        """Its node id without parameters."""
        return "::".join((self.module.path, *(each.name for each in self.classes), self.function.name))

    @property
    def receiver(self) -> str:
        """The name of its `self`; empty for a function of the file, and for a static method."""
        if not self.classes or any(mark.name == "staticmethod" for mark in self.marks):
            return ""
        arguments = (*self.function.args.posonlyargs, *self.function.args.args)
        return arguments[0].arg if arguments else ""

    @property
    def asks_for(self) -> tuple[str, ...]:
        """Its arguments without a default, which pytest fills in, `self` aside."""
        arguments = self.function.args
        given = [*arguments.posonlyargs, *arguments.args]
        given = given[: len(given) - len(arguments.defaults)]
        only = [word for word, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if value is None]
        return tuple(each.arg for each in given[bool(self.receiver) :] + only)

    @cached_property
    def rebound(self) -> frozenset[str]:
        """Names that an inner function, or another test, may bind again."""
        found = (node for node in self._inner if isinstance(node, (ast.Global, ast.Nonlocal)))
        return frozenset(name for node in found for name in node.names)

    @cached_property
    def held(self) -> frozenset[str]:
        """Names that an inner function uses: what it holds may be changed whenever that one is called, by whomever."""
        inner = (node for node in self._inner if isinstance(node, _INSIDE))
        return frozenset(each.id for node in inner for each in ast.walk(node) if isinstance(each, ast.Name))

    @cached_property
    def _inner(self) -> list[ast.AST]:
        return [node for statement in self.function.body for node in ast.walk(statement)]

    @property
    def left_out(self) -> bool:
        """It is not expected to pass, or only sometimes run."""
        return any(mark.name.rsplit(".", 1)[-1] in LEFT_OUT for mark in self.marks)

    @property
    def is_plain(self) -> bool:
        """Every mark on it is one of pytest's: nothing else wraps or fills it."""
        return all(mark.of_pytest or mark.name == "staticmethod" for mark in self.marks)


def collected(module: Module) -> list[Collected]:
    """The tests of a file; none where it says itself which ones it has, or may leave out all of them."""
    if "__test__" in module.text or _may_leave(module):
        return []
    if any(name.startswith("pytest_") for name in module.bound):
        return []
    return list(_collected(module, module.tree.body, (), _of_file(module), unittest=False))


def _collected(
    module: Module, body: list[ast.stmt], classes: tuple[ast.ClassDef, ...], marks: tuple[Mark, ...], *, unittest: bool
) -> Iterator[Collected]:
    last = {node.name: node for node in body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))}
    again = {
        target.id
        for node in body
        for target in (node.targets if isinstance(node, (ast.Assign, ast.Delete)) else ())
        if isinstance(target, ast.Name)
    }
    for node in last.values():
        if node.name in again:
            continue
        own = (*marks_of(module, node.decorator_list), *marks)
        if isinstance(node, ast.ClassDef):
            bases = [module.dotted(base) for base in node.bases]
            of_unittest = bool(UNITTEST & set(bases))
            known = of_unittest or set(bases) <= {"object"}
            built = any(
                isinstance(item, ast.FunctionDef) and item.name in {"__init__", "__new__"} for item in node.body
            )
            if known and not node.keywords and (of_unittest or (node.name.startswith("Test") and not built)):
                own = (*own, *_of_body(module, node.body))
                yield from _collected(module, node.body, (*classes, node), own, unittest=of_unittest)
        elif node.name.startswith("test") and not is_fixture(module, node):
            yield Collected(module=module, classes=classes, function=node, marks=own, unittest=unittest)


def marks_of(module: Module, decorators: list[ast.expr]) -> tuple[Mark, ...]:
    return tuple(_mark(module, decorator) for decorator in decorators)


def fixture_mark(module: Module, function: Function) -> Mark | None:
    """The decorator that makes *function* a fixture, if there is one."""
    for mark in marks_of(module, function.decorator_list):
        if mark.name.rsplit(".", 1)[-1] in {"fixture", "yield_fixture"}:
            return mark
    return None


def is_fixture(module: Module, function: Function) -> bool:
    if fixture_mark(module, function) is not None:
        return True
    # Under a name that is not told apart here it is one as well, and no test.
    made = (each.func if isinstance(each, ast.Call) else each for each in function.decorator_list)
    return any(ast.unparse(each).endswith("fixture") for each in made)


def _mark(module: Module, decorator: ast.expr) -> Mark:
    call = decorator if isinstance(decorator, ast.Call) else None
    dotted = module.dotted(call.func if call else decorator)
    name = dotted.removeprefix("pytest.mark.")
    return Mark(name=name, of_pytest=dotted.startswith("pytest.mark."), call=call)


def _of_file(module: Module) -> tuple[Mark, ...]:
    return _of_body(module, module.tree.body)


def _of_body(module: Module, body: list[ast.stmt]) -> tuple[Mark, ...]:
    """What `pytestmark` says in *body*."""
    found: list[Mark] = []
    for node in body:
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(target, ast.Name) and target.id == "pytestmark" for target in targets):
                several = node.value.elts if isinstance(node.value, (ast.List, ast.Tuple)) else [node.value]
                found += (_mark(module, each) for each in several)
    return tuple(found)


def _may_leave(module: Module) -> bool:
    """Whether importing the file may skip it."""
    return any(
        isinstance(node, ast.stmt)
        and not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        and any(
            isinstance(inner, ast.Attribute) and inner.attr in {"skip", "importorskip", "exit"}
            for inner in ast.walk(node)
            if not _is_mark(inner)
        )
        for node in module.tree.body
    )


def _is_mark(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "mark"
