"""One command: started, fed, listened to, timed, and killed with everything it started."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import resource
import select
import signal
import time
from collections.abc import Callable
from typing import NoReturn

from .cgroup import Cgroup, Numbers
from .files import Refused, has_file_of, is_full, used_bytes
from .measuring import set_dumpable
from .streams import Kept
from .warming import Become, Job

_TICK = 0.05
"""Seconds between two looks at orphans that have ended and at the space that is left."""
_CHUNK = 1 << 18
_PIPE = 1 << 20
_REPORT_FD = 3
_STATUS_FD = 4
_GRACE = 10.0
"""Seconds that killed processes have to be gone; then the box itself ends, which kills them for good."""
_WRITABLE = ("/box", "/tmp", "/dev/shm")


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
    ) -> None:
        self.argv = argv
        self.env = env
        self.cwd = cwd
        self.seconds = seconds
        self.stdin = stdin
        self.warm = warm
        self.keep = keep
        self.keep_report = keep_report


class Ended:
    """What became of it."""

    def __init__(self, request: Request) -> None:
        self.stdout = Kept(request.keep)
        self.stderr = Kept(request.keep)
        self.report = Kept(request.keep_report)
        self.why = "exited"
        self.exit_code: int | None = None
        self.signal: int | None = None
        self.seconds = 0.0
        self.cpu_seconds = 0.0
        self.peak_bytes = 0.0


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


class Runner:
    """Runs one command at a time. *leave* is called when the host is gone."""

    def __init__(self, cgroup: Cgroup, host: int, leave: Callable[[], NoReturn]) -> None:
        self._cgroup = cgroup
        self._host = host
        self._leave = leave
        self._buffer = memoryview(bytearray(_CHUNK))

    def run(self, request: Request, *, until: float, on_report: Callable[[memoryview], None] | None) -> Ended:
        """Run to the end. *until* is the monotonic time at which the box's own life is over.

        What cannot be told from here: a program that met a full disk and made room again between two looks; one that
        was refused a fork or a file's growth and ended with 0 all the same (it counts as exited); and which of its
        processes the kernel chose to kill for memory.
        """
        started = time.monotonic()
        before = self._cgroup.counts()
        ended = Ended(request)
        try:
            child = _Child(request)
        except BlockingIOError:
            ended.why = "processes"
            return ended
        deadline = min(started + request.seconds, until)
        try:
            timed_out, was_full = self._follow(child, request, ended, deadline, on_report)
        finally:
            kill_all()
        self._drain(child, ended, on_report)
        ended.seconds = time.monotonic() - started
        self._explain(ended, child, before, timed_out=timed_out, was_full=was_full)
        return ended

    def _follow(
        self,
        child: _Child,
        request: Request,
        ended: Ended,
        deadline: float,
        on_report: Callable[[memoryview], None] | None,
    ) -> tuple[bool, bool]:
        """Until the command itself has ended; says whether its time ran out, and whether a disk was seen full."""
        stdin = _Feed(child.stdin, request.stdin)
        handlers: dict[int, Callable[[int], bool]] = {
            self._host: lambda _: self._leave(),
            child.pidfd: lambda _: child.reap(),
            child.stdin: stdin.more,
            child.stdout: lambda _: self._listen(child.stdout, ended.stdout, None),
            child.stderr: lambda _: self._listen(child.stderr, ended.stderr, None),
            child.report: lambda _: self._listen(child.report, ended.report, on_report),
        }
        poll = select.poll()
        for fd in handlers:
            poll.register(fd, select.POLLIN)
        poll.register(child.stdin, select.POLLOUT)
        poll.register(self._host, 0)  # only the hang-up, which is always told
        next_look = time.monotonic() + _TICK
        was_full = False
        while child.status is None:
            now = time.monotonic()
            if now >= deadline:
                return True, was_full
            if now >= next_look:
                child.reap_orphans()
                was_full = was_full or any(is_full(folder) for folder in _WRITABLE)
                next_look = now + _TICK
            for fd, event in poll.poll(max(0.0, min(deadline, next_look) - now) * 1000 + 1):
                if not handlers[fd](event):
                    poll.unregister(fd)
                    child.close(fd)
        return False, was_full

    def _listen(self, fd: int, kept: Kept, on_report: Callable[[memoryview], None] | None) -> bool:
        """Read once; False at the end of the stream."""
        try:
            count = os.readv(fd, [self._buffer])
        except BlockingIOError:
            return True
        if not count:
            return False
        chunk = self._buffer[:count]
        if on_report:
            on_report(chunk)
        kept.add(chunk)
        return True

    def _drain(self, child: _Child, ended: Ended, on_report: Callable[[memoryview], None] | None) -> None:
        """What still stands in the pipes. Nobody is left who could write more."""
        for fd, kept in ((child.stdout, ended.stdout), (child.stderr, ended.stderr), (child.report, ended.report)):
            if child.is_open(fd):
                while self._listen(fd, kept, on_report if fd == child.report else None):
                    pass
        child.close_all()

    def _explain(self, ended: Ended, child: _Child, before: Numbers, *, timed_out: bool, was_full: bool) -> None:
        after = self._cgroup.counts()
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        ended.cpu_seconds = max(0.0, after["cpu"] - before["cpu"])
        ended.peak_bytes = after["peak"] or usage.ru_maxrss * 1024
        status = child.status
        if not timed_out and status is not None:
            if os.WIFSIGNALED(status):
                ended.why, ended.signal = "signalled", os.WTERMSIG(status)
            else:
                ended.exit_code = os.WEXITSTATUS(status)
                if ended.exit_code == 0:
                    return
        else:
            ended.why = "timeout"
        if after["oom"] > before["oom"]:
            ended.why = "memory"
        elif after["refused"] > before["refused"]:
            ended.why = "processes"
        elif not timed_out and (was_full or ended.signal == signal.SIGXFSZ or _met_a_limit_of_files()):
            ended.why = "disk"


def _met_a_limit_of_files() -> bool:
    if any(is_full(folder) for folder in _WRITABLE):
        return True
    largest = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    # a walk costs time: only where a file of that size can be there at all
    return any(used_bytes(folder) >= largest > 0 and has_file_of(largest, folder) for folder in _WRITABLE)


class _Feed:
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


class _Child:
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

    def reap(self) -> bool:
        """Take its exit status, once it has ended. Says that there is nothing more to come."""
        if self.status is None:
            self.status = os.waitpid(self.pid, 0)[1]
        return False

    def reap_orphans(self) -> None:
        """Take leave of what has ended, so that the dead do not use up the limit of processes."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self.pid:
                self.status = status


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
