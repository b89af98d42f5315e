"""Runs the programs of a folder: their tests, and their probe over its seeds; prints what it saw as one JSON object.

A program of its own, so that one start of Python and one import of pytest serve all programs; each is then run in a
forked child, since all of them call their module `solution`.
"""

import doctest
import importlib
import io
import json
import os
import random
import select
import sys
import tempfile
import time
import tomllib
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any, Self, TypedDict

import pytest

SEEDS = 150
SECONDS_EACH = 30.0
CO_OPTIMIZED = 0x1
"""The flag of a function's code; a module's and a class's body do not have it."""


class Seen(TypedDict):
    exit: int
    printed: str
    examples: str
    values: list[str]
    raised: int
    missed: list[int]
    share: float


class LinesRun:
    """The lines of one file that ran, while it is entered."""

    def __init__(self, filename: str) -> None:
        self.filename = filename
        self.lines: set[int] = set()

    def __enter__(self) -> Self:
        self.before = sys.gettrace()
        sys.settrace(self.trace)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self.before)

    def trace(self, frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code.co_filename != self.filename:
            return None
        self.lines.add(frame.f_lineno)
        return self.trace


def lines_of_functions(code: CodeType) -> set[int]:
    """All lines in bodies of functions; those of modules and classes run by being imported and say nothing."""
    lines: set[int] = set()
    if code.co_flags & CO_OPTIMIZED:
        lines |= {line for _, _, line in code.co_lines() if line and line != code.co_firstlineno}
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            lines |= lines_of_functions(constant)
    return lines


def probed(probe: str, solution: ModuleType) -> list[str]:
    """What the probe says for each seed: the value, or the type of the exception."""
    named: dict[str, object] = {}
    exec(compile(probe, "probe.py", "exec"), named)
    ask = named["probe"]
    assert callable(ask)
    said = []
    for seed in range(SEEDS):
        try:
            said.append(repr(ask(solution, random.Random(seed))))
        except Exception as error:  # noqa: BLE001 - whatever the code raises is what it did
            said.append(f"raised {type(error).__name__}")
    return said


def looked_at(program: Path, *, tests: bool) -> Seen:
    parts = tomllib.loads(program.read_text("utf-8"))
    sys.dont_write_bytecode = True
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path("solution.py").write_text(parts["code"], "utf-8")
        Path("test_solution.py").write_text(parts["tests"], "utf-8")
        sys.path.insert(0, folder)
        printed, code = io.StringIO(), 0
        if tests:
            with redirect_stdout(printed), redirect_stderr(printed):
                code = int(pytest.main(["-q", "-p", "no:cacheprovider", f"--rootdir={folder}", "-W", "error", folder]))
            sys.modules.pop("solution", None)
        solution = importlib.import_module("solution")
        examples = doctest.DocTestRunner(verbose=False)
        wrong = io.StringIO()
        for example in doctest.DocTestFinder().find(solution):
            examples.run(example, out=wrong.write)
        with LinesRun(str(solution.__file__)) as ran:
            values = probed(parts["probe"], solution)
        lines = lines_of_functions(compile(parts["code"], "solution.py", "exec"))
        os.chdir("/")
    return {
        "exit": code,
        "printed": printed.getvalue()[-3000:],
        "examples": wrong.getvalue(),
        "values": values,
        "raised": sum(value.startswith("raised ") for value in values),
        "missed": sorted(lines - ran.lines),
        "share": len(lines & ran.lines) / max(1, len(lines)),
    }


def unseen(why: str) -> Seen:
    return {"exit": -1, "printed": why, "examples": why, "values": [], "raised": 0, "missed": [], "share": 0.0}


def in_a_child(program: Path, *, tests: bool) -> Seen:
    """As `looked_at`, in a forked child that is killed when its time is over."""
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            seen = json.dumps(looked_at(program, tests=tests))
        except BaseException as error:  # noqa: BLE001 - an exit or an interrupt must not run the parent's program
            seen = json.dumps(unseen(repr(error)))
        with os.fdopen(sending, "w") as pipe:
            pipe.write(seen)
        os._exit(0)
    os.close(sending)
    received, until = b"", time.monotonic() + SECONDS_EACH
    with suppress(TimeoutError):
        while True:
            if not select.select([receiving], [], [], max(0.0, until - time.monotonic()))[0]:
                os.kill(child, 9)
                raise TimeoutError
            if not (part := os.read(receiving, 1 << 16)):
                break
            received += part
    os.close(receiving)
    os.waitpid(child, 0)
    if not received:
        return unseen("its time was over")
    seen_there: Seen = json.loads(received)
    return seen_there


if __name__ == "__main__":
    with_tests, *names = sys.argv[1:]
    print(json.dumps({name: in_a_child(Path(name), tests=with_tests == "tests") for name in names}))
