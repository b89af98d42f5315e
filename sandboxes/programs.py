"""Running the host's own programs while an image is made: bounded, heard line by line, ended as a tree."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
from collections.abc import Callable, Mapping
from typing import Self

LOG_BYTES = 16_384
"""What an error keeps of a build's output: its end."""

_CREDENTIALS = re.compile(r"(?<=://)[^/\s]+@")
"""Up to the last such sign before the path: passwords have them too."""


def blotted(text: str) -> str:
    """*text* without the credentials inside its addresses."""
    return _CREDENTIALS.sub("***@", text)


class Log:
    """The end of a build's output; credentials inside addresses are blotted out as lines come in."""

    def __init__(self, listener: Callable[[str], None]) -> None:
        self._listener = listener
        self._text = ""

    def line(self, text: str) -> None:
        text = blotted(text.rstrip())
        if text:
            self._text = f"{self._text}{text}\n"[-LOG_BYTES:]
            self._listener(text)

    @property
    def tail(self) -> str:
        return self._text

    @property
    def last_line(self) -> str:
        return self._text.rstrip().rpartition("\n")[2]


class ProgramFailed(Exception):
    """A program of the host ended badly, ran out of time, or is not there.

    Attributes:
        program: Its name.
        reason: How it ended, such as ``"exit code 25"``.
    """

    def __init__(self, program: str, reason: str) -> None:
        super().__init__(f"{program}: {reason}")
        self.program = program
        self.reason = reason

    @classmethod
    def missing(cls, program: str) -> Self:
        return cls(program, "not installed")


async def run_program(argv: tuple[str, ...], *, log: Log, seconds: float, env: Mapping[str, str] | None = None) -> None:
    """Run *argv* to its end, its output going to *log*; a cancelled call ends the whole process group.

    Raises:
        ProgramFailed: It is missing, took longer than *seconds*, or did not exit with 0.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise ProgramFailed.missing(argv[0]) from error
    try:
        async with asyncio.timeout(seconds):
            await _read_lines(process, log)
            code = await process.wait()
    except TimeoutError as error:
        raise ProgramFailed(argv[0], f"not finished after {seconds:.0f} s") from error
    finally:
        if process.returncode is None:
            await _end(process)
    if code != 0:
        raise ProgramFailed(argv[0], f"exit code {code}")


async def _read_lines(process: asyncio.subprocess.Process, log: Log) -> None:
    if process.stdout is None:  # cannot be: a pipe was asked for
        return
    rest = b""
    while chunk := await process.stdout.read(65_536):
        *lines, rest = re.split(rb"[\r\n]", rest[-LOG_BYTES:] + chunk)
        for line in lines:
            log.line(line.decode("utf-8", "replace"))
    log.line(rest.decode("utf-8", "replace"))


async def _end(process: asyncio.subprocess.Process) -> None:
    # mmdebstrap removes its half-made tree when it is asked to end, so it is asked first.
    for number, patience in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), patience)
            return
