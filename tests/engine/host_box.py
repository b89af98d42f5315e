"""A box that is a folder of this machine, and a way to judge in it. It keeps nothing in: only for code of these tests."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from engine.case import Case
from engine.checks.base import Subject
from engine.checks.separable import examine
from engine.checks.tests import Sitting, Tests
from engine.checks.ways import Way, import_folders
from engine.domain import Budget, Task, Verdict
from sandboxes.base import TOOLS, Command, Outcome, Place, Stream
from tests.engine.made import MEASURED
from tests.one_by_one import OneByOne

INSIDE = Path(__file__).parents[2] / "engine" / "checks" / "inside"


class HostBox(OneByOne):
    """Runs our programs with this interpreter, in a folder of its own below *base*."""

    id = "host"
    image = "sha256:1"
    measured = MEASURED

    def __init__(self, base: Path) -> None:
        self.work = base / "work"
        self.home = base / "tmp"
        self.commands: list[Command] = []
        self.outcomes: list[Outcome] = []
        for folder in (self.work, self.home):
            folder.mkdir(parents=True)

    async def put(self, files: Mapping[str, bytes], *, place: Place = "work", locked: bool = False) -> None:
        # our programs are run from where they are
        for path, content in files.items() if place == "work" else ():
            target = self.work / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)

    async def clear(self, *, only: Place | None = None) -> None:
        for folder in (self.work, self.home) if only is None else ():
            shutil.rmtree(folder)
            folder.mkdir()

    async def run(self, command: Command, *, on_report_line: Callable[[str], None] | None = None) -> Outcome:
        self.commands.append(command)
        self.outcomes.append(await asyncio.to_thread(self._run, command))
        return self.outcomes[-1]

    def _run(self, command: Command) -> Outcome:
        program = command.argv[1].replace(TOOLS, str(INSIDE), 1)
        reading, writing = os.pipe()
        with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            stdin.write(command.stdin)
            stdin.seek(0)
            kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
            process = subprocess.Popen(
                [sys.executable, "-I", program, *command.argv[2:]],
                cwd=self.work,
                env={**kept, "HOME": str(self.home), "TMPDIR": str(self.home), "MENDBOX_REPORT_FD": str(writing)},
                pass_fds=[writing],
                stdin=stdin,
                stdout=out,
                stderr=err,
            )
            os.close(writing)
            killer = threading.Timer(command.seconds, process.kill)
            killer.start()
            with os.fdopen(reading, "rb") as pipe:
                told = pipe.read()
            code = process.wait()
            killer.cancel()
            streams = []
            for file in (out, err):
                file.seek(0)
                streams.append(_stream(file.read()))
        timed_out = code == -signal.SIGKILL
        return Outcome(
            ended="timeout" if timed_out else "exited" if code >= 0 else "signalled",
            exit_code=code if code >= 0 else None,
            signal=-code if code < 0 else None,
            stdout=streams[0],
            stderr=streams[1],
            report=_stream(told),
        )

    async def take(self, paths: tuple[str, ...]) -> Mapping[str, bytes]:
        return {path: (self.work / path).read_bytes() for path in paths if (self.work / path).is_file()}


def _stream(content: bytes) -> Stream:
    return Stream(head=content, total_bytes=len(content))


@contextmanager
def host_box() -> Iterator[HostBox]:
    with tempfile.TemporaryDirectory() as base:
        yield HostBox(Path(base))


def subject_of(files: Mapping[str, str], tests: Mapping[str, str], *, seconds: float = 30.0) -> Subject:
    case = Case(
        task=Task(files=dict(files), tests=dict(tests), budget=Budget(test_seconds=seconds)),
        before=dict(files),
        tests=dict(tests),
        baseline=Verdict(files_sha256="0", reports=()),
    )
    return Subject(files=dict(files), case=case)


async def kept_apart(
    files: Mapping[str, str] | str, tests: Mapping[str, str] | str, *, hang: float = 10.0, **way: object
) -> Sitting:
    """One session of *tests* in a process that the code in *files* never enters."""
    files = {"solution.py": files} if isinstance(files, str) else files
    tests = {"test_solution.py": tests} if isinstance(tests, str) else tests
    subject = subject_of(files, tests)
    separable = examine(tests, files, import_folders(subject))
    with host_box() as box:
        await box.put({path: text.encode() for path, text in files.items()})
        await box.put(dict.fromkeys(tests, b""))
        asked = Way.model_validate({"hang_seconds": hang, "apart": True, "tops": separable.tops, **way})
        return await Tests().sit(subject, box, asked)


def ends(sitting: Sitting) -> dict[str, str]:
    """How each test ended, by its name without its file."""
    return {test.node_id.split("::", 1)[1]: test.ended for test in sitting.report.tests}


def failures(sitting: Sitting) -> str:
    return "\n".join(f"{finding.message}\n{finding.evidence}" for finding in sitting.report.findings)
