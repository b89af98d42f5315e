"""Requests as no client makes them."""

from __future__ import annotations

import json
from typing import Any

import httpx2

MODERN, LEGACY = "2026-07-28", "2025-11-25"


def headers_of(method: str, *, era: str = "auto", name: str = "", token: str | None = None) -> dict[str, str]:
    headers = {
        "Accept": "application/json, text/event-stream",
        "Content-Type": "application/json",
        "MCP-Protocol-Version": MODERN if era == "auto" else LEGACY,
    }
    if era == "auto":
        headers["MCP-Method"] = method
        headers |= {"MCP-Name": name} if name else {}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    return headers


def message_of(method: str, params: dict[str, Any]) -> dict[str, Any]:
    meta = {
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "0"},
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    return {"jsonrpc": "2.0", "id": 7, "method": method, "params": {**params, "_meta": meta}}


async def in_session(url: str, token: str, session: str | None) -> tuple[str, int]:
    """A session of the protocol before 2026: begun where *session* is None, else asked for its tools."""
    headers = headers_of("", era="legacy", token=token)
    client = {"name": "test", "version": "0"}
    begin = {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": client}
    asked: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": begin}
    if session is not None:
        headers["MCP-Session-Id"] = session
        asked = {"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}}
    async with httpx2.AsyncClient() as web:
        answer = await web.post(url, headers=headers, json=asked)
        begun = session or answer.headers.get("mcp-session-id", "")
        if session is None:
            told = {"jsonrpc": "2.0", "method": "notifications/initialized"}
            await web.post(url, headers={**headers, "MCP-Session-Id": begun}, content=json.dumps(told))
    return begun, answer.status_code
