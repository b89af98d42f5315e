"""A sandbox that tells when the first box was had of it: whoever needs the next one can begin then, and not before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from engine.summoning import Beginning
from sandboxes.base import Box, Limits


class TellingFirst:
    """*sandbox*, and *opened* is called once, when the first box has been handed over.

    Asked for earlier, a second box would be made beside the first one and keep that waiting; and where everything was
    judged in an earlier run, none is asked for.
    """

    def __init__(self, sandbox: Beginning, opened: Callable[[], None]) -> None:
        self._sandbox = sandbox
        self._opened = opened
        self._told = False

    @asynccontextmanager
    async def open(self, *, run_id: str, limits: Limits) -> AsyncIterator[Box]:
        """A box nobody has used; see `sandboxes.base.Sandbox.open`."""
        async with self._sandbox.open(run_id=run_id, limits=limits) as box:
            if not self._told:
                self._told = True
                self._opened()
            yield box

    def begin(self, limits: Limits) -> asyncio.Task[None]:
        return self._sandbox.begin(limits)
