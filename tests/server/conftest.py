"""The ways in which a client can meet the server: in memory, over HTTP, over stdio, in both eras of the protocol."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from fastmcp import Client
from fastmcp.client import extension_hooks
from fastmcp.client.transports import StdioTransport
from fastmcp_tasks.client import _build_tasks_client_extension

from engine.desk import Desk
from server import ALONE, Deadline, create_server, keep_serving, listen
from serving.face import Face
from tests.server.double import RehearsedMendbox, settings

ROOT = Path(__file__).parents[2]

Serving = Callable[[Desk], AbstractAsyncContextManager[str]]


@pytest.fixture(autouse=True)
def plain_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients that know nothing of tasks, as most: FastMCP's do as soon as anybody has imported the extension."""
    monkeypatch.setattr(extension_hooks, "_internal_client_extension_factories", [])


@pytest.fixture
def tasking(plain_clients: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients that have their calls run in the background, where the server would."""
    monkeypatch.setattr(extension_hooks, "_internal_client_extension_factories", [_build_tasks_client_extension])


@pytest.fixture(params=["auto", "legacy"])
def era(request: pytest.FixtureRequest) -> str:
    """`auto` meets the sessionless protocol of 2026, `legacy` the handshake before it."""
    return request.param


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """An open desk whose runs take no time."""
    desk = Desk(settings(), engine=RehearsedMendbox, answer_seconds=20)
    async with desk.open():
        yield desk


@pytest.fixture
async def client(desk: Desk, era: str) -> AsyncIterator[Client]:
    async with Client(create_server(desk), mode=era) as client:
        yield client


@asynccontextmanager
async def served(desk: Desk, face: Face = ALONE) -> AsyncIterator[str]:
    """*desk* behind a real HTTP server at a free port; ended by a real SIGTERM. Gives the address."""
    listener = listen("127.0.0.1:0")
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with Deadline(60) as deadline:
        serving = asyncio.create_task(keep_serving(desk, listener, deadline=deadline, face=face))
        try:
            yield address
        finally:
            if not serving.done():
                os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.wait_for(serving, 5)


@asynccontextmanager
async def through(transport: str, era: str, **lent: Any) -> AsyncIterator[Client]:
    """A client of a rehearsed server over *transport*; *lent* is what the client offers, such as a sampling handler."""
    if transport == "stdio":
        pipe = StdioTransport(sys.executable, ["-m", "tests.server.rehearsal"], cwd=str(ROOT), keep_alive=False)
        async with Client(pipe, mode=era, **lent) as client:
            yield client
    else:
        desk = Desk(settings(), engine=RehearsedMendbox, answer_seconds=20)
        async with served(desk) as address, Client(f"{address}/mcp", mode=era, **lent) as client:
            yield client


def engine_of(desk: Desk) -> RehearsedMendbox:
    engine = desk._engine
    assert isinstance(engine, RehearsedMendbox)
    return engine
