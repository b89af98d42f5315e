"""Bounds on what a model's server may send: a reply that never ends must not fill this machine's memory."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2

MOST_BYTES = 16 << 20
"""Of one reply; the longest a model can write is a small part of it."""
PLAIN = {"Accept-Encoding": "identity"}
"""Asked of every server, because a few compressed bytes can be gigabytes."""


async def bound(response: httpx2.Response) -> None:
    """A hook for httpx2, by which both clients speak: let the body of *response* be read up to `MOST_BYTES` only.

    Raises:
        httpx2.ReadError: The body is compressed, which nobody asked for.
    """
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise httpx2.ReadError("the reply is compressed, which was not asked for", request=response.request)
    stream = response.stream
    assert isinstance(stream, httpx2.AsyncByteStream)  # noqa: S101 (an asynchronous client has no other)
    response.stream = _Bounded(stream, response.request)


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream, request: httpx2.Request) -> None:
        self._stream = stream
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        got = 0
        async for piece in self._stream:
            got += len(piece)
            if got > MOST_BYTES:
                raise httpx2.ReadError(f"the reply is longer than {MOST_BYTES} bytes", request=self._request)
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()
