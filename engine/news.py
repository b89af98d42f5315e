"""What a run tells while it goes on, on its way to whoever follows it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

from engine.events import Event, Preparing


class Tell(Protocol):
    """Tells whoever waits how far their run is."""

    async def __call__(self, event: Event | None, seconds: float) -> None:
        """*event* happened, *seconds* after the call began; None where nothing did for a while."""


class News:
    """A run's events on their way to whoever follows it: bounded for each, because one may be slow to listen."""

    latest: Event | None = None
    """The last one, for whoever only looks in from time to time."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ears: set[Ear] = set()

    def __call__(self, event: Event) -> None:
        # A searching author may say how far it is from a thread of its own, and a moment too late.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self.put, event)

    def put(self, event: Event | None) -> None:
        """Tell *event*; None only wakes whoever follows."""
        self.latest = event or self.latest
        for ear in self._ears:
            ear.hear(event)

    @contextmanager
    def followed(self) -> Iterator[Ear]:
        """What is told from now on."""
        ear = Ear()
        self._ears.add(ear)
        try:
            yield ear
        finally:
            self._ears.discard(ear)

    @property
    def before(self) -> int | None:
        """Where the run waits for a box: how many are before it."""
        return self.latest.before if isinstance(self.latest, Preparing) else None


class Ear:
    """One that follows, and what it has not yet taken in."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue(maxsize=100)

    def hear(self, event: Event | None) -> None:
        with suppress(asyncio.QueueFull):
            self._queue.put_nowait(event)

    @property
    def told(self) -> bool:
        """Whether everything has been taken in."""
        return self._queue.empty()

    async def next(self, *, seconds: float) -> Event | None:
        """The next event, or None after *seconds* of silence."""
        try:
            return await asyncio.wait_for(self._queue.get(), seconds)
        except TimeoutError:
            return None
