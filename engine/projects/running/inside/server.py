"""A server of stores in the box, as the image has it: begun, waited for, ended."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from typing import Any

from .program import Output

TALK = 5.0
"""Seconds that one exchange with it may take."""
_SECONDS = 60.0
_LOOK = 0.02
_HALF_LOG = 8 << 10
# Out of memory, the kernel takes them after what was submitted and before us.
_THEN_TO_GO = ("/bin/sh", "-c", 'echo 600 > /proc/self/oom_score_adj; exec "$@"', "sh")


class NotStarted(Exception):
    """Why."""


class Refused(Exception):
    """It said no, or what answers is something else."""


class Server:
    """A program that serves one store or several, each as `engine.projects.running.asked.Store` has it."""

    program: str
    kind: str
    preloaded: str = ""
    logs_errors = False

    def __init__(self, stores: Sequence[dict[str, Any]], folder: str) -> None:
        self.stores = stores
        self.version = ""
        self._folder = folder
        self._port: int = stores[0]["port"]
        self._output = Output(_HALF_LOG)
        self._process: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Make its folder."""

    def command(self) -> tuple[str, ...]:
        raise NotImplementedError

    def version_of(self) -> str:
        """As it says itself; raises `OSError` and `Refused` while it does not answer."""
        raise NotImplementedError

    def used(self, store: dict[str, Any]) -> bool:
        """Whether anything was kept in *store*; raises the same."""
        raise NotImplementedError

    def begin(self) -> None:
        if not os.path.exists(self.program):
            raise NotStarted(f"the image has no {self.program}")
        self.prepare()
        env = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "LD_PRELOAD": self.preloaded}
        self._process = subprocess.Popen(
            (*_THEN_TO_GO, *self.command()),
            cwd=self._folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        threading.Thread(target=self._output.read, args=(self._process.stdout,), daemon=True).start()

    def wait(self) -> None:
        """Until it answers."""
        assert self._process is not None
        end = time.monotonic() + _SECONDS
        last = ""
        while time.monotonic() < end:
            if self._process.poll() is not None:
                time.sleep(_LOOK)  # what it wrote last is just being read
                raise NotStarted(f"it ended with {self._process.poll()}")
            try:
                self.version = self.version_of()
            except (OSError, Refused, ValueError) as error:
                last = f"{error}"
                time.sleep(_LOOK)
            else:
                return
        raise NotStarted(f"it did not answer within {_SECONDS:g} s: {last}"[:500])

    @property
    def log(self) -> str:
        return self._output.text

    @property
    def code(self) -> int | None:
        """None while it runs."""
        return self._process.poll() if self._process is not None else None

    def end(self) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal.SIGQUIT)
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
