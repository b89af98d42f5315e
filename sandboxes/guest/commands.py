"""Commands: one or several at a time, listened to and timed until all have ended."""

from __future__ import annotations

import os
import resource
import select
import signal
import time
from collections.abc import Callable
from typing import NoReturn

from .cgroup import Cgroup, Numbers
from .children import Child, Feed, Request, kill_all
from .files import Refused, has_file_of, is_full, used_bytes
from .streams import Kept

_TICK = 0.05
"""Seconds between two looks at orphans that have ended and at the space that is left."""
_CHUNK = 1 << 18
_WRITABLE = ("/box", "/tmp", "/dev/shm")


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


class Runner:
    """Runs commands, several side by side where they are asked for together. *leave* is called when the host is gone."""

    def __init__(self, cgroup: Cgroup, host: int, leave: Callable[[], NoReturn]) -> None:
        self._cgroup = cgroup
        self._host = host
        self._leave = leave
        self._buffer = memoryview(bytearray(_CHUNK))
        self._ahead: list[tuple[Request, Child]] = []

    def start_ahead(self, request: Request) -> None:
        """Start a command before its time: it goes as far as it comes without its input, which `run` gives it."""
        self._ahead.append((request, Child(request)))

    def run(
        self, requests: list[Request], *, until: float, on_report: Callable[[memoryview], None] | None
    ) -> list[Ended]:
        """Run all to the end. *until* is the monotonic time at which the box's own life is over.

        The time of a held command begins when its input comes. Where the time of one is over, all are killed.

        What cannot be told from here: a program that met a full disk and made room again between two looks; one that
        was refused a fork or a file's growth and ended with 0 all the same (it counts as exited); and which of its
        processes the kernel chose to kill for memory.
        """
        # No clean-up may stand around this: in a forked child it unwinds what is here.
        going = self._start(requests)
        if len(going) < len(requests):
            return [_refused(request) for request in requests]
        try:
            self._release(going, until, held=all(request.held for request in requests))
            self._follow(going, until, on_report)
        finally:
            kill_all()
        for each in going:
            self._drain(each, on_report)
            self._explain(each)
        return [each.ended for each in going]

    def _start(self, requests: list[Request]) -> list[_Going]:
        """All of them, or none where the kernel refused a process."""
        ahead = [self._take_ahead(request) for request in requests]
        # Before anything new is begun: a command must meet nothing that is not of its own request.
        self.forget_ahead()
        going: list[_Going] = []
        try:
            for request, child in zip(requests, ahead, strict=True):
                started = time.monotonic()
                going.append(_Going(request, child or Child(request), started))
        except (BlockingIOError, Refused) as error:
            for begun in {*(each.child for each in going), *(child for child in ahead if child is not None)}:
                begun.kill()
                begun.close_all()
            if isinstance(error, Refused):
                raise
            return []
        return going

    def _take_ahead(self, request: Request) -> Child | None:
        for number, (as_asked, child) in enumerate(self._ahead):
            if as_asked.is_as(request) and child.is_alive():
                del self._ahead[number]
                return child
        return None

    def forget_ahead(self) -> None:
        """End what was started ahead and is not wanted."""
        for _, child in self._ahead:
            child.kill()
            child.close_all()
        self._ahead.clear()

    def _release(self, going: list[_Going], until: float, *, held: bool) -> None:
        """Give those that are held, or those that are not, their input."""
        counts = self._cgroup.counts()
        for each in going:
            if each.request.held is held:
                each.release(until, counts)

    def _follow(self, going: list[_Going], until: float, on_report: Callable[[memoryview], None] | None) -> None:
        """Until all commands themselves have ended, or the time of one of them has."""
        handlers: dict[int, Callable[[int], bool]] = {self._host: lambda _: self._leave()}
        poll = select.poll()
        poll.register(self._host, 0)  # only the hang-up, which is always told
        for each in going:
            handlers.update(self._handlers(each, on_report))
            each.watch(poll)
        next_look = time.monotonic() + _TICK
        while left := [each for each in going if each.child.status is None]:
            now = time.monotonic()
            if any(now >= each.deadline for each in left):
                for each in left:
                    each.timed_out = True
                return
            if now >= next_look:
                self._look(going)
                next_look = now + _TICK
            until_then = min(next_look, *(each.deadline for each in left)) - now
            for fd, event in poll.poll(max(0.0, until_then) * 1000 + 1):
                if not handlers[fd](event):
                    poll.unregister(fd)
                    _close(going, fd)
            if all(each.request.held for each in going if each.child.status is None):
                self._let_go(going, until, poll)

    def _let_go(self, going: list[_Going], until: float, poll: select.poll) -> None:
        """Release what was held, once: nothing else is left. Where that has not ended well, it is not wanted."""
        if any(not each.request.held and each.child.status for each in going):
            for each in going:
                each.give_up()
        elif any(not each.released for each in going):
            self._release(going, until, held=True)
            for each in going:
                each.watch(poll)

    def _handlers(
        self, each: _Going, on_report: Callable[[memoryview], None] | None
    ) -> dict[int, Callable[[int], bool]]:
        child, ended = each.child, each.ended
        return {
            child.pidfd: lambda _: each.reap(),
            child.stdin: each.feed,
            child.stdout: lambda _: self._listen(child.stdout, ended.stdout, None),
            child.stderr: lambda _: self._listen(child.stderr, ended.stderr, None),
            child.report: lambda _: self._listen(child.report, ended.report, on_report),
        }

    def _look(self, going: list[_Going]) -> None:
        """Take leave of what has ended, so that the dead do not use up the limit of processes; see what is full."""
        full = any(is_full(folder) for folder in _WRITABLE)
        for each in going:
            each.was_full = each.was_full or (full and each.released and each.child.status is None)
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for each in going:
                if pid == each.child.pid:
                    each.end(status)

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

    def _drain(self, each: _Going, on_report: Callable[[memoryview], None] | None) -> None:
        """What still stands in the pipes. Nobody is left who could write more."""
        child, ended = each.child, each.ended
        for fd, kept in ((child.stdout, ended.stdout), (child.stderr, ended.stderr), (child.report, ended.report)):
            if child.is_open(fd):
                while self._listen(fd, kept, on_report if fd == child.report else None):
                    pass
        child.close_all()

    def _explain(self, each: _Going) -> None:
        ended = each.ended
        if not each.released:
            # whatever ended it, and whether or not it came to that before the others were through
            ended.why = "unasked"
            return
        before, after = each.before, self._cgroup.counts()
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        ended.seconds = (each.over or time.monotonic()) - each.started
        ended.cpu_seconds = max(0.0, after["cpu"] - before["cpu"])
        ended.peak_bytes = after["peak"] or usage.ru_maxrss * 1024
        status = each.child.status
        if not each.timed_out and status is not None:
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
        elif not each.timed_out and (each.was_full or ended.signal == signal.SIGXFSZ or _met_a_limit_of_files()):
            ended.why = "disk"


