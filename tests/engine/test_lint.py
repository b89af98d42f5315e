"""Which of ruff's findings count against a draft."""

from __future__ import annotations

import asyncio
import json
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest

from engine.checks.base import Subject
from engine.checks.lint import RULES, RULES_WITHOUT_INPUT, Lint
from engine.domain import Report, Verdict
from engine.inputs.text import encode_files
from sandboxes.base import Box, Command, Outcome, Place, Stream
from tests.engine.made import RIGHT, PlayedBox, case, finding, report


def ruff(*found: tuple[str, str, int], **more: object) -> Outcome:
    """What ruff says of (rule, path, line)."""
    text = json.dumps(
        [
            {
                "code": rule,
                "message": f"about {rule}",
                "filename": f"/box/work/{path}",
                "location": {"row": line},
                "fix": None,
            }
            for rule, path, line in found
        ]
    ).encode()
    return Outcome.model_validate(
        {"ended": "exited", "exit_code": 0, "stdout": Stream(head=text, total_bytes=len(text)), **more}
    )


def before(*rules: str, check: str = "lint", path: str = "solution.py") -> Verdict:
    return Verdict(
        files_sha256="0",
        reports=(report(check, "passed", *(finding("old", rule, check, path=path) for rule in rules)),),
    )


async def linted(outcome: Outcome, baseline: Verdict | None = None, **of: object) -> tuple[Report, PlayedBox]:
    box = PlayedBox(iter([outcome]))
    given = case(**of).model_copy(update={"baseline": baseline})  # type: ignore[arg-type]  # case() validates them
    return await Lint().examine(Subject(files={"solution.py": RIGHT}, case=given), box), box


async def test_a_finding_the_input_had_is_not_new():
    """Whatever its line; by file and rule."""
    seen, _ = await linted(ruff(("F401", "solution.py", 9)), before("F401"))

    assert (seen.status, seen.findings) == ("passed", ())


@pytest.mark.parametrize(
    "baseline",
    [before(), before("F841"), before("F401", path="other.py")],
    ids=["none", "another rule", "another file"],
)
async def test_a_new_finding_is_one_too_many(baseline: Verdict):
    """It is named with its place."""
    seen, _ = await linted(ruff(("F401", "solution.py", 3)), baseline)

    assert (seen.status, seen.summary) == ("failed", "1 new findings")
    assert [(new.rule, new.path, new.line) for new in seen.findings] == [("F401", "solution.py", 3)]


async def test_more_of_the_same_is_new():
    """Two where there was one."""
    seen, _ = await linted(ruff(("F401", "solution.py", 1), ("F401", "solution.py", 2)), before("F401"))

    assert len(seen.findings) == 1


async def test_what_a_syntax_error_hid_is_not_new():
    """Ruff looks no further into a file that does not parse; what cannot run as written still counts."""
    unparsable = before("SyntaxError", check="syntax")

    style, _ = await linted(ruff(("F401", "solution.py", 1)), unparsable)
    undefined, _ = await linted(ruff(("F821", "solution.py", 1)), unparsable)

    assert style.status == "passed"
    assert undefined.status == "failed"


async def test_the_input_is_only_recorded():
    """Its findings are kept to compare with, and fail nothing."""
    seen, box = await linted(ruff(("F401", "solution.py", 1)))

    assert (seen.status, len(seen.findings)) == ("passed", 1)
    assert RULES in box.commands[0].argv
    assert "--isolated" in box.commands[0].argv
    assert "--ignore-noqa" in box.commands[0].argv


async def test_without_an_input_only_what_cannot_run_counts():
    """There is no earlier version to be better than."""
    _, box = await linted(ruff(), before(), stand_in=True)

    assert RULES_WITHOUT_INPUT in box.commands[0].argv


async def test_no_answer_is_broken():
    """Ruff that crashed, was killed, or said too much could not tell: neither passed nor failed."""
    crashed, _ = await linted(ruff(exit_code=2, stderr=Stream(head=b"panic", total_bytes=5)), before())
    cut, _ = await linted(ruff(stdout=Stream(head=b"[", total_bytes=99)), before())
    prose, _ = await linted(ruff(stdout=Stream(head=b"all good", total_bytes=8)), before())

    assert [each.status for each in (crashed, cut, prose)] == ["broken"] * 3
    assert "panic" in crashed.summary


