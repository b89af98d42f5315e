"""A rehearsed server as a child process, spoken to by hand: over stdio or HTTP, in either era, in any bytes at all."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import httpx2

from tests.server.access.by_hand import LEGACY, MODERN, headers_of
from tests.server.conftest import ROOT

CANARY = "canary-0123456789-never-to-be-seen"
"""In every secret of the settings."""
META = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "0"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
BEGIN = {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": {"name": "test", "version": "0"}}
PATIENCE = 30.0


class Wire(Protocol):
    era: str
    raw: list[str]
    """Everything that came back."""

    async def send(self, body: bytes, *, method: str = "", name: str = "") -> list[dict[str, Any]]:
        """The answers to *body*, which must come before those to a good message after it."""


async def ask(wire: Wire, method: str, params: dict[str, Any]) -> dict[str, Any]:
    """The one answer to a request."""
    message: dict[str, Any] = {"jsonrpc": "2.0", "id": next(NUMBERS), "method": method, "params": params}
    if wire.era == "auto":
        message["params"] = {**params, "_meta": META}
    name = str(params.get("name", params.get("uri", "")))
    # Escaped, so that half a character is written as one too.
    answers = await wire.send(json.dumps(message).encode(), method=method, name=name)
    (answer,) = [one for one in answers if one.get("id") in {message["id"], None} and "method" not in one]
    return answer


NUMBERS = itertools.count(1)


class OverHttp:
    def __init__(self, era: str, url: str, web: httpx2.AsyncClient) -> None:
        self.era = era
        self.raw: list[str] = []
        self._url = url
        self._web = web
        self._session: dict[str, str] = {}

    async def begin(self) -> None:
        message = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": BEGIN}
        answer = await self._web.post(self._url, headers=headers_of("", era="legacy", token=CANARY), json=message)
        self._session = {"MCP-Session-Id": answer.headers["mcp-session-id"]}
        await self.send(json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"}).encode())

    async def send(self, body: bytes, *, method: str = "", name: str = "") -> list[dict[str, Any]]:
        headers = {**headers_of(method, era=self.era, token=CANARY), **self._session}
        if self.era == "auto" and name:
            headers["MCP-Name"] = encoded(name)
        answer = await self._web.post(self._url, headers=headers, content=body, timeout=PATIENCE)
        self.raw.append(answer.text)
        if answer.headers.get("content-type", "").startswith("text/event-stream"):
            return [
                json.loads(line[5:])
                for line in answer.text.split("\n")
                if line.startswith("data:") and line[5:].strip()
            ]
        return [answer.json()] if answer.text.startswith("{") else []


def encoded(name: str) -> str:
    """*name* as a header carries it: in Base64 where it is more than visible characters."""
    if name.isascii() and name.isprintable() and name == name.strip():
        return name
    return f"=?base64?{base64.b64encode(name.encode('utf-8', 'backslashreplace')).decode()}?="


class OverStdio:
    def __init__(self, era: str, process: asyncio.subprocess.Process) -> None:
        self.era = era
        self.raw: list[str] = []
        self._process = process
        self._one = asyncio.Lock()

    async def begin(self) -> None:
        message = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": BEGIN}
        await self._write(json.dumps(message).encode())
        await self._read()
        await self._write(json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"}).encode())

    async def send(self, body: bytes, *, method: str = "", name: str = "") -> list[dict[str, Any]]:
        async with self._one:
            mark = f"mark-{next(NUMBERS)}"
            after: dict[str, Any] = {"jsonrpc": "2.0", "id": mark, "method": "tools/list"}
            after["params"] = {"_meta": META} if self.era == "auto" else {}
            await self._write(body)
            answers: list[dict[str, Any]] = []
            # A request is waited for before the mark follows, as calls may overtake each other.
            if b'"id":' in body and b'"method":' in body:
                answers.append(await self._answer())
            await self._write(json.dumps(after).encode())
            while (answer := await self._answer()).get("id") != mark:
                answers.append(answer)
            return answers

    async def _answer(self) -> dict[str, Any]:
        while "method" in (answer := await self._read()):
            pass
        return answer

    async def _write(self, line: bytes) -> None:
        assert self._process.stdin
        self._process.stdin.write(line + b"\n")
        await self._process.stdin.drain()

    async def _read(self) -> dict[str, Any]:
        assert self._process.stdout
        line = await asyncio.wait_for(self._process.stdout.readline(), PATIENCE)
        self.raw.append(line.decode())
        read: dict[str, Any] = json.loads(line)
        return read


@asynccontextmanager
async def wired(transport: str, era: str, folder: Path) -> AsyncIterator[Wire]:
    """A wire to a server that logs all it can to ``folder/stderr``, with `CANARY` for each of its secrets."""
    secrets = (
        "OPENAI_API_KEY",
        "ANTHROPIC_API_KEY",
        "MENDBOX_BEARER_TOKEN",
        "CEQUENCE_MCP_TOKEN",
        "MENDBOX_METRICS_TOKEN",
    )
    env = {
        **os.environ,
        **dict.fromkeys(secrets, CANARY),
        "MENDBOX_LOG_LEVEL": "debug",
        "MENDBOX_DATA_DIR": str(folder / "data"),
        "MENDBOX_CALLS_PER_MINUTE": "0",
        "MENDBOX_CALLS_AT_ONCE": "0",
    }
    program = [sys.executable, "-m", "tests.server.rehearsal", *(["127.0.0.1:0"] if transport == "http" else [])]
    with (folder / "stderr").open("wb") as stderr:
        process = await asyncio.create_subprocess_exec(
            *program, cwd=ROOT, env=env, stdin=-1, stdout=-1, stderr=stderr, limit=2**26
        )
        try:
            if transport == "http":
                async with httpx2.AsyncClient() as web:
                    over_http = OverHttp(era, await address_in(folder / "stderr"), web)
                    if era == "legacy":
                        await over_http.begin()
                    yield over_http
            else:
                over_stdio = OverStdio(era, process)
                if era == "legacy":
                    await over_stdio.begin()
                yield over_stdio
        finally:
            process.terminate()
            await asyncio.wait_for(process.communicate(), 10)


async def address_in(stderr: Path) -> str:
    for _ in range(6_000):
        found = re.search(rb"http://127\.0\.0\.1:\d+/mcp", stderr.read_bytes())  # noqa: ASYNC240 (a few bytes)
        if found:
            return found[0].decode()
        await asyncio.sleep(0.01)
    raise AssertionError(f"the server did not come up: see {stderr}")
