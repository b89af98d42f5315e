"""Whoever opens a connection and sends nothing whole does not keep it: nobody has to sign in to open one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest

from engine.desk import Desk
from server import ALONE, create_server
from serving.http import Http
from serving.hurrying import Hurrying
from serving.listening import listen

HEALTH = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


class Connection(NamedTuple):
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Hurrying, "head_seconds", 0.2)


@pytest.fixture
async def connection(desk: Desk) -> AsyncIterator[Connection]:
    """One to a server with the usual patience."""
    listener = listen("127.0.0.1:0")
    http = Http(listener, ALONE)
    running = asyncio.create_task(http.serve(create_server(desk)))
    connection = Connection(*await asyncio.open_connection(*listener.getsockname()))
    yield connection
    connection.writer.close()
    http.end()
    await running


@pytest.mark.parametrize("begun", [b"", b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "])
async def test_a_head_that_does_not_come_ends_the_connection(
    impatient: None, connection: Connection, begun: bytes
) -> None:
    """The end of the file comes; without the bound the test would wait for ever."""
    connection.writer.write(begun)

    assert await asyncio.wait_for(connection.reader.read(), 30) == b""


async def test_the_head_of_a_second_request_is_not_waited_for_either(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an answer the server waits for some seconds only, but one that was begun it would wait for longer."""
    connection.writer.write(HEALTH)
    answer = await connection.reader.readuntil(b'{"status":"ok"}')
    monkeypatch.setattr(Hurrying, "head_seconds", 0.2)
    connection.writer.write(HEALTH[:20])

    assert answer.startswith(b"HTTP/1.1 200")
    assert await asyncio.wait_for(connection.reader.read(), 30) == b""


async def test_whoever_sends_a_whole_head_is_answered(connection: Connection) -> None:
    """Two requests on one connection, the second in two parts."""
    for parts in ([HEALTH], [HEALTH[:10], HEALTH[10:]]):
        for part in parts:
            connection.writer.write(part)
            await connection.writer.drain()
        assert (await connection.reader.readuntil(b'{"status":"ok"}')).startswith(b"HTTP/1.1 200")