async def test_no_python_needs_no_ruff():
    """Nothing to look at is nothing found."""
    box = PlayedBox(iter([]))

    seen = await Lint().examine(Subject(files={"a.txt": "x"}, case=case()), box)

    assert (seen.status, box.commands) == ("passed", [])


class RuffBox(PlayedBox):
    """A folder of this machine for a box, in which ruff itself is run."""

    def __init__(self, root: Path) -> None:
        super().__init__(iter([]))
        self._root = root

    async def put(self, files: Mapping[str, bytes], *, place: Place = "work", locked: bool = False) -> None:
        for path, content in files.items():
            (self._root / place / path).parent.mkdir(parents=True, exist_ok=True)
            (self._root / place / path).write_bytes(content)

    async def run(self, command: Command, **_: object) -> Outcome:
        argv = [word.replace("/box", str(self._root), 1) if word.startswith("/box") else word for word in command.argv]
        ended = await asyncio.create_subprocess_exec(
            str(Path(sysconfig.get_path("scripts")) / argv[0]),
            *argv[1:],
            cwd=self._root / "work",
            stdout=asyncio.subprocess.PIPE,
        )
        said, _none = await ended.communicate()
        said = said.replace(str(self._root).encode(), b"/box")
        return Outcome(ended="exited", exit_code=ended.returncode, stdout=Stream(head=said, total_bytes=len(said)))


async def with_ruff(box: Box, files: dict[str, str], **of: object) -> Report:
    """What the check says of *files*, of which the input had nothing."""
    given = case(**of).model_copy(update={"baseline": before()})  # type: ignore[arg-type]  # case() validates them
    await box.put(encode_files(files))
    return await Lint().examine(Subject(files=files, case=given), box)


@pytest.fixture
def ruff_box(tmp_path: Path) -> RuffBox:
    return RuffBox(tmp_path)


LATE = "def add(a, b, seen=[]):\n    return a + b\n"
EVASIONS = {
    "noqa": {"solution.py": LATE.replace(":\n", ":  # noqa\n", 1)},
    "noqa by name": {"solution.py": LATE.replace(":\n", ":  # noqa: B006\n", 1)},
    "noqa of the file": {"solution.py": f"# ruff: noqa\n{LATE}"},
    "noqa of the file by name": {"solution.py": f"# ruff: noqa: B006\n{LATE}"},
    "noqa of another linter": {"solution.py": f"# flake8: noqa\n# pylint: skip-file\n{LATE}"},
    "a range": {"solution.py": f"# ruff: disable[B006]\n{LATE}# ruff: enable[B006]\n"},
    "format": {"solution.py": f"# fmt: off\n# isort: skip_file\n{LATE}"},
    "ruff.toml": {"ruff.toml": "[lint]\nignore = ['ALL']\n", "solution.py": LATE},
    "hidden ruff.toml": {".ruff.toml": "exclude = ['*']\n", "solution.py": LATE},
    "pyproject": {
        "pyproject.toml": "[tool.ruff]\nexclude = ['*']\n[tool.ruff.lint]\nignore = ['B']\n",
        "solution.py": LATE,
    },
    "ignored by git": {".gitignore": "*\n", "solution.py": LATE},
    **{
        f"{folder} folder": {f"{folder}/solution.py": LATE}
        for folder in (
            "build",
            "dist",
            ".venv",
            "venv",
            "node_modules",
            ".git2",
            ".mypy_cache",
            "__pypackages__",
            "site-packages",
        )
    },
    "a form feed": {"solution.py": f"\x0c\n{LATE}"},
    "a mark of the byte order": {"solution.py": f"\ufeff{LATE}"},
    "a coding cookie": {"solution.py": f"# -*- coding: latin-1 -*-\n{LATE}"},
    "carriage returns": {"solution.py": f"# a comment\r{LATE}"},
    "continued lines": {"solution.py": LATE.replace("seen=[]", "seen=\\\n[]")},
    "script metadata": {"solution.py": f"# /// script\n# [tool.ruff.lint]\n# ignore = ['B006']\n# ///\n{LATE}"},
    "a name like an option": {"--exclude=x.py": LATE},
    "a name like a list of arguments": {"@solution.py": LATE},
    "a name with stars": {"s *[a].py": LATE},
    "another suffix": {"solution.pyw": LATE},
    "no suffix": {"bin/solution": f"#!/usr/bin/env python3\n{LATE}"},
    "a text that is run": {"solution.py": f"exec({LATE!r})\n"},
    "a text that is run by its name": {
        "solution.py": f"TEXT = {LATE!r}\nexec(compile(TEXT, 'x', 'exec'), globals())\n"
    },
    "a text for a process": {
        "solution.py": f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {LATE!r}], check=True)\n"
    },
    "an unused import in a text": {"solution.py": "exec('import os\\ndef add(a, b):\\n    return a + b\\n')\n"},
}


