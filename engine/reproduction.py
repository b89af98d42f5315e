"""No tests were given: the reported failure has to be seen first, and what shows it becomes the frozen test."""

from __future__ import annotations

import re
from itertools import takewhile
from string import Template

from engine.domain import Task, Value, Verdict
from engine.inputs.text import encode_files
from sandboxes.base import Command, Layer, Sandbox

TEST_NAME = "test_reproduction.py"
PRINTED_LIMIT = 2_000
_FRAME = re.compile(r'^\s*File "([^"\n]{1,1000})", line \d+(?:, in (\S+))?', re.MULTILINE)
_NAMED = re.compile(
    r"^\s*(?:E\s+)?(?:[A-Za-z_]\w*\.)*([A-Z]\w*(?:Error|Exception|Interrupt|Iteration|Warning|Group))\b", re.MULTILINE
)
_MENTIONED = re.compile(r"\b([A-Z]\w*(?:Error|Exception|Interrupt|Iteration))\b")
_FAMILIES = (
    frozenset({"SyntaxError", "IndentationError", "TabError"}),
    frozenset({"ImportError", "ModuleNotFoundError"}),
    frozenset({"NameError", "UnboundLocalError"}),
)
_ENTRIES = ("__main__.py", "main.py", "app.py", "run.py", "solution.py")
_TEST = Template('''\
"""Replays what was reported: running the program failed. It passes when that failure is gone."""

import io
import os
import runpy
import sys

PROGRAM = $program
PRINTED_BEFORE_IT_FAILED = $printed


def test_the_reported_failure_is_gone(capfd, monkeypatch):
    monkeypatch.setattr(sys, "argv", [PROGRAM])
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    monkeypatch.syspath_prepend(os.path.dirname(os.path.abspath(PROGRAM)))

    try:
        runpy.run_path(PROGRAM, run_name="__main__")
    except SystemExit as stop:
        assert stop.code in (None, 0), f"the program left with exit code {stop.code!r}"

    assert capfd.readouterr().out.startswith(PRINTED_BEFORE_IT_FAILED)
''')


class Replay(Value):
    """A frozen test that runs the program again."""

    program: str
    path: str
    text: str


async def replay(task: Task, sandbox: Sandbox, *, run_id: str) -> Replay | None:
    """The test that replays *task*'s program; None where it is not clear what to run.

    The program is run twice first: what it prints both times before it fails has to be printed by its mended
    version as well, so that leaving early is no way to make the failure go away.
    """
    program = program_of(task)
    if program is None:
        return None
    async with sandbox.open(run_id=run_id, limits=task.limits) as box:
        await box.lay(Layer(files=encode_files(task.files)))
        command = Command(argv=("python3", program), seconds=min(5.0, task.budget.test_seconds))
        printed = [(await box.run(command)).stdout.head.decode("utf-8", "replace") for _ in range(2)]
    whole_lines = _common_lines(*printed)[:PRINTED_LIMIT]
    taken = {*task.files, *task.tests}
    path = TEST_NAME if TEST_NAME not in taken else f"test_mendbox_{TEST_NAME.removeprefix('test_')}"
    return Replay(program=program, path=path, text=_TEST.substitute(program=repr(program), printed=repr(whole_lines)))


def _common_lines(first: str, second: str) -> str:
    """The whole lines that both begin with."""
    pairs = zip(first.splitlines(keepends=True), second.splitlines(keepends=True), strict=False)
    return "".join(one for one, other in takewhile(lambda pair: pair[0] == pair[1], pairs) if one.endswith("\n"))


def program_of(task: Task) -> str | None:
    """The file to run: the outermost one that the traceback names, the only one there is, or a usual entry point."""
    python = [path for path in task.files if path.endswith(".py")]
    frames = _FRAME.findall(task.error)
    for named, _ in sorted(frames, key=lambda frame: frame[1] != "<module>"):
        posix = "/" + named.replace("\\", "/")
        fitting = [path for path in python if posix.endswith(f"/{path}")]
        if fitting:
            return max(fitting, key=len)
    if len(python) == 1:
        return python[0]
    return next((entry for entry in _ENTRIES if entry in python), None)


def named_exception(error: str) -> str | None:
    """The exception type that the reported error names: as a traceback ends with it, else mentioned last in words."""
    names = _NAMED.findall(error) or _MENTIONED.findall(error)
    return names[-1] if names else None


def reproduces(baseline: Verdict, error: str) -> tuple[bool, str]:
    """Whether *baseline* shows the reported failure, and what was seen, in a clause."""
    seen = [finding for finding in baseline.findings if finding.check in {"tests", "syntax"}]
    if not seen:
        return False, "running the program did not fail"
    wanted = named_exception(error)
    rules = {finding.rule for finding in seen}
    if wanted is None or any(_same_kind(wanted, rule) for rule in rules):
        return True, seen[0].message
    if rules & {"hung", "timeout"} and re.search(
        r"time[- ]?out|timed out|hang|hung|forever|infinite|endless", error, re.IGNORECASE
    ):
        return True, seen[0].message
    return False, f"running the program failed with {', '.join(sorted(rules))}, not with the reported {wanted}"


def _same_kind(wanted: str, seen: str) -> bool:
    return wanted == seen or any(wanted in family and seen in family for family in _FAMILIES)
