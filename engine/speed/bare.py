"""The bare host: ruff and pytest as two programs in a temporary folder, with no sandbox at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from engine.speed.contender import (
    GIVE_UP,
    PLAIN_PYTEST,
    PYTEST,
    RUFF,
    Answer,
    NotMeasured,
    Simple,
    passed_tests,
    to_the_end,
)
from engine.speed.suites import Suite

_KEPT_OUT = ("COV", "PYTEST", "MENDBOX", "PYTHON")


class BareHost(Simple):
    """Both programs of this interpreter's own environment, side by side or one after another."""

    def __init__(self, *, side_by_side: bool) -> None:
        self._side_by_side = side_by_side
        how = "side by side" if side_by_side else "one after another"
        self.name = f"bare host, {how}"
        self.about = f"ruff check and pytest as two programs in a new temporary folder, {how}, without any sandbox"

    async def answer(self, suite: Suite) -> Answer:
        return await to_the_end(lambda: self._answer(suite))

    def _answer(self, suite: Suite) -> Answer:
        ruff = find_ruff()
        started = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="mendbox-speed-") as folder:
            write_files(Path(folder), suite.together)
            lint = _start([ruff, *RUFF, "."], folder)
            if not self._side_by_side:
                lint.wait(GIVE_UP)
            tests = _start([sys.executable, *PYTEST], folder)
            said = _finish(tests)
            _finish(lint)
            seconds = time.perf_counter() - started
        return Answer(
            seconds=seconds,
            green=tests.returncode == 0 and lint.returncode == 0,
            passed=passed_tests(said),
            said=said[-300:],
        )


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def find_ruff() -> str:
    """The ruff of this interpreter's environment, or the machine's. Raises `NotMeasured`."""
    beside = Path(sys.executable).with_name("ruff")
    found = str(beside) if beside.is_file() else shutil.which("ruff")
    if found is None:
        raise NotMeasured("there is no ruff on this machine")
    return found


def plain_environment() -> dict[str, str]:
    """This process's, without what would have pytest measure coverage or load plugins."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_KEPT_OUT)}
    return kept | PLAIN_PYTEST


def _start(argv: list[str], folder: str) -> subprocess.Popen[bytes]:
    # In a session of its own: an interrupt from the terminal is ours to answer.
    return subprocess.Popen(
        argv,
        cwd=folder,
        env=plain_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def _finish(process: subprocess.Popen[bytes]) -> str:
    try:
        return process.communicate(timeout=GIVE_UP)[0].decode("utf-8", "replace")
    except subprocess.TimeoutExpired as error:
        process.kill()
        process.wait()
        raise NotMeasured(f"no answer within {GIVE_UP} s") from error
