"""What pytest is to collect of a project: the files that it may look at, where it begins, and the options that name places.

Pytest itself decides what is a test there, by the project's own patterns and conftests: it walks the folders as it does for
the project's authors, but looks into no file that nobody handed in as a test.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from agents.base import Suite
from engine.case import Case

PLACES = frozenset({"pythonpath", "testpaths"})
"""Options that name folders relative to the ini file, which is not in the project's folder here."""


def files(case: Case, suite: Suite) -> list[str]:
    """Files that tests may be collected from, sorted: those that are frozen, and those of the input that hold doctests,
    where the project runs them.
    """
    aside = set(suite.aside)
    found = {path for path in case.tests if path not in aside}
    doctests = any(argument == "--doctest-modules" for argument in suite.arguments)
    found |= {path for path in case.before if path not in aside and (doctests or not path.endswith(".py"))}
    return sorted(path for path in found if PurePosixPath(path).name != "conftest.py")


def changed_examples(case: Case, draft: Mapping[str, str]) -> list[str]:
    """Files that no one froze, of which tests are made (doctests), and whose examples *draft* changes."""
    if case.task.suite is None:
        return []
    ran = {test.partition("::")[0] for test in case.ended_before()}
    return sorted(
        path
        for path, text in case.before.items()
        if path in ran and path not in case.tests and draft.get(path) != text
        if _examples(path, text) != _examples(path, draft.get(path, ""))
    )


def _examples(path: str, text: str) -> list[str]:
    """The texts with examples: docstrings, each with the name of what it describes; all of a file that is no Python."""
    if not path.endswith(".py"):
        return [text]
    try:
        nodes = list(ast.walk(ast.parse(text)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    described = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)
    docs = [(getattr(node, "name", ""), ast.get_docstring(node) or "") for node in nodes if isinstance(node, described)]
    return sorted(f"{name}: {part}" for name, doc in docs for part in _interactive(doc))


def _interactive(doc: str) -> list[str]:
    """The examples of a docstring, each with what it is to print."""
    lines = [line.strip() for line in doc.splitlines()]
    start = next((at for at, line in enumerate(lines) if line.startswith(">>>")), None)
    return [] if start is None else ["\n".join(lines[start:])]


def start(suite: Suite) -> list[str]:
    """Where pytest begins to look: patterns of folders and files."""
    return _words(suite.options.get("testpaths", "")) or ["."]


def options(suite: Suite) -> dict[str, str]:
    return {name: value for name, value in suite.options.items() if name not in PLACES}


def import_path(suite: Suite) -> list[str]:
    """Folders of the option ``pythonpath``."""
    return [str(PurePosixPath(folder)) for folder in _words(suite.options.get("pythonpath", ""))]


def _words(value: str) -> list[str]:
    return [
        word for word in re.split(r"[\s,]+", value) if word and not word.startswith(("/", "~")) and ".." not in word
    ]
