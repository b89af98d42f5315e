"""Node ids as reports name tests: file, class and name."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from engine.domain import Value


class TestName(Value):
    """One test, in the words of JUnit reports."""

    __test__ = False

    path: str
    classname: str
    name: str


def name_of(node: str) -> TestName:
    """Part *node*: ``tests/test_a.py::TestB::test_c[1]`` is ``test_c[1]`` of ``tests.test_a.TestB``.

    A file that cannot be collected has no parts; its name is then its path.
    """
    before, bracket, parameters = node.partition("[")
    path, *inner = before.split("::")
    module = path.rpartition(".")[0].replace("/", ".") if "." in path.rpartition("/")[2] else path.replace("/", ".")
    if not inner:
        return TestName(path=node, classname=module, name=node)
    return TestName(path=path, classname=".".join([module, *inner[:-1]]), name=f"{inner[-1]}{bracket}{parameters}")


class Definitions:
    """Where tests are defined, read from the sources that are known; nothing is run."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._sources = sources
        self._lines: dict[str, dict[tuple[str, ...], int]] = {}

    def line_of(self, node: str) -> int | None:
        """The line of the function or class, counted from 1; None where it cannot be told."""
        path, *inner = node.partition("[")[0].split("::")
        if path not in self._lines:
            self._lines[path] = dict(_definitions(self._sources.get(path, "")))
        return self._lines[path].get(tuple(inner))


def _definitions(source: str) -> Iterator[tuple[tuple[str, ...], int]]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    waiting: list[tuple[tuple[str, ...], ast.AST]] = [((), tree)]
    while waiting:
        above, node = waiting.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                name = (*above, child.name)
                yield name, child.lineno
                if isinstance(child, ast.ClassDef):
                    waiting.append((name, child))