@pytest.mark.parametrize("files", EVASIONS.values(), ids=EVASIONS.keys())
async def test_nothing_keeps_the_linter_from_looking(files: dict[str, str], ruff_box: RuffBox):
    """No comment, setting, folder, encoding or suffix; nor a text that is run instead of a module."""
    seen = await with_ruff(ruff_box, files)

    assert seen.status == "failed"
    assert {"B006", "F401"} & {new.rule for new in seen.findings}
    assert {new.path for new in seen.findings} <= set(files)


async def test_hidden_code_is_a_lint_finding_when_it_is_new(ruff_box: RuffBox):
    """What the input hid already is not the draft's; without an input all of it is."""
    files = {
        "solution.py": "import base64\nexec(base64.b64decode('aW1wb3J0IG9zCmRlZiBhZGQoYSwgYik6IHJldHVybiBhICsgYgo='))\n"
    }

    new = await with_ruff(ruff_box, files)
    alone = await with_ruff(ruff_box, files, stand_in=True)
    as_before = case().model_copy(update={"baseline": before("hidden-code", "hidden-code")})
    old = await Lint().examine(Subject(files=files, case=as_before), ruff_box)

    assert [finding.rule for finding in new.findings][:1] == ["hidden-code"]
    assert new.findings[0].line == 2
    assert alone.status == "failed"
    assert old.status == "passed"


HONEST_TEXTS = {
    "one-liners": "import subprocess\nimport sys\nsubprocess.run([sys.executable, '-c', 'import sys, os; print(sys.argv, os.sep)'], check=True)\n",
    "names of the file around": "LIMIT = 3\ndef f():\n    return eval('LIMIT + 1')\n",
    "names handed along": "def f(a):\n    return eval('a + b', {'a': a, 'b': 2})\n",
    "names given back": "space = {}\nexec('import os', space)\nos = space['os']\nprint(os.sep)\n",
    "a maker of classes": "def f(name):\n    space = {}\n    exec(f'class {name}:\\n    pass\\n', space)\n    return space[name]\n",
    "an expression": "print(eval('1 + 1'))\n",
}


@pytest.mark.parametrize("text", HONEST_TEXTS.values(), ids=HONEST_TEXTS.keys())
async def test_a_plain_text_is_no_finding_by_itself(text: str, ruff_box: RuffBox):
    """Names that come from around it, or are used around it, and a one-liner's layout are nothing wrong."""
    seen = await with_ruff(ruff_box, {"solution.py": text})

    assert seen.findings == ()


@pytest.mark.docker
async def test_texts_are_linted_in_a_box(box: Box):
    """Laid beside our own programs, out of the draft's reach."""
    seen = await with_ruff(box, {"solution.py": f"x = 1\nexec({LATE!r})\n"})

    assert [(new.rule, new.path, new.line) for new in seen.findings] == [("B006", "solution.py", 2)]
    assert "in the text that is run from here" in seen.findings[0].message


@pytest.mark.docker
@pytest.mark.parametrize(
    "name", ["pyproject", "build folder", "no suffix", "a name like a list of arguments", "a range"]
)
async def test_nothing_keeps_the_linter_from_looking_in_a_box_either(name: str, box: Box):
    """With the image's own ruff."""
    seen = await with_ruff(box, EVASIONS[name])

    assert [new.rule for new in seen.findings] == ["B006"]
