"""A client of the SDK of before 2026, run by an interpreter that has nothing else: lists, calls, hears of progress.

Usage: client.py stdio COMMAND ARGUMENT... | client.py http URL. Writes one JSON object to stdout.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import asynccontextmanager

from mcp import ClientSession, StdioServerParameters, types
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamablehttp_client

CODE = "def add(a, b):\n    return a - b\n"


@asynccontextmanager
async def streams(kind: str, words: list[str]):
    if kind == "stdio":
        server = StdioServerParameters(command=words[0], args=words[1:], env=dict(os.environ))
        async with stdio_client(server) as (reading, writing):
            yield reading, writing
    else:
        async with streamablehttp_client(words[0]) as (reading, writing, _):
            yield reading, writing


async def main(kind: str, words: list[str]) -> None:
    told: list[str | None] = []

    async def progress(done: float, total: float | None, message: str | None) -> None:
        told.append(message)

    async with streams(kind, words) as (reading, writing), ClientSession(reading, writing) as session:
        started = await session.initialize()
        tools = (await session.list_tools()).tools
        mended = await session.call_tool(
            "auto_fix_code", {"code": CODE, "error_message": "it subtracts"}, progress_callback=progress
        )
        refused = await session.call_tool("get_run", {"run_id": "no-such-run"})
    text = refused.content[0]
    print(
        json.dumps(
            {
                "revision": started.protocolVersion,
                "latest": types.LATEST_PROTOCOL_VERSION,
                "tools": {tool.name: bool(tool.outputSchema) for tool in tools},
                "mended": mended.structuredContent,
                "progress": told,
                "refused": refused.isError,
                "why": text.text if isinstance(text, types.TextContent) else "",
            }
        )
    )


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2:]))
