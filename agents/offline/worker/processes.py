"""Forked children that cost only themselves: silent, alone in their session, ended with all they started."""

from __future__ import annotations

import contextlib
import os
import pickle
import select
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PRIVATE: set[int] = set()
"""Descriptors that no child may have, because it runs the code under repair."""
KEPT: set[int] = set()
"""Children of ours that `sweep` leaves alone."""


def silence() -> None:
    """Send this process's output nowhere and give it nothing to read."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nowhere, fd)
    os.close(nowhere)


def spawn(work: Callable[[int], None], *close: int) -> tuple[int, int]:
    """Run *work* in a child with a pipe to write to; the child's id and the pipe's reading end."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    try:
        os.setsid()
        os.close(reading)
        for fd in (*close, *PRIVATE):
            os.close(fd)
        PRIVATE.clear()
        silence()
        work(writing)
    finally:
        os._exit(0)


def tell(fd: int, value: object) -> None:
    """Write *value* with its length in front."""
    data = pickle.dumps(value)
    data = len(data).to_bytes(8, "big") + data
    while data:
        data = data[os.write(fd, data) :]


def hear(fd: int, seconds: float, loads: Callable[[bytes], Any] = pickle.loads) -> Any:  # noqa: ANN401  # both ends are ours, and know what they send
    """The next value; EOFError where the other side has gone or says nothing in time.

    *loads* reads it: all there is, as everything here is inside the box already, unless a narrower one is given.
    """
    end = time.monotonic() + seconds
    size = int.from_bytes(_read(fd, 8, end), "big")
    return loads(_read(fd, size, end))


def _read(fd: int, size: int, end: float) -> bytes:
    data = b""
    while len(data) < size:
        ready, _, _ = select.select([fd], [], [], max(0.0, end - time.monotonic()))
        piece = os.read(fd, min(size - len(data), 1 << 20)) if ready else b""
        if not piece:
            raise EOFError
        data += piece
    return data


def reap(child: int) -> int:
    """End *child* and all of its session, and wait for it; its raw status."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    try:
        return os.waitpid(child, 0)[1]
    except ChildProcessError:
        return 0


def sweep(seconds: float = 5.0) -> None:
    """End all children but the `KEPT`, and what they leave to this process by ending, until none is there or the time is up.

    For a process that has adopted all orphans below it (`fence.adopt`); what leaves the group of its parent is found as well.
    """
    end = time.monotonic() + seconds
    while (left := _children() - KEPT) and time.monotonic() < end:
        for child in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                group = os.getpgid(child)
                (os.killpg if group != os.getpgrp() else os.kill)(
                    group if group != os.getpgrp() else child, signal.SIGKILL
                )
        for child in left:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child, 0)


def _children() -> set[int]:
    try:
        return {int(word) for word in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}
    except OSError:
        return set()


def ask(work: Callable[[int], None], seconds: float, *close: int, loads: Callable[[bytes], Any] = pickle.loads) -> Any:  # noqa: ANN401  # as `hear`
    """What *work* tells in a child; None where the child died or took too long."""
    child, fd = spawn(work, *close)
    try:
        return hear(fd, seconds, loads)
    except (EOFError, pickle.UnpicklingError):
        return None
    finally:
        os.close(fd)
        reap(child)
