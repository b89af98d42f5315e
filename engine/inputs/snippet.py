"""A piece of code that somebody sends as text, its test and its neighbours: given paths, they are the files of a task."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import NamedTuple

from engine.domain import Language
from engine.errors import BadInput
from engine.inputs import snippet_javascript
from engine.inputs.kinds import imported

CODE = "solution.py"
"""What a piece of code is called where nothing says otherwise."""
TEST = "test_solution.py"
"""What a test that was sent without a name is called."""
MIB = 1024 * 1024
MOST_FILE_BYTES = MIB
MOST_FILES = 200
MOST_TOTAL_BYTES = 3 * MIB
"""Bounds of one text, of the number of files, and of all texts together (UTF-8)."""
MOST_PATH_CHARACTERS = 200
BESIDE = frozenset({"pytest", "hypothesis", "coverage"}) | sys.stdlib_module_names
"""Modules that a test may import without meaning the code under test."""


class Snippet(NamedTuple):
    """What a task is made of."""

    files: Mapping[str, str]
    tests: Mapping[str, str]


def lay_out_snippet(
    code: str,
    *,
    tests: str | Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
    language: Language = "python",
) -> Snippet:
    """Give *code* a path, and so the test where it is a lone text.

    *code* is the file of *files* that has this very text; else the one module that the tests import and that
    neither the files nor the tests, the standard library, pytest or *code* itself account for; else `CODE`. JavaScript
    and TypeScript are named by `engine.inputs.snippet_javascript`.

    Raises:
        BadInput: Says which path or size cannot be, or between which names *code* leaves the choice.
    """
    neighbours = dict(files or {})
    frozen = {_test_name(tests, language): tests} if isinstance(tests, str) else dict(tests or {})
    _require_room(code, neighbours, frozen)
    for path in (*neighbours, *frozen):
        _require_plain(path)
    if not code.strip():
        raise BadInput("there is no code: `code` is empty", hint="send the text of the file that fails")
    path = _path_of(code, neighbours, frozen, language)
    if neighbours.get(path, code) != code:
        raise BadInput(
            f"`code` would be {path!r}, and `files` has another text by that name",
            hint="leave that file out of `files`, or repeat `code` there under the path it really has",
        )
    both = sorted(({path} | neighbours.keys()) & frozen.keys())
    if both:
        raise BadInput(f"{both[0]!r} is given as code and as a test", hint="a test is frozen: give it in `tests` only")
    return Snippet(files={path: code, **neighbours}, tests=frozen)


def _test_name(text: str, language: Language) -> str:
    return TEST if language == "python" else snippet_javascript.test_name(text, language)


def _path_of(code: str, files: Mapping[str, str], tests: Mapping[str, str], language: Language) -> str:
    same = [path for path, text in files.items() if text == code]
    if same:
        return same[0]
    if language != "python":
        path = snippet_javascript.code_name(code, files, tests, language)
        _require_plain(path)
        return path
    present = {_module(path) for path in (*files, *tests)}
    folders = {module.split(".")[0] for module in present}
    own = imported(code)
    wanted = sorted(
        name
        for name in frozenset[str]().union(*(imported(text) for text in tests.values()))
        if name.split(".")[0] not in BESIDE and name not in present and name not in folders and name not in own
    )
    if not wanted or _module(CODE) in wanted:
        return CODE
    if len(wanted) > 1:
        raise BadInput(
            f"the tests import {' and '.join(wanted[:5])}, so it is open which of them `code` is",
            hint="put the others into `files`, or repeat `code` there under its own path",
        )
    return wanted[0].replace(".", "/") + ".py"


def _module(path: str) -> str:
    """Dotted name of the module that *path* is, seen from the root."""
    parts = PurePosixPath(path).with_suffix("").parts
    return ".".join(parts[:-1] if parts and parts[-1] == "__init__" else parts)


def _require_plain(path: str) -> None:
    parts = path.split("/")
    plain = path.isprintable() and "\\" not in path and not {"", ".", ".."}.intersection(parts)
    if not plain or len(path) > MOST_PATH_CHARACTERS:
        raise BadInput(
            f"{path[:MOST_PATH_CHARACTERS]!r} is no path of a file below the root",
            hint="relative, with slashes, without '..', such as 'package/module.py'",
        )


def _require_room(code: str, files: Mapping[str, str], tests: Mapping[str, str]) -> None:
    if len(files) + len(tests) >= MOST_FILES:
        raise BadInput(
            f"{1 + len(files) + len(tests)} files are more than the {MOST_FILES} that one task may have",
            hint="send the file that fails, its tests and what they import",
        )
    total = 0
    for name, text in (("`code`", code), *files.items(), *tests.items()):
        try:
            size = len(text.encode())
        except UnicodeEncodeError as error:
            raise BadInput(
                f"{name} has half a surrogate pair at character {error.start}, which is no text",
                hint="send it as UTF-8",
            ) from None
        total += size
        if size > MOST_FILE_BYTES or total > MOST_TOTAL_BYTES:
            raise BadInput(
                f"{name} makes it too much: {MOST_FILE_BYTES // MIB} MiB a file and {MOST_TOTAL_BYTES // MIB} MiB in all",
                hint="send the file that fails, its tests and what they import",
            )
