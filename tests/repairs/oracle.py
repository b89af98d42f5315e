"""What tests say of a version of an own program: pytest in a forked child that is killed when its time is over."""

from __future__ import annotations

import io
import json
import os
import resource
import select
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from .own import Program

SECONDS = 2.0
"""Of processor time for all tests of one version: what takes longer is a program that hangs."""
PATIENCE = 20.0
"""Seconds by the clock, for what sleeps or stands in line."""
MEMORY = 2 << 30
FILE = 1 << 20


class Outcomes:
    """A plugin that notes how each test ended; a failed set-up or tear-down is the test's."""

    def __init__(self) -> None:
        self.passed: dict[str, bool] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.passed[report.nodeid] = self.passed.get(report.nodeid, True) and report.passed


def outcomes(program: Program, code: str) -> Mapping[str, bool] | None:
    """Whether each test passed with *code* in the place of the program; None when the time was over or nothing came back."""
    receiving, sending = os.pipe()
    with tempfile.TemporaryDirectory() as folder:
        child = os.fork()
        if child == 0:
            _tell(sending, program, code, Path(folder))
        os.close(sending)
        said = _hear(receiving, child)
    return json.loads(said) if said else None


def _hear(receiving: int, child: int) -> bytes:
    said, until = b"", time.monotonic() + PATIENCE
    while select.select([receiving], [], [], max(0.0, until - time.monotonic()))[0]:
        part = os.read(receiving, 1 << 16)
        if not part:
            break
        said += part
    else:
        said = b""
    os.kill(child, signal.SIGKILL)
    os.close(receiving)
    os.waitpid(child, 0)
    return said


def _tell(sending: int, program: Program, code: str, folder: Path) -> None:
    """Never comes back: this process ends here, whatever the program did to it."""
    try:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_FSIZE, (FILE, FILE))
        signal.setitimer(signal.ITIMER_PROF, SECONDS)  # nobody listens, so that the signal kills
        # the plugins of this environment are slow to load, and no business of the programs
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        for path, text in ({program.path: code} | program.tests | program.extra_files).items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        os.chdir(folder)
        sys.path.insert(0, str(folder))
        sys.dont_write_bytecode = True
        noted, quiet = Outcomes(), io.StringIO()
        with redirect_stdout(quiet), redirect_stderr(quiet):
            named = [f"--rootdir={folder}", *program.tests]
            pytest.main(["-q", "-p", "no:cacheprovider", "--tb=no", *named], plugins=[noted])
        with os.fdopen(sending, "w") as pipe:
            pipe.write(json.dumps(noted.passed))
    finally:
        os._exit(0)
