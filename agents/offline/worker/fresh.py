"""A new process for each candidate, forked from one that has everything collected, and ended before the next begins.

What forks is itself thrown away after a batch, or when a candidate does not end or leaves something running: it may signal
nobody (see `fence`), so that the process above it does the killing.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from .fence import adopt, childless, fence
from .folders import Watch
from .guard import limit_memory

_python = ctypes.PyDLL(None, use_errno=True)


def bare_fork() -> int:
    """As `os.fork`, for a process of one thread: without the hooks that make locks and threads new in the child.

    They touch so many pages, each of which has to be copied, that they are half of what a short-lived child costs.
    """
    child = int(_python.fork())
    if child < 0:
        raise OSError(ctypes.get_errno(), "no process can be forked")
    return child


class Nest:
    """This process, from now on one that forks for candidates."""

    def __init__(self, watch: Watch, *, fenced: bool, close: tuple[int, ...]) -> None:
        """Candidates are *fenced*, keep none of the descriptors in *close*, and find the folders of *watch* as they were."""
        adopt()
        limit_memory()
        if fenced:
            fence()
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.signal(signal.SIGVTALRM, signal.SIG_DFL)
        gc.disable()
        self._fork = bare_fork if len(list(Path("/proc/self/task").iterdir())) == 1 else os.fork
        self._watch = watch
        self._close = close

    def ask(
        self, work: Callable[[], Iterable[bytes]], *, size: int, most: int, cpu: float, wall: float
    ) -> Iterator[bytes]:
        """Up to *most* answers of *size* bytes that *work* gives in a child; fewer where it ends before.

        The kernel ends the child after *cpu* seconds of its own work on an answer, and after *wall* seconds **this** process,
        whatever the child has done to its timers; who started this one ends the child then.
        """
        signal.setitimer(signal.ITIMER_REAL, wall)
        reading, writing = os.pipe()
        child = self._fork()
        if not child:
            try:
                signal.setitimer(signal.ITIMER_VIRTUAL, cpu)
                os.close(reading)
                for fd in (*self._close, self._watch.fd):
                    os.close(fd)
                gc.enable()
                for answer in work():
                    os.write(writing, answer)
                    signal.setitimer(signal.ITIMER_VIRTUAL, cpu)
            finally:
                os._exit(0)
        os.close(writing)
        while most and len(answer := os.read(reading, size)) == size:
            signal.setitimer(signal.ITIMER_REAL, wall)
            most -= 1
            yield answer
        os.close(reading)
        os.waitpid(child, 0)

    def spoilt(self) -> bool:
        """Whether the last child left something running, so that this process must end; puts back what it wrote otherwise."""
        if not childless():
            return True
        if self._watch.stirred():
            self._watch.put_back()
        return False
