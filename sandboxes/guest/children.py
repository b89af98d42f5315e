"""The process of one command: made, fed, and killed with everything it started."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import select
import signal
import time

from .files import Refused
from .measuring import set_dumpable
from .warming import Become, Job

_PIPE = 1 << 20
_REPORT_FD = 3
_STATUS_FD = 4
_GRACE = 10.0
"""Seconds that killed processes have to be gone; then the box itself ends, which kills them for good."""


class Request:
    """What to run. Paths are absolute, the environment is complete."""

    def __init__(
        self,
        *,
        argv: list[str],
        env: dict[str, str],
        cwd: str,
        seconds: float,
        stdin: bytes,
        warm: bool,
        keep: int,
        keep_report: int,
        held: bool = False,
    ) -> None:
        """*held*: give it its standard input only when the commands beside it that are not held have ended."""
        self.argv = argv
        self.env = env
        self.cwd = cwd
        self.seconds = seconds
        self.stdin = stdin
        self.warm = warm
        self.keep = keep
        self.keep_report = keep_report
        self.held = held

    def is_as(self, other: Request) -> bool:
        """Whether a command that was started for this request may serve the *other* one: only its input is its own."""
        return (self.argv, self.env, self.cwd, self.warm) == (other.argv, other.env, other.cwd, other.warm)


def kill_all() -> None:
    """Kill and reap every process of the box but this one.

    One signal to all reaches what has left its group or session and what ignores SIGTERM; a fork that was under way
    is caught by the next round.
    """
    if os.getpid() != 1:
        raise RuntimeError("only the first process of a box may kill everything it sees")
    give_up = time.monotonic() + _GRACE
    while time.monotonic() < give_up:
        with contextlib.suppress(ProcessLookupError):  # only zombies are left, or nobody
            os.kill(-1, signal.SIGKILL)
        while True:
            try:
                if os.waitpid(-1, os.WNOHANG)[0] == 0:
                    break
            except ChildProcessError:
                return
        time.sleep(0.001)
    os._exit(70)


class Feed:
    """Writes a command's stdin as fast as it is read."""

    def __init__(self, fd: int, content: bytes) -> None:
        self._fd = fd
        self._left = memoryview(content)

    def more(self, event: int) -> bool:
        """Write once; False when all is written, or nobody reads any more."""
        if event & select.POLLERR:
            return False
        try:
            if self._left:
                self._left = self._left[os.write(self._fd, self._left[:65_536]) :]
        except BlockingIOError:
            return True
        except BrokenPipeError:
            return False
        return bool(self._left)


class Child:
    """The command's first process, and our ends of its pipes."""

    def __init__(self, request: Request) -> None:
        theirs_in, self.stdin = os.pipe()
        self.stdout, theirs_out = os.pipe()
        self.stderr, theirs_err = os.pipe()
        self.report, theirs_report = os.pipe()
        started, theirs_started = os.pipe()
        self._open = {self.stdin, self.stdout, self.stderr, self.report}
        theirs = (theirs_in, theirs_out, theirs_err, theirs_report, theirs_started)
        self.status: int | None = None
        try:
            self.pid = os.fork()
        except OSError:
            for fd in (*theirs, started):
                os.close(fd)
            self.close_all()
            raise
        if self.pid == 0:
            _become(request, theirs)
        for fd in theirs:
            os.close(fd)
        for fd in (self.stdout, self.stderr, self.report):
            _enlarge(fd)
        for fd in self._open:
            os.set_blocking(fd, False)
        self.pidfd = os.pidfd_open(self.pid)
        self._open.add(self.pidfd)
        trouble = b""
        while piece := os.read(started, 4_096):
            trouble += piece
        os.close(started)
        if trouble:
            kill_all()
            self.close_all()
            why, _, what = trouble.decode("utf-8", "replace").partition(" ")
            raise Refused(why, what)

    def is_open(self, fd: int) -> bool:
        return fd in self._open

    def close(self, fd: int) -> None:
        self._open.discard(fd)
        os.close(fd)

    def close_all(self) -> None:
        for fd in tuple(self._open):
            self.close(fd)

    def is_alive(self) -> bool:
        try:
            return os.waitpid(self.pid, os.WNOHANG)[0] == 0
        except ChildProcessError:  # it went with all the others when another one could not be started
            return False

    def kill(self) -> None:
        """End it and what it has started in its own session."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


def _enlarge(pipe: int) -> None:
    with contextlib.suppress(OSError):  # the kernel's allowance for this user is used up: only slower
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)


def _become(request: Request, theirs: tuple[int, ...]) -> None:
    """In the child: turn into the command. Never returns; what cannot be started is written to the last pipe."""
    try:
        os.setsid()
        for fd, number in zip(theirs, (0, 1, 2, _REPORT_FD, _STATUS_FD), strict=True):
            os.dup2(fd, number, inheritable=number != _STATUS_FD)
        os.closerange(_STATUS_FD + 1, 1 << 30)
        # Its own files below /proc belong to a process again, which also lets it volunteer for the memory killer.
        set_dumpable(dumpable=True)
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
            file.write("1000")
        os.umask(0o022)
        os.chdir(request.cwd)
    except OSError as error:
        _refuse("path", f"{request.cwd!r}: {error.strerror}")
    if request.warm:
        try:
            os.environ.clear()
            os.environ.update(request.env)
        except ValueError as error:
            _refuse("missing", f"{request.argv[0]!r}: {error}")
        os.close(_STATUS_FD)
        raise Become(Job(request.argv))
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvpe(request.argv[0], request.argv, request.env)
    except OSError as error:
        reason = errno.errorcode.get(error.errno or 0, "")
        _refuse("missing", f"{request.argv[0]!r}: {error.strerror} ({reason})")
    except ValueError as error:
        _refuse("missing", f"{request.argv[0]!r}: {error}")


def _refuse(why: str, what: str) -> None:
    os.write(_STATUS_FD, f"{why} {what}".encode("utf-8", "replace")[:4_096])
    os._exit(127)
