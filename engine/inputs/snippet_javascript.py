"""What a piece of JavaScript or TypeScript is called that somebody sends as text: by what its tests import, as Node.js or
vite would find it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from engine.checks.javascript.paths import SUFFIXES
from engine.domain import Language
from engine.errors import BadInput
from engine.inputs.languages import accounted, relative_imports

CODE = "solution.js"
TEST = "solution.test.js"
"""What a test that was sent without a name is called; the name itself says that it is one."""
_IS_MODULE = re.compile(r"^\s*(?:import\b(?!\s*\()|export\b)", re.MULTILINE)
_COMPONENT = re.compile(r"^\s*<(?:script|template)\b", re.MULTILINE)
_JSX = re.compile(r"(?:return|=>|[(?:])\s*<(?:[A-Za-z][\w.]*[\s/>]|>)")


def test_name(text: str, language: Language) -> str:
    """The name of a lone test file: Node.js takes one that imports for a module by its name alone."""
    if language == "typescript":
        return f"solution.test{'.tsx' if _JSX.search(text) else '.ts'}"
    if _JSX.search(text):
        return "solution.test.jsx"
    return TEST.replace(".js", ".mjs") if _IS_MODULE.search(text) else TEST


def code_name(code: str, files: Mapping[str, str], tests: Mapping[str, str], language: Language = "javascript") -> str:
    """The one file that the tests import and that neither the files nor the tests account for; else `CODE`.

    Raises:
        BadInput: There are several.
    """
    there = {*files, *tests}
    wanted = sorted({path for path in relative_imports(tests) if accounted(path, there) is None})
    if not wanted:
        return f"solution{_ending(code, language)}"
    if len(wanted) > 1:
        raise BadInput(
            f"the tests import {' and '.join(wanted[:5])}, so it is open which of them `code` is",
            hint="put the others into `files`, or repeat `code` there under its own path",
        )
    name = PurePosixPath(wanted[0])
    if language == "typescript" and name.suffix == ".js":
        return str(name.with_suffix(_ending(code, language)))
    if name.suffix in SUFFIXES:
        return wanted[0]
    ending = _ending(code, language)
    # Node.js finds nothing without its ending but by require, which knows of no other.
    return f"{wanted[0]}{'.js' if ending == '.mjs' else ending}"


def _ending(code: str, language: Language) -> str:
    if _COMPONENT.match(code):
        return ".vue"
    if language == "typescript":
        return ".tsx" if _JSX.search(code) else ".ts"
    if _JSX.search(code):
        return ".jsx"
    return ".mjs" if _IS_MODULE.search(code) else ".js"
