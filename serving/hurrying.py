"""Connections that send nothing whole: each is closed in time, as nobody has to sign in to open one."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 20.0
"""What the head of a request may take to arrive. How long its body may is another's business: `BoundedBodies`."""


class Hurrying(H11Protocol):
    """uvicorn's, which waits for ever for the head of the first request, and for one that was begun."""

    head_seconds = HEAD_SECONDS
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is None or self.cycle.response_complete:
            self._wait()
        else:
            self._wait_no_longer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_longer()
        super().connection_lost(exc)

    def _wait(self) -> None:
        # Counted from its first byte: one byte at a time gains nothing.
        if self._late is None:
            self._late = self.loop.call_later(self.head_seconds, self._close)

    def _wait_no_longer(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _close(self) -> None:
        self.transport.close()
