"""The frozen tests on one state of the files: how they ended, which lines ran, and which calls they made."""

from __future__ import annotations

import gc
import os
import pickle
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

from ...worker.fence import hide
from ...worker.folders import Folders
from ...worker.guard import Lines, arm, limit_memory
from ...worker.processes import ask, sweep, tell

SECONDS = 20.0
MOST_CALLS = 60
"""Different calls that are kept of each function."""
LARGEST = 200_000
"""Bytes of the arguments of one call."""
_TOOL = 0
Unit = tuple[str, str]
"""A file and the qualified name of a function in it."""


@dataclass
class Ran:
    """One run of all tests."""

    passed: set[str] = field(default_factory=set)
    red: set[str] = field(default_factory=set)
    lines: set[tuple[str, int]] = field(default_factory=set)
    """Path and number of the lines of the files that ran."""
    calls: dict[Unit, list[bytes]] = field(default_factory=dict)
    """Pickled positional and keyword arguments, as they were when the call began."""
    unkept: dict[Unit, int] = field(default_factory=dict)
    """Calls whose arguments cannot be made again."""

    @property
    def green(self) -> bool:
        return bool(self.passed) and not self.red


class Calls:
    """Notes the arguments of calls of functions in some files."""

    def __init__(self, names: Mapping[str, str], ran: Ran) -> None:
        self._writing = False
        monitoring: Any = getattr(sys, "monitoring")  # noqa: B009  # the host may run a Python that has none yet
        monitoring.use_tool_id(_TOOL, "mendbox-calls")

        def begun(code: CodeType, _offset: int) -> object:
            path = names.get(code.co_filename)
            if path is None or "<" in code.co_qualname:
                return monitoring.DISABLE
            unit = (path, code.co_qualname)
            kept = ran.calls.setdefault(unit, [])
            if len(kept) >= MOST_CALLS:
                return monitoring.DISABLE
            if self._writing:
                return None
            # while arguments are written down, what that calls is not noted
            self._writing = True
            given = _given(sys._getframe(1))  # noqa: SLF001  # the only way to a caller's arguments
            self._writing = False
            if given is None:
                ran.unkept[unit] = ran.unkept.get(unit, 0) + 1
            elif given not in kept:
                kept.append(given)
            return None

        monitoring.register_callback(_TOOL, monitoring.events.PY_START, begun)
        monitoring.set_events(_TOOL, monitoring.events.PY_START)


def _given(frame: FrameType) -> bytes | None:
    code, held = frame.f_code, frame.f_locals
    count = code.co_argcount
    names = code.co_varnames
    positional = [held[name] for name in names[:count]]
    named = {name: held[name] for name in names[count : count + code.co_kwonlyargcount]}
    rest = count + code.co_kwonlyargcount
    if code.co_flags & 0x04:
        positional += held[names[rest]]
        rest += 1
    if code.co_flags & 0x08:
        named |= held[names[rest]]
    try:
        written = pickle.dumps((positional, named))
        pickle.loads(written)  # noqa: S301  # written a line above
    except Exception:  # noqa: BLE001  # objects of the program may refuse in any way they like
        return None
    return written if len(written) <= LARGEST else None


class _Watch:
    def __init__(self, ran: Ran) -> None:
        self.ran = ran

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.ran.red.add(report.nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.ran.red.add(report.nodeid)
        elif report.when == "call" and report.passed:
            self.ran.passed.add(report.nodeid)


class Suite:
    """Runs the tests; this process must not have imported the code under improvement."""

    def __init__(self, root: Path, names: Mapping[str, str], arguments: list[str], writable: Collection[Path]) -> None:
        """*names* gives the path of each file's code by the file name that the code bears."""
        self._root = root
        self._names = names
        self._arguments = arguments
        self._writable = writable

    def run(self, files: Mapping[str, str], *, calls: bool = False) -> Ran | None:
        """The tests with *files* laid down; None where they died or did not end."""

        def work(fd: int) -> None:
            ran = Ran()
            limit_memory()
            hide(hidden=False)  # as in the judge's box
            arm(SECONDS, SECONDS)
            gc.disable()
            lines = Lines(frozenset(self._names))
            if calls:
                Calls(self._names, ran)
            pytest.main(self._arguments, plugins=[_Watch(ran)])
            ran.lines = {(self._names[name], line) for name, line in lines.seen}
            tell(fd, ran)

        answer: Ran | None = apart(self._root, self._writable, files, work, SECONDS + 1)
        return answer


def apart(root: Path, writable: Collection[Path], files: Mapping[str, str], work: Any, seconds: float) -> Any:  # noqa: ANN401  # as `ask`
    """What *work* tells in a child that finds *files* laid down; the folders are as before afterwards, and nothing runs on."""
    before = Folders(writable)
    try:
        for path, text in files.items():
            (root / path).write_text(text, encoding="utf-8", newline="")
        return ask(partial(_run, work), seconds)
    finally:
        sweep()
        before.restore()


def _run(work: Any, fd: int) -> None:  # noqa: ANN401  # as `ask`
    work(fd)
    os._exit(0)
