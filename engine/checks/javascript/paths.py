"""Which files are JavaScript or TypeScript, which of them hold tests, and what runs these."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Literal

PLAIN = (".js", ".mjs", ".cjs")
TYPED = (".ts", ".tsx", ".mts", ".cts")
SUFFIXES = (*PLAIN, ".jsx", *TYPED, ".vue")
Runner = Literal["node:test", "vitest"]
_NAMED = re.compile(r"(?:^test(?:-.+)?|.+[._-](?:test|spec))\.(?:[cm]?[jt]s|[jt]sx)$")
_FOLDERS = frozenset({"test", "tests", "__tests__"})
_RUNNER = re.compile(r"""["'](?:node:test|vitest|@jest/globals|mocha|chai)["']|\b(?:describe|test|it)\s*\(""")
_NODE_TEST = re.compile(r"""["'](?:node:)?test["']""")
_VITEST = re.compile(r"""["']vitest["']""")
_GIVEN = re.compile(r"\b(?:describe|test|it)\s*(?:\.\w+\s*)*\(")
_OTHERS = re.compile(r"""["'](?:node:test|vitest|@jest/globals|mocha|chai|(?:node:)?assert(?:/strict)?)["']""")
_PAGE = re.compile(
    r"""["'](?:@testing-library/[\w-]+|@vue/test-utils|@angular/[\w-]+/testing|react-dom(?:/[\w.]+)?)["']|\b(?:document|window|localStorage)\b|\.vue["']"""
)


def is_javascript(path: str) -> bool:
    """Whether it is code in one of the languages that are judged here; a component is."""
    return path.endswith(SUFFIXES)


def is_typed(path: str) -> bool:
    return path.endswith(TYPED)


def is_named_as_tests(path: str) -> bool:
    """Whether the name alone says that the file holds tests."""
    return is_javascript(path) and _NAMED.fullmatch(PurePosixPath(path).name) is not None


def holds_tests(path: str, text: str) -> bool:
    """Whether the file is run as tests: by its name, or as one in a folder of tests that names what runs them."""
    if is_named_as_tests(path):
        return True
    among_tests = not _FOLDERS.isdisjoint(PurePosixPath(path).parts[:-1])
    return path.endswith(PLAIN) and among_tests and _RUNNER.search(text) is not None


def runner_of(path: str, text: str) -> Runner:
    """What runs a file of tests: what it imports; else vitest, which gives its functions to whoever asks for none."""
    if _NODE_TEST.search(text):
        return "node:test"
    if _VITEST.search(text) or not path.endswith(PLAIN):
        return "vitest"
    return "vitest" if _GIVEN.search(text) and "expect" in text and not _OTHERS.search(text) else "node:test"


def wants_page(path: str, text: str) -> bool:
    """Whether the tests of a file are about a page, and so run in a document."""
    return path.endswith(("x", ".vue")) or _PAGE.search(text) is not None


def plugins_for(paths: Iterable[str]) -> tuple[str, ...]:
    """Which of vite's plugins read the files of a project."""
    kinds = {PurePosixPath(path).suffix for path in paths}
    if ".vue" in kinds:
        return ("@vitejs/plugin-vue",)
    return ("@vitejs/plugin-react",) if kinds & {".tsx", ".jsx"} else ()
