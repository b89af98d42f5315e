"""One component of the project on its way: prepared, started, listened to, asked whether it works."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from typing import Any

from .web import ask

_HALF = 16 << 10
_LOOK = 0.05
# Out of memory, the kernel takes what was submitted before it takes us.
_FIRST_TO_GO = ("/bin/sh", "-c", 'echo 1000 > /proc/self/oom_score_adj; exec "$@"', "sh")


class Output:
    """The beginning and the end of what a process wrote."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._tail = bytearray()
        self._total = 0
        self._lock = threading.Lock()

    def read(self, pipe: int) -> None:
        while True:
            try:
                piece = os.read(pipe, 65_536)
            except OSError:
                return
            if not piece:
                return
            with self._lock:
                self._total += len(piece)
                room = max(0, _HALF - len(self._head))
                self._head += piece[:room]
                self._tail = (self._tail + piece[room:])[-_HALF:]

    @property
    def text(self) -> str:
        with self._lock:
            head, tail = self._head.decode("utf-8", "replace"), self._tail.decode("utf-8", "replace")
            left_out = self._total - len(self._head) - len(self._tail)
        return f"{head}\n[... {left_out} bytes left out ...]\n{tail}" if left_out else head + tail


class Component:
    """*asked* as `engine.projects.running.asked.Startable` has it; *say* writes a line of the report."""

    def __init__(self, asked: dict[str, Any], say: Callable[..., None]) -> None:
        self.name: str = asked["name"]
        self.port: int = asked["port"]
        self.gets: list[dict[str, Any]] = asked["gets"]
        self._asked = asked
        self._say = say
        self._output = Output()
        self._process: subprocess.Popen[bytes] | None = None
        self._told = False

    def start(self) -> bool:
        """Do what has to be done before, then begin; whether it has begun."""
        for folder in self._asked["folders"]:
            os.makedirs(folder, exist_ok=True)
        for argv in self._asked["before"]:
            if not self._begin(argv):
                return False
            assert self._process is not None
            try:
                code = self._process.wait(self._asked["before_seconds"])
            except subprocess.TimeoutExpired:
                self._kill()
                return self._not_up("hung", step=" ".join(argv))
            if code:
                return self._not_up("failed", step=" ".join(argv), code=code)
        return self._begin(self._asked["argv"])

    def answers(self) -> bool:
        """Whether its health path answers 200 before its time is over."""
        assert self._process is not None
        end = time.monotonic() + self._asked["seconds"]
        began = time.monotonic()
        last: dict[str, Any] = {}
        while time.monotonic() < end:
            code = self._process.poll()
            if code is not None:
                return self._not_up("ended", code=code)
            answer = ask(self.port, "GET", self._asked["health"], seconds=min(5.0, max(0.1, end - time.monotonic())))
            if answer["status"] == 200:
                # what answers may be another one that had its port before it
                if self._process.poll() is None:
                    self._say(event="up", component=self.name, seconds=round(time.monotonic() - began, 3))
                    return True
                continue
            if answer["status"] is not None:
                last = answer
            time.sleep(_LOOK)
        if last:
            return self._not_up("unhealthy", status=last["status"], body=last["body"][:2_000])
        return self._not_up("silent")

    @property
    def lives(self) -> bool:
        """Whether it has not ended."""
        return self._process is not None and self._process.poll() is None

    def tell_end(self) -> None:
        """Say what it wrote, and whether it has ended by itself after it was up."""
        if self._process is None:
            return
        code = self._process.poll()
        self._kill()
        if not self._told:
            self._say(event="stayed", component=self.name, code=code)
        self._say(event="output", component=self.name, text=self._output.text)

    def _begin(self, argv: list[str]) -> bool:
        env = {**os.environ, **self._asked["env"]}
        if (
            shutil.which(os.path.join(self._asked["folder"], argv[0]) if "/" in argv[0] else argv[0], path=env["PATH"])
            is None
        ):
            return self._not_up("missing", step=argv[0])
        try:
            self._process = subprocess.Popen(
                (*_FIRST_TO_GO, *argv),
                cwd=self._asked["folder"],
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            return self._not_up("missing", step=argv[0], body=str(error)[:500])
        assert self._process.stdout is not None
        threading.Thread(target=self._output.read, args=(self._process.stdout.fileno(),), daemon=True).start()
        return True

    def _not_up(
        self, why: str, *, step: str = "", code: int | None = None, status: int | None = None, body: str = ""
    ) -> bool:
        self._told = True
        time.sleep(_LOOK)  # what it wrote last is just being read
        self._say(event="not_up", component=self.name, why=why, step=step[:300], code=code, status=status, body=body)
        return False

    def _kill(self) -> None:
        assert self._process is not None
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return
