"""How long a run has been at work: while it waits for its turn at having a box, its time stands still."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class RunClock:
    """Begins when it is made. Where many wait for boxes, none of them loses its budget by waiting."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._waited = 0.0
        self._stopped: float | None = None
        self._deadline: asyncio.Timeout | None = None
        self._most = 0.0

    @property
    def seconds(self) -> float:
        """Seconds since it began, without those in which it stood still."""
        now = time.monotonic() if self._stopped is None else self._stopped
        return now - self._began - self._waited

    @asynccontextmanager
    async def at_most(self, seconds: float) -> AsyncIterator[None]:
        """Raises `TimeoutError`, and cancels what is inside, when *seconds* are over on this clock."""
        self._most = seconds
        async with asyncio.timeout(None) as deadline:
            self._deadline = deadline
            self._set()
            try:
                yield
            finally:
                self._deadline = None

    def stop(self) -> None:
        """Stand still from now on; nothing where it does already."""
        if self._stopped is None:
            self._stopped = time.monotonic()
            self._set()

    def go_on(self) -> None:
        """Go on from here; nothing where it does already."""
        if self._stopped is not None:
            self._waited += time.monotonic() - self._stopped
            self._stopped = None
            self._set()

    def _set(self) -> None:
        if self._deadline is not None and not self._deadline.expired():
            left = self._most - self.seconds
            at = asyncio.get_running_loop().time() + left if self._stopped is None else None
            self._deadline.reschedule(at)
