"""What a piece of JavaScript is called that somebody sends as text: by what its tests import, as Node.js would find it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from engine.errors import BadInput

CODE = "solution.js"
TEST = "solution.test.js"
"""What a test that was sent without a name is called; the name itself says that it is one."""
SUFFIXES = (".js", ".mjs", ".cjs")
_IMPORTED = re.compile(r"""(?:\bfrom|\bimport|\brequire)\s*\(?\s*["'](\.{1,2}/[^"'\n]+)["']""")
_IS_MODULE = re.compile(r"^\s*(?:import\b(?!\s*\()|export\b)", re.MULTILINE)


def test_name(text: str) -> str:
    """The name of a lone test file: Node.js takes one that imports for a module by its name alone."""
    return TEST.replace(".js", ".mjs") if _IS_MODULE.search(text) else TEST


def code_name(code: str, files: Mapping[str, str], tests: Mapping[str, str]) -> str:
    """The one file that the tests import and that neither the files nor the tests account for; else `CODE`.

    Raises:
        BadInput: There are several.
    """
    there = {*files, *tests}
    wanted = sorted({path for path in _imported(tests) if _accounted(path, there) is None})
    if not wanted:
        return CODE.replace(".js", ".mjs") if _IS_MODULE.search(code) else CODE
    if len(wanted) > 1:
        raise BadInput(
            f"the tests import {' and '.join(wanted[:5])}, so it is open which of them `code` is",
            hint="put the others into `files`, or repeat `code` there under its own path",
        )
    return wanted[0] if PurePosixPath(wanted[0]).suffix in SUFFIXES else f"{wanted[0]}.js"


def _imported(tests: Mapping[str, str]) -> Iterator[str]:
    for path, text in tests.items():
        for found in _IMPORTED.findall(text):
            yield posixpath.normpath(posixpath.join(posixpath.dirname(path), found))


def _accounted(path: str, there: set[str]) -> str | None:
    candidates = (path, *(f"{path}{suffix}" for suffix in (*SUFFIXES, ".json")), f"{path}/index.js")
    return next((candidate for candidate in candidates if candidate in there), None)
