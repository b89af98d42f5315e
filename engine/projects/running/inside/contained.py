"""The first process of one program, as its container has one: what the program leaves behind is below it, and ends with it.

Arguments: the command of the program. It ends as the program does. SIGTERM is passed on to the program alone.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from contextlib import suppress

_SET_DUMPABLE, _SET_CHILD_SUBREAPER = 4, 36
_LOOK = 0.005
SECONDS = 2.0
"""Within which all that is below a process is ended: what is quicker at making processes than we are stays."""
# Out of memory, the kernel takes what was submitted before it takes us.
_FIRST_TO_GO = ("/bin/sh", "-c", 'echo 1000 > /proc/self/oom_score_adj; exec "$@"', "sh")


def end_below(first: int) -> None:
    """Kill all processes below *first*, and not that one."""
    end = time.monotonic() + SECONDS
    while (found := _below(first)) and time.monotonic() < end:
        for pid in found:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(_LOOK)
        if first == os.getpid():
            _reap()


def _below(first: int) -> set[int]:
    parents: dict[int, int] = {}
    for name in os.listdir("/proc"):
        if not name.isdecimal():
            continue
        with suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
            state, parent, *_ = file.read().rpartition(b")")[2].split()
            if state not in b"ZX":
                parents[int(name)] = int(parent)
    found = {first}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {first}


def _reap() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def main(argv: list[str]) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    libc.prctl(_SET_DUMPABLE, 0, 0, 0, 0)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    program = os.fork()
    if not program:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        os.execv(_FIRST_TO_GO[0], (*_FIRST_TO_GO, *argv))
    signal.signal(signal.SIGTERM, lambda *_: os.kill(program, signal.SIGTERM))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    ended, status = 0, 0
    while ended != program:
        ended, status = os.wait()
    # it is no more, and its number may be another one's
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    end_below(os.getpid())
    if os.WIFSIGNALED(status):
        if os.WTERMSIG(status) != signal.SIGKILL:
            signal.signal(os.WTERMSIG(status), signal.SIG_DFL)
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.waitstatus_to_exitcode(status) & 255)


if __name__ == "__main__":
    main(sys.argv[1:])
