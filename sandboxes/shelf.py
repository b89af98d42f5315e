"""Boxes of one shape that are ready, and those who wait for one of them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable
from typing import NamedTuple, Protocol

from .base import Box, Limits
from .errors import ImageMissing, SandboxUnavailable


class ReadyBox(Box, Protocol):
    """A box that nobody has used, on its way from the one who makes boxes to the one run that uses it."""

    @property
    def healthy(self) -> bool:
        """Whether it can still be handed over, as far as can be told without asking it."""

    def lease(self, limits: Limits) -> None:
        """Hand it over: from now on it keeps to *limits*.

        Raises:
            SandboxUnavailable: It has died.
        """

    def discard(self) -> object:
        """Kill and remove it in the background."""


class Maker(Protocol):
    """Makes boxes from one image."""

    async def make(self, *, run_id: str, limits: Limits) -> ReadyBox:
        """A box that was started, whose limits were measured, and that nobody has used.

        Raises:
            SandboxError: It could not be made.
        """

    async def aclose(self) -> None:
        """Remove every box that was made and is still there."""


def shape_of(limits: Limits, *, seconds: float) -> Limits:
    """What a box for *limits* is made with: all that the container itself enforces, and *seconds* of life."""
    told_later = {name: Limits.model_fields[name].default for name in ("output_kib", "report_kib")}
    return limits.model_copy(update={**told_later, "seconds": seconds})


class _Ready(NamedTuple):
    box: ReadyBox
    born: float


class _Waiter(NamedTuple):
    box: asyncio.Future[_Ready]
    until: float


class Shelf:
    """Times are by the pool's clock, seconds. *asked* is when somebody last wanted a box of this shape."""

    def __init__(self, asked: float) -> None:
        self.asked = asked
        self.making = 0
        self._ready: deque[_Ready] = deque()
        self._waiting: deque[_Waiter] = deque()

    def __len__(self) -> int:
        return len(self._ready)

    @property
    def wanting(self) -> int:
        """Waiters for whom no box is being made yet."""
        self._waiting = deque(waiter for waiter in self._waiting if not waiter.box.done())
        return max(0, len(self._waiting) - self.making)

    @property
    def waits_until(self) -> float:
        """How long the first waiter's box may be tried again; that of those who came later is later."""
        return next((waiter.until for waiter in self._waiting if not waiter.box.done()), float("inf"))

    @property
    def coming(self) -> int:
        """Boxes that will stand here when all that are being made are there."""
        return len(self._ready) + max(0, self.making - len(self._waiting))

    def put(self, box: ReadyBox, born: float) -> None:
        """Give *box* to who waits longest, else keep it."""
        self._offer(_Ready(box, born))

    def take(self) -> ReadyBox | None:
        """The oldest one."""
        return self._ready.popleft().box if self._ready else None

    def wait(self, until: float) -> Awaitable[ReadyBox]:
        """The next box that is put here, first come first served; *until* is how long its making may be tried again.

        Who asks is in the queue when this returns, before it is awaited.
        """
        waiter = _Waiter(asyncio.get_running_loop().create_future(), until)
        self._waiting.append(waiter)
        return self._wait(waiter)

    async def _wait(self, waiter: _Waiter) -> ReadyBox:
        try:
            return (await waiter.box).box
        except asyncio.CancelledError:
            if waiter.box.done() and not waiter.box.cancelled() and waiter.box.exception() is None:
                self._offer(waiter.box.result())
            raise

    def fail(self, error: Exception, now: float) -> None:
        """Tell those who wait that no box could be made, but for those who may still see it tried again."""
        lasting = not isinstance(error, SandboxUnavailable) or isinstance(error, ImageMissing)
        for waiter in self._waiting:
            if not waiter.box.done() and (lasting or now >= waiter.until):
                waiter.box.set_exception(error)
        self._waiting = deque(waiter for waiter in self._waiting if not waiter.box.done())

    def sort_out(self, *, born_before: float) -> tuple[ReadyBox, ...]:
        """Take away what has died or was made before that."""
        bad = tuple(ready for ready in self._ready if ready.born < born_before or not ready.box.healthy)
        self._ready = deque(ready for ready in self._ready if ready not in bad)
        return tuple(ready.box for ready in bad)

    def clear(self) -> tuple[ReadyBox, ...]:
        """Take everything away."""
        return self.sort_out(born_before=float("inf"))

    def _offer(self, ready: _Ready) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.box.done():
                waiter.box.set_result(ready)
                return
        self._ready.append(ready)
