"""``pytest --mendbox``: under each failure the verified fix for its cause, or the honest no-fix.

Loaded by every pytest in whose environment Mendbox is installed, so it needs nothing but pytest itself, and without the
option it does nothing. The work is the command's, once for a whole session: ``mendbox ci``, whose reports go to a folder
that is removed again. Nothing of the project is written, and the session's exit status is what it would be without.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SECONDS = 300.0
"""Wall clock that is allowed where nobody says."""
GRACE = 30.0
"""Seconds beyond it in which the command may end by itself, and again after it was told to stop."""
SHORT_DIFF = 40
"""Lines; a longer fix is shown under the first failure of its cause only."""
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
"""What would steer a terminal, or mislead whoever reads it."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("mendbox", "verified fixes")
    group.addoption("--mendbox", action="store_true", help="offer a verified fix under each failure; writes nothing")
    group.addoption(
        "--mendbox-seconds",
        metavar="S",
        type=float,
        default=SECONDS,
        help=f"wall clock of all that is looked for, seconds (default {SECONDS:g})",
    )


def pytest_configure(config: pytest.Config) -> None:
    # a worker of pytest-xdist has no terminal of its own: its reports go to the process that has the option too
    if config.getoption("mendbox") and not hasattr(config, "workerinput") and not config.getoption("collectonly"):
        config.pluginmanager.register(Offering(config), "mendbox-offering")


class NoAnswer(Exception):
    """Nothing was learnt; says why, in one line, and what to do."""


class Offering:
    """Gathers what failed, and has a fix looked for when the session is over."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._failed: list[pytest.TestReport | pytest.CollectReport] = []
        self._interrupted = False
        self._lines: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._failed.append(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._failed.append(report)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        # pytest interrupts itself where a file cannot be collected
        self._interrupted = not isinstance(excinfo.value, pytest.Session.Interrupted)

    def pytest_sessionfinish(self) -> None:
        if not self._failed or self._interrupted:
            return
        try:
            self._tell(_asked(self._config))
        except NoAnswer as error:
            self._lines.append(f"no fix was looked for: {error}")
        except KeyboardInterrupt:
            self._lines.append("stopped: no fix was looked for to the end")

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:  # noqa: ANN401 (pytest names no public type)
        if self._lines:
            terminalreporter.section("mendbox")
            for line in self._lines:
                terminalreporter.write_line(line)

    def _tell(self, told: dict[str, Any]) -> None:
        """Put what the command said under each failure, and one line a cause at the end."""
        flaky, red, shown = set(told.get("flaky") or ()), set(told.get("red") or ()), set()
        fixes = {test: fix for fix in told.get("fixes") or () for test in fix["tests"]}
        for report in self._failed:
            fix = fixes.get(report.nodeid) or fixes.get(report.nodeid.partition("::")[0])
            if fix is not None:
                first = fix["run"] not in shown
                shown.add(fix["run"])
                title = "Mendbox: a verified fix" if fix["outcome"] == "verified" else "Mendbox: no fix"
                report.sections.append((title, _under(fix, first=first)))
            elif report.nodeid in flaky:
                report.sections.append(("Mendbox: flaky", "In a box it ends one way and then another."))
            elif report.nodeid not in red:
                said = "Not red in a box: it depends on this machine, on its order, or on the options of this session."
                report.sections.append(("Mendbox: no fix", said))
        self._lines.append(_visible(told.get("summary") or ""))
        for fix in told.get("fixes") or ():
            how = "verified fix" if fix["outcome"] == "verified" else f"no fix: {fix['summary']}"
            self._lines.append(_visible(f"{fix['cause']} ({len(fix['tests'])} red): {how}  [run {fix['run']}]"))


def _under(fix: dict[str, Any], *, first: bool) -> str:
    """What stands under one failure."""
    if fix["outcome"] != "verified":
        return _visible(f"{fix['summary']}\n{fix['next_step']}".strip())
    run = fix["run"]
    if not first and fix["diff"].count("\n") > SHORT_DIFF:
        return f"The fix of run {run}, which is shown above."
    how = f"Apply it:    mendbox show {run} --diff | git apply\nReceipt:     mendbox show {run} --receipt FILE"
    return _visible(f"{fix['diff'].rstrip()}\n\n{how}")


def _asked(config: pytest.Config) -> dict[str, Any]:
    """The command's answer on the whole project. Raises `NoAnswer`."""
    seconds = config.getoption("mendbox_seconds")
    if not 0 < seconds <= 86_400:
        raise NoAnswer(f"--mendbox-seconds {seconds:g} is no number of seconds above 0 and up to 86400")
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.ensure_newline()
        reporter.write_line(f"mendbox: looking for verified fixes, for {seconds:g} s at most")
    with tempfile.TemporaryDirectory(prefix="mendbox-pytest-") as folder:
        command = [*_command(), "ci", "--json", f"--seconds={seconds:g}", f"--out={folder}", "--", str(config.rootpath)]
        output = _output(command, seconds)
    try:
        told = json.loads(output)
        error = told.get("error")
    except (ValueError, AttributeError):
        raise NoAnswer("mendbox gave no answer that can be read; see: mendbox doctor") from None
    if error or told.get("outcome") == "environment":
        what, hint = (error["message"], error["hint"]) if error else (told["summary"], told["next_step"])
        raise NoAnswer(_visible(f"{what} {f'({hint})' if hint else '(see: mendbox doctor)'}"))
    return dict(told)


def _command() -> list[str]:
    """How mendbox is started: as MENDBOX_COMMAND says, or the one beside this Python, or on PATH."""
    if given := shlex.split(os.environ.get("MENDBOX_COMMAND", "")):
        return given
    beside = Path(sys.executable).with_name("mendbox")
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which("mendbox")
    if found is None:
        raise NoAnswer("there is no command mendbox; install it, or name it in MENDBOX_COMMAND")
    return [found]


def _output(command: list[str], seconds: float) -> str:
    """What *command* writes to its standard output. Raises `NoAnswer` where it cannot start or does not end."""
    # the session's coverage is about the project, and not about mendbox
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("COV_", "COVERAGE_"))}
    try:
        process = subprocess.Popen(
            command,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        raise NoAnswer(f"{command[0]!r} cannot be started: {error.strerror}") from error
    with _stopped_in_the_end(process):
        try:
            return process.communicate(timeout=seconds + GRACE)[0]
        except subprocess.TimeoutExpired:
            raise NoAnswer(f"mendbox did not end within {seconds:g} s; allow more with --mendbox-seconds") from None


@contextlib.contextmanager
def _stopped_in_the_end(process: subprocess.Popen[str]) -> Iterator[None]:
    """However this ends, so does *process*: asked first, so that it removes its boxes, and then killed."""
    try:
        yield
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.communicate(timeout=GRACE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()


def _visible(text: str) -> str:
    return HIDDEN.sub(lambda match: f"<U+{ord(match.group()):04X}>", text)
