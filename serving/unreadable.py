"""Lines on stdin that are no messages: each is answered with an error, as over HTTP, and the next one is read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
from fastmcp import FastMCP
from fastmcp.server.context import reset_transport, set_transport
from mcp.server.stdio import stdio_server
from mcp.shared._context_streams import create_context_streams
from mcp.shared.message import SessionMessage
from mcp_types import INVALID_REQUEST, PARSE_ERROR, ErrorData, JSONRPCError
from pydantic import ValidationError


async def run_over_stdio(server: FastMCP[Any]) -> None:
    """Serve on stdin and stdout as `FastMCP.run_stdio_async` does, but leave no line without an answer.

    The framework passes over what it cannot read, and a client that made a mistake would wait for ever.
    """
    token = set_transport("stdio")
    low = server._mcp_server  # noqa: SLF001 (what it offers takes no streams)
    try:
        async with server._lifespan_manager(), answering() as (read, write):  # noqa: SLF001
            await low.run(read, write, low.create_initialization_options())
    finally:
        reset_transport(token)


@asynccontextmanager
async def answering() -> AsyncIterator[Any]:
    """The SDK's two streams over stdin and stdout, of which the first holds messages only."""
    async with stdio_server() as (read, write), anyio.create_task_group() as tasks:
        messages_in, messages = create_context_streams[SessionMessage | Exception](0)

        async def pass_on() -> None:
            async with messages_in:
                async for item in read:
                    if not isinstance(item, Exception):
                        await messages_in.send(item)
                    elif not is_blank(item):
                        await write.send(SessionMessage(refusal(item)))

        tasks.start_soon(pass_on)
        yield messages, write
        tasks.cancel_scope.cancel()


def is_blank(error: Exception) -> bool:
    """Whether the line that raised *error* holds nothing."""
    wrong = error.errors(include_url=False) if isinstance(error, ValidationError) else []
    return any(isinstance(one["input"], str) and not one["input"].strip() for one in wrong if not one["loc"])


def refusal(error: Exception) -> JSONRPCError:
    """What is answered to a line that raised *error*; to the id that it has, where that can be told."""
    wrong = error.errors(include_url=False) if isinstance(error, ValidationError) else []
    unread = any(one["type"] == "json_invalid" for one in wrong)
    # A missing field is told with the whole message around it.
    ids = [one["input"].get("id") for one in wrong if isinstance(one["input"], dict)]
    known = next((said for said in ids if isinstance(said, str | int) and not isinstance(said, bool)), None)
    return JSONRPCError(
        jsonrpc="2.0",
        id=known,
        error=ErrorData(
            code=PARSE_ERROR if unread else INVALID_REQUEST,
            message="this line is no JSON" if unread else "this is no JSON-RPC 2.0 message",
        ),
    )
