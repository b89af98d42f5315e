"""An engine that can be taken away and brought back: a socket of its own in front of the real one's."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit


class Relay:
    """Passes everything on between *path* and the engine at *engine*, an address such as ``unix:///run/docker.sock``.

    While it is down its socket is not there; what was open is cut off, as by an engine that ends.
    """

    def __init__(self, path: Path, engine: str) -> None:
        self._path = path
        self._engine = urlsplit(engine).path
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def up(self) -> None:
        self._server = await asyncio.start_unix_server(self._serve, self._path)

    async def down(self) -> None:
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)
            self._server = None
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        to_engine: asyncio.StreamWriter | None = None
        try:
            from_engine, to_engine = await asyncio.open_unix_connection(self._engine)
            async with asyncio.TaskGroup() as both:
                both.create_task(_copy(reader, to_engine))
                both.create_task(_copy(from_engine, writer))
        except* OSError:
            pass
        finally:
            self._open.discard(task)
            for end in (writer, to_engine):
                if end is not None:
                    end.transport.abort()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(65_536):
        writer.write(piece)
        await writer.drain()
    with suppress(OSError):
        writer.write_eof()
