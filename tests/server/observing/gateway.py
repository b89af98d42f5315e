"""A Cequence AI Gateway of our own: its MCP endpoint with one tool, and the ways in which it can be out of order."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

from fastmcp import FastMCP
from fastmcp.server.auth.providers.jwt import StaticTokenVerifier
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.server.observing.conftest import at_loopback

TOKEN = "ceq-token-0123456789"
SAID = json.dumps({"events": [{"tool": "run_code", "status": "blocked", "user": "ann"}]})
Fault = Literal["slow", "garbage", "no json", "huge", "compressed", "redirecting", "broken"]


def gateway(
    *, said: str = SAID, asked: list[dict[str, Any]] | None = None, tool: str = "query_tool_activity"
) -> FastMCP:
    """One that answers *said* to whoever shows the token, and keeps in *asked* what it was asked."""
    server = FastMCP("gateway", auth=StaticTokenVerifier({TOKEN: {"client_id": "mendbox", "scopes": []}}))

    async def query(view: Literal["logs", "summary", "facets"] = "logs", hours: int = 24) -> str:
        if asked is not None:
            asked.append({"view": view, "hours": hours})
        if said == "an error":
            raise ValueError("it is out of order")
        return said

    server.tool(query, name=tool, description="What happened at the gateway.")
    return server


@asynccontextmanager
async def answering(server: FastMCP) -> AsyncIterator[str]:
    """The address of its endpoint."""
    app = server.http_app(path="/mcp")
    async with at_loopback(app) as address:
        yield f"{address}/mcp"


def faulty(fault: Fault, released: asyncio.Event) -> ASGIApp:
    """What an endpoint with *fault* does with any request; a slow one waits until it is *released*."""
    headers = [(b"content-type", b"application/json")]
    if fault == "compressed":
        headers.append((b"content-encoding", b"gzip"))
    if fault == "redirecting":
        headers.append((b"location", b"http://127.0.0.1:1/elsewhere"))
    status = {"redirecting": 307, "broken": 503}.get(fault, 200)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return
        if fault == "slow":
            await released.wait()
        await send({"type": "http.response.start", "status": status, "headers": headers})
        match fault:
            case "garbage":
                await send({"type": "http.response.body", "body": b'{"jsonrpc": "2.0", "id": 7, "result": [[[]]]}'})
            case "huge":
                for _ in range(20):
                    await send({"type": "http.response.body", "body": b" " * (1 << 20), "more_body": True})
                await send({"type": "http.response.body", "body": b""})
            case _:
                await send({"type": "http.response.body", "body": b"\x00\xff not what was asked for"})

    return app
