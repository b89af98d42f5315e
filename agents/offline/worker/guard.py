"""What keeps a candidate from running on: counted steps, a processor timer, a wall clock, a memory limit."""

from __future__ import annotations

import resource
import signal
import sys
from collections.abc import Iterable
from pathlib import Path
from types import CodeType
from typing import Any

from .kinds import Kinds, note

_TICKS = 4
_LINES = 3
MEMORY = 256 * 1024 * 1024
"""Bytes that one candidate may ask for on top of what the process has."""


class OutOfSteps(BaseException):
    """The code under repair ran more steps than it was given."""


class Steps:
    """Counts calls and jumps in the files under repair; raises in the code that takes too many."""

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names
        self.count = 0
        self.limit = 1 << 62
        monitoring: Any = getattr(sys, "monitoring")  # noqa: B009  # the host may run a Python that has none yet
        monitoring.use_tool_id(_TICKS, "mendbox-steps")
        events = monitoring.events

        def tick(code: CodeType, *_: object) -> object:
            if code.co_filename not in names:
                return monitoring.DISABLE
            self.count += 1
            if self.count > self.limit:
                raise OutOfSteps
            return None

        for event in (events.PY_START, events.JUMP):
            monitoring.register_callback(_TICKS, event, tick)
        self._events = events.PY_START | events.JUMP
        self._monitoring = monitoring
        monitoring.set_events(_TICKS, self._events)

    def narrow(self, codes: Iterable[CodeType]) -> None:
        """Count in these and in what is passed to `watch` from now on, and let all other code run untouched."""
        self._monitoring.set_events(_TICKS, 0)
        for code in codes:
            self.watch(code)

    def watch(self, code: CodeType) -> None:
        """Count in *code* and all that stands in it."""
        self._monitoring.set_local_events(_TICKS, code, self._events)
        for const in code.co_consts:
            if isinstance(const, CodeType):
                self.watch(const)

    def start(self, limit: int) -> None:
        """Begin to count anew."""
        self.count = 0
        self.limit = limit

    @property
    def spent(self) -> bool:
        return self.count > self.limit


class Lines:
    """Notes which lines of the files under repair run. All other code is told apart once, and runs untouched from then on."""

    def __init__(self, names: frozenset[str], *, values: bool = True) -> None:
        """*names* are the files' names on disk; *values* is whether to note what variables hold, too."""
        self.seen: set[tuple[str, int]] = set()
        self.kinds: Kinds = {}
        """What the variables of the functions held there, by their file names on disk."""
        self._names = names
        self._known: set[CodeType] = set()
        self._hit: set[CodeType] = set()
        monitoring: Any = getattr(sys, "monitoring")  # noqa: B009  # the host may run a Python that has none yet
        monitoring.use_tool_id(_LINES, "mendbox-lines")
        self._monitoring = monitoring
        self._line = monitoring.events.LINE

        def begin(code: CodeType, _offset: int) -> object:
            if code.co_filename in names:
                self._watch(code)
            return monitoring.DISABLE

        def hit(code: CodeType, line: int) -> object:
            self._hit.add(code)
            self.seen.add((code.co_filename, line))
            if values:
                note(self.kinds, code.co_filename, code, sys._getframe(1).f_locals)  # noqa: SLF001  # the event tells no frame
            return monitoring.DISABLE

        monitoring.register_callback(_LINES, monitoring.events.PY_START, begin)
        monitoring.register_callback(_LINES, self._line, hit)
        monitoring.set_events(_LINES, monitoring.events.PY_START)

    def _watch(self, code: CodeType) -> None:
        if code not in self._known:
            self._known.add(code)
            self._monitoring.set_local_events(_LINES, code, self._line)
            for const in code.co_consts:
                if isinstance(const, CodeType):
                    self._watch(const)

    def start(self) -> None:
        """Begin to note anew."""
        self.seen.clear()
        self.kinds = {}
        for code in self._hit:
            # off and on again, which costs less than to begin anew everywhere
            self._monitoring.set_local_events(_LINES, code, 0)
            self._monitoring.set_local_events(_LINES, code, self._line)
        self._hit.clear()

    def stop(self) -> None:
        for code in self._known:
            self._monitoring.set_local_events(_LINES, code, 0)
        self._monitoring.set_events(_LINES, 0)
        self._monitoring.free_tool_id(_LINES)


def limit_memory() -> None:
    """Refuse this process more than `MEMORY` bytes beyond what it has mapped now."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def arm(cpu: float, wall: float) -> None:
    """Let the kernel end this process after *cpu* seconds of work or *wall* seconds; call again to begin anew.

    The signals' default action is used, because a handler of ours would wait for code written in C to return.
    """
    for number, timer, seconds in (
        (signal.SIGVTALRM, signal.ITIMER_VIRTUAL, cpu),
        (signal.SIGALRM, signal.ITIMER_REAL, wall),
    ):
        if signal.getsignal(number) is not signal.SIG_DFL:
            signal.signal(number, signal.SIG_DFL)
        signal.setitimer(timer, seconds)


def disarm() -> None:
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)
