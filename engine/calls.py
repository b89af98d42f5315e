"""Work of a serving process that has no id by which it could be fetched later: its caller waits, and not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import anyio

from engine.clients import Clients
from engine.errors import NotNow
from engine.news import News

T = TypeVar("T")


class Calls:
    """The calls that go on, each counted as its client's among *clients*. One that is given up gets *patience* seconds to
    clear away.
    """

    def __init__(self, clients: Clients, *, patience: float) -> None:
        self._clients = clients
        self._patience = patience
        self._going: set[asyncio.Task[Any]] = set()

    async def do(self, client: str, work: Callable[[str, News], Coroutine[Any, Any, T]], *, seconds: float) -> T:
        """Do *work*, which is given the tenant that it counts as and whom to tell its events, within *seconds*.

        Raises:
            NotNow: There is no room for it, it took too long, or the server is ending.
        """
        tenant, news = self._clients.enter(client), News()
        call = asyncio.create_task(work(tenant, news))
        self._going.add(call)

        def ended(_: asyncio.Task[T]) -> None:
            self._going.discard(call)
            self._clients.leave(client)

        call.add_done_callback(ended)
        before = None
        try:
            # `wait` does not pass a cancel on: one is enough, further ones would break off the clearing away.
            await asyncio.wait({call}, timeout=seconds)
        finally:
            if not call.done():
                before = news.before
                call.cancel()
                with anyio.move_on_after(self._patience, shield=True):
                    await asyncio.wait({call})
        if call.done() and not call.cancelled():
            return call.result()
        if self._clients.ending:
            raise NotNow("the server is ending, and stopped this call")
        if before is not None:
            raise NotNow(
                f"no box was free for this within {seconds:g} s; runs that were still before it: {before}",
                hint="try again in a minute, or use start_run: what it begins keeps its place, and get_run tells which",
            )
        raise NotNow(
            f"this took longer than {seconds:g} s and was stopped",
            hint="the first use builds the sandbox image: run `mendbox images build` beforehand on the server's machine",
        )

    def give_up(self) -> None:
        """Stop all of them, without waiting for it."""
        for call in self._going:
            call.cancel()

    async def ended(self) -> None:
        """Wait until none of them goes on."""
        await asyncio.gather(*self._going, return_exceptions=True)
