"""Servers that are watched, in memory and over HTTP, with figures of their own."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastmcp import Client
from starlette.types import ASGIApp

from engine.desk import Desk
from engine.settings import Settings
from server import create_server, face_of
from serving.face import Face
from tests.server.double import RehearsedMendbox

Watched = Callable[..., AbstractAsyncContextManager[Client]]


def watched_desk(folder: Path, **said: Any) -> tuple[Desk, Face]:
    """A desk in *folder*, and the face of a server at it with whatever else is *said* in the settings."""
    settings = Settings(**{"data_dir": folder, "parallel_runs": 2, **said})
    desk = Desk(settings, engine=RehearsedMendbox, answer_seconds=20)
    return desk, face_of(settings, desk, over_http=False)


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    """Gives clients of a server that is watched; what it counts is kept until the test ends."""

    @asynccontextmanager
    async def opened(era: str = "auto", **said: Any) -> AsyncIterator[Client]:
        desk, face = watched_desk(tmp_path, **said)
        async with AsyncExitStack() as stack:
            for open_ in face.opened:
                await stack.enter_async_context(open_())
            await stack.enter_async_context(desk.open())
            yield await stack.enter_async_context(Client(create_server(desk, face=face), mode=era))

    return opened


@asynccontextmanager
async def at_loopback(app: ASGIApp) -> AsyncIterator[str]:
    """*app* at a free port of this machine; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, log_config=None, access_log=False, ws="none", timeout_graceful_shutdown=0)
        server = uvicorn.Server(config)
        server.capture_signals = nullcontext  # type: ignore[method-assign]  # signals are the test runner's
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await asyncio.wait_for(serving, 10)


async def analytics(client: Client) -> dict[str, Any]:
    return (await client.call_tool("get_cequence_analytics", {})).structured_content
