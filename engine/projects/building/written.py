"""Tests that a suite has in so many words, which all have to be run whatever the project's own settings of pytest say."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping

from engine.projects.agreeing.python.testing import is_python_test, is_test_class, is_test_function

_MEANT_OTHERWISE = re.compile(r"skip|xfail|fixture|parametrize\(\s*[^,]+,\s*\[\s*\]")
_OTHERWISE_HERE = re.compile(
    r"^\s*(pytestmark\b.*(skip|xfail)|__test__\b)|importorskip|allow_module_level", re.MULTILINE
)


def left_out(tests: Mapping[str, str], passed: Collection[str]) -> tuple[str, ...]:
    """Node ids of tests that stand in the files *tests* and are not among those that *passed*. Tests that say themselves
    that they may be skipped are not counted, nor are those of which the text does not tell that they are tests.
    """
    # a parametrised one is there as its cases
    bare = {node_id.partition("[")[0] for node_id in passed}
    return tuple(
        node_id for path, text in sorted(tests.items()) for node_id in _tests_of(path, text) if node_id not in bare
    )


def _tests_of(path: str, text: str) -> Iterator[str]:
    if not is_python_test(path) or _OTHERWISE_HERE.search(text):
        return
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in tree.body:
        yield from _named(path, node)
        if isinstance(node, ast.ClassDef) and is_test_class(node) and not _is_made_otherwise(node):
            for each in node.body:
                yield from _named(f"{path}::{node.name}", each)


def _named(above: str, node: ast.stmt) -> Iterator[str]:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or not is_test_function(node):
        return
    if not any(_MEANT_OTHERWISE.search(ast.unparse(each)) for each in node.decorator_list):
        yield f"{above}::{node.name}"


def _is_made_otherwise(node: ast.ClassDef) -> bool:
    if any(_MEANT_OTHERWISE.search(ast.unparse(each)) for each in node.decorator_list):
        return True
    return any(isinstance(each, ast.FunctionDef) and each.name == "__init__" for each in node.body)
