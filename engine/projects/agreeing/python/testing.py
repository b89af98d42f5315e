"""Tests of a file in Python, as pytest collects them."""

from __future__ import annotations

import ast
import re

from engine.projects.agreeing.python.source import written

_NAMED = re.compile(r"test_.*\.py|.*_test\.py")
_ASSERTING = re.compile(
    r".*(?:assert|raises|warns|fail|expect|verify|check|ensure|should|must|compare|matches)\w*", re.IGNORECASE
)


def is_python_test(path: str) -> bool:
    return _NAMED.fullmatch(path.rpartition("/")[2]) is not None


def is_test_function(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test")


def is_test_class(node: ast.stmt) -> bool:
    """One whose name says so, or that inherits from a case of unittest or its like."""
    return isinstance(node, ast.ClassDef) and (
        node.name.startswith("Test") or any("Test" in written(base) for base in node.bases)
    )


def holds_tests(tree: ast.Module) -> bool:
    return _makes_tests(tree) or any(
        is_test_function(node)
        or (isinstance(node, ast.ClassDef) and (bool(node.bases) or any(map(is_test_function, node.body))))
        for node in tree.body
    )


def asserts(tree: ast.Module) -> bool:
    """Whether anything in the file looks like an expectation, or it cannot be told."""
    return _makes_tests(tree) or any(_is_asserting(node) for node in ast.walk(tree))


def _is_asserting(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return isinstance(node, ast.Assert)
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return _ASSERTING.fullmatch(name) is not None


def _makes_tests(tree: ast.Module) -> bool:
    """Whether tests may come from a loop, a condition or a call."""
    return any(
        isinstance(node, ast.For | ast.While | ast.If | ast.Try | ast.With)
        or (isinstance(node, ast.Assign) and any("test" in written(target).lower() for target in node.targets))
        for node in tree.body
    )
