"""One program of the project on its way: prepared, begun, listened to, ended."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import IO, Any

from . import contained

_HALF = 16 << 10
LOOK = 0.05
_CONTAINED = (sys.executable, "-I", "-S", contained.__file__)


class Output:
    """The beginning and the end of what processes wrote, one after the other: at most *half* bytes of each."""

    def __init__(self, half: int = _HALF) -> None:
        self._half = half
        self._head = bytearray()
        self._tail = bytearray()
        self._total = 0
        self._lock = threading.Lock()

    def read(self, pipe: IO[bytes]) -> None:
        while True:
            try:
                piece = os.read(pipe.fileno(), 65_536)
            except OSError:
                return
            if not piece:
                return
            with self._lock:
                self._total += len(piece)
                room = max(0, self._half - len(self._head))
                self._head += piece[:room]
                self._tail = (self._tail + piece[room:])[-self._half :]

    @property
    def text(self) -> str:
        with self._lock:
            head, tail = self._head.decode("utf-8", "replace"), self._tail.decode("utf-8", "replace")
            left_out = self._total - len(self._head) - len(self._tail)
        return f"{head}\n[... {left_out} bytes left out ...]\n{tail}" if left_out else head + tail


class Program:
    """*asked* as `engine.projects.running.asked.Startable` has it; *say* writes a line of the report."""

    def __init__(self, asked: dict[str, Any], say: Callable[..., None]) -> None:
        self.name: str = asked["name"]
        self._asked = asked
        self._say = say
        self._output = Output()
        self._process: subprocess.Popen[bytes] | None = None
        self._listening: threading.Thread | None = None
        self._told = False

    def prepare(self) -> bool:
        """Do what has to be done before it can begin; whether that was well."""
        for folder in self._asked["folders"]:
            os.makedirs(folder, exist_ok=True)
        for argv in self._asked["before"]:
            if not self._begin(argv, self._output):
                return False
            assert self._process is not None
            try:
                code = self._process.wait(self._asked["before_seconds"])
            except subprocess.TimeoutExpired:
                self._kill()
                return self._not_up("hung", step=" ".join(argv))
            if code:
                return self._not_up("failed", step=" ".join(argv), code=code)
        return True

    @property
    def lives(self) -> bool:
        """Whether it has not ended."""
        return self._process is not None and self._process.poll() is None

    def _begin(self, argv: list[str], output: Output) -> bool:
        env = {**os.environ, **self._asked["env"]}
        program = os.path.join(self._asked["folder"], argv[0]) if "/" in argv[0] else argv[0]
        if shutil.which(program, path=env["PATH"]) is None:
            return self._not_up("missing", step=argv[0])
        try:
            self._process = subprocess.Popen(
                (*_CONTAINED, *argv),
                cwd=self._asked["folder"],
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            return self._not_up("missing", step=argv[0], body=str(error)[:500])
        self._listening = threading.Thread(target=output.read, args=(self._process.stdout,), daemon=True)
        self._listening.start()
        return True

    def _not_up(
        self, why: str, *, step: str = "", code: int | None = None, status: int | None = None, body: str = ""
    ) -> bool:
        self._told = True
        time.sleep(LOOK)  # what it wrote last is just being read
        self._say(event="not_up", component=self.name, why=why, step=step[:300], code=code, status=status, body=body)
        return False

    def _kill(self) -> None:
        """With all that it has left behind."""
        assert self._process is not None
        contained.end_below(self._process.pid)
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return
