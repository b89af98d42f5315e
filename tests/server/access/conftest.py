"""A server that asks who calls, over real HTTP, with an issuer of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import pytest_asyncio
from fastmcp import Client

from engine.desk import Desk
from engine.settings import Settings
from server import create_server, face_of
from serving.http import Http
from serving.listening import listen
from tests.server.access.issuer import PROJECT, Issuer, issuing
from tests.server.double import RehearsedMendbox


class Served(NamedTuple):
    address: str
    desk: Desk

    @property
    def url(self) -> str:
        return f"{self.address}/mcp"

    def client(self, token: str | None = None, *, era: str = "auto") -> Client:
        return Client(self.url, auth=token, mode=era)


@asynccontextmanager
async def serving(folder: Path, *, host: str = "127.0.0.1", **said: Any) -> AsyncIterator[Served]:
    """A rehearsed server with these settings, behind what guards it."""
    listener = listen(f"{host}:0", guarded=True)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings = Settings(**{"data_dir": folder, "parallel_runs": 2, "public_url": address, **said})
    desk = Desk(settings, engine=RehearsedMendbox, answer_seconds=20)
    face = face_of(settings, desk, over_http=True)
    async with AsyncExitStack() as opened:
        for open_ in face.opened:
            await opened.enter_async_context(open_())
        await opened.enter_async_context(desk.open())
        http = Http(listener, face)
        running = asyncio.create_task(http.serve(create_server(desk, face=face)))
        try:
            yield Served(address, desk)
        finally:
            await desk.stop()
            http.end()
            await running


def by_descope(issuer: Issuer) -> dict[str, Any]:
    return {"descope_project_id": PROJECT, "descope_base_url": issuer.address}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def issuer() -> AsyncIterator[Issuer]:
    async with issuing() as issuer:
        yield issuer


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def served(issuer: Issuer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """One server for all tests of a module: it asks Descope's tokens, and has a token for a small team."""
    folder = tmp_path_factory.mktemp("served")
    team = (
        '{"bea": {"token": "token-of-bea-0123456789", "scopes": ["mendbox:read"]}, "carl": "token-of-carl-0123456789"}'
    )
    async with serving(folder, bearer_tokens=team, **by_descope(issuer)) as served:
        yield served
