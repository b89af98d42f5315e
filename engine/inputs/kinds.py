"""What a file is by its name and its outline: a test, a test configuration, or code."""

from __future__ import annotations

import ast
from pathlib import PurePosixPath

CONFIGURATION = frozenset(
    {"conftest.py", "pytest.ini", "tox.ini", "setup.cfg", "pyproject.toml", "ruff.toml", "noxfile.py"}
)
"""Files that steer how tests or linters run: never the draft's to change."""


def is_configuration(name: str) -> bool:
    return PurePosixPath(name).name in CONFIGURATION


def is_test(name: str, text: str) -> bool:
    """Whether pytest would collect *name* by itself and find something in it."""
    stem = PurePosixPath(name).stem
    named = name.endswith(".py") and (stem.startswith("test_") or stem.endswith("_test"))
    return named and may_hold_tests(text)


def may_hold_tests(text: str) -> bool:
    """Whether Python source defines anything that pytest collects; True where it does not even parse."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    return any(_collected(node) for node in ast.walk(tree))


def imported(text: str) -> frozenset[str]:
    """Dotted names of the modules that Python source imports absolutely; none where it does not parse."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return frozenset(names)


def _collected(node: ast.AST) -> bool:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.Name(id=name, ctx=ast.Store()):
            return name.startswith("test")
        case ast.ClassDef(name=name, bases=bases):
            return name.startswith("Test") or any(ast.unparse(base).endswith("TestCase") for base in bases)
        case ast.ImportFrom(names=aliases):
            return any((alias.asname or alias.name).startswith(("test_", "Test", "*")) for alias in aliases)
    return False
