"""Which files are JavaScript, and which of them node:test would take for tests."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

SUFFIXES = (".js", ".mjs", ".cjs")
_NAMED = re.compile(r"(?:^test(?:-.+)?|.+[._-](?:test|spec))\.[cm]?js$")
_FOLDERS = frozenset({"test", "tests", "__tests__"})
_RUNNER = re.compile(r"""["'](?:node:test|vitest|@jest/globals|mocha|chai)["']|\b(?:describe|test|it)\s*\(""")


def is_javascript(path: str) -> bool:
    return path.endswith(SUFFIXES)


def is_named_as_tests(path: str) -> bool:
    """Whether the name alone says that the file holds tests."""
    return is_javascript(path) and _NAMED.fullmatch(PurePosixPath(path).name) is not None


def holds_tests(path: str, text: str) -> bool:
    """Whether the file is run as tests: by its name, or as one in a folder of tests that names what runs them."""
    if is_named_as_tests(path):
        return True
    among_tests = not _FOLDERS.isdisjoint(PurePosixPath(path).parts[:-1])
    return is_javascript(path) and among_tests and _RUNNER.search(text) is not None