class _Going:
    """One command on its way."""

    before: Numbers
    """What the control group had counted when its time began."""

    def __init__(self, request: Request, child: Child, started: float) -> None:
        self.request = request
        self.child = child
        self.ended = Ended(request)
        self.started = started
        self.over: float | None = None
        self.deadline = float("inf")
        self.released = False
        self.timed_out = False
        self.was_full = False
        self._feed = Feed(child.stdin, request.stdin)

    def release(self, until: float, before: Numbers) -> None:
        """Let it have its input; its time begins."""
        self.released = True
        self.before = before
        if self.request.held and self.over is None:
            self.started = time.monotonic()
        self.deadline = min(self.started + self.request.seconds, until)

    def give_up(self) -> None:
        """End it before it has begun."""
        if not self.released and self.child.status is None:
            self.child.kill()
            self.end(0)

    def watch(self, poll: select.poll) -> None:
        """Register what is open; standard input is only written to once it is released."""
        child = self.child
        for fd in (child.pidfd, child.stdin, child.stdout, child.stderr, child.report):
            if child.is_open(fd):
                poll.register(fd, select.POLLOUT if fd == child.stdin and self.released else select.POLLIN)

    def feed(self, event: int) -> bool:
        """Write of its input what fits; what is not released is only watched for the other end being closed."""
        if not self.released and not event & select.POLLERR:
            return True
        return self._feed.more(event)

    def reap(self) -> bool:
        if self.child.status is None:
            self.end(os.waitpid(self.child.pid, 0)[1])
        return False

    def end(self, status: int) -> None:
        self.child.status = status
        self.over = time.monotonic()


def _close(going: list[_Going], fd: int) -> None:
    for each in going:
        if each.child.is_open(fd):
            each.child.close(fd)


def _refused(request: Request) -> Ended:
    """What becomes of a command whose process the kernel refused to make."""
    ended = Ended(request)
    ended.why = "processes"
    return ended


def _met_a_limit_of_files() -> bool:
    if any(is_full(folder) for folder in _WRITABLE):
        return True
    largest = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    # a walk costs time: only where a file of that size can be there at all
    return any(used_bytes(folder) >= largest > 0 and has_file_of(largest, folder) for folder in _WRITABLE)
