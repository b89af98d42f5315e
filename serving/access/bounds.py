"""How large and how deep a message may be: looked at before anything is made of it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any

import mcp_types
from fastmcp.exceptions import ToolError
from fastmcp.server.middleware import CallNext, Middleware, MiddlewareContext
from fastmcp.tools import ToolResult
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_DEPTH = 64
"""Levels of lists and objects in a message; arguments begin at the fourth."""
MOST_ITEMS = 20_000
"""Elements of all its lists and objects."""
MOST_CHARACTERS = 4 * 1_048_576
"""In all the texts among the arguments of one call."""
BODY_SECONDS = 30.0
"""What a message may take to arrive."""
PATIENCE = 16
"""How many times too large a message may be and its sender still be told so, instead of being cut off."""

# Each repetition gives nothing back and an end that is missing ends the text, so that it takes time linear in it.
_TEXT = re.compile(rb'"(?:[^"\\]++|\\.?)*+(?:"|\Z)', re.DOTALL)
_OTHER = re.compile(rb"[^\[\]{},:]+")


def too_complex(message: bytes) -> str | None:
    """What is too much about *message* as JSON, or None; well-formed it need not be."""
    marks = _OTHER.sub(b"", _TEXT.sub(b"", message))
    # Four marks for an element at most: its comma, its colon, and where it is a list or an object, both brackets.
    if len(marks) > 4 * MOST_ITEMS:
        return f"it has more than {MOST_ITEMS:,} elements"
    depth = 0
    for mark in marks:
        if mark in b"[{":
            depth += 1
            if depth > MOST_DEPTH:
                return f"it is nested deeper than {MOST_DEPTH} levels"
        elif mark in b"]}":
            depth -= 1
    return None


class BoundedBodies:
    """Takes messages of at most *most_bytes*, no deeper and no longer than above, that arrive in time.

    Where there is a sign-in, nothing is read of those who have not signed in: they are told so at once.
    """

    def __init__(self, app: ASGIApp, *, most_bytes: int, guarded: bool, seconds: float = BODY_SECONDS) -> None:
        self._app = app
        self._most = most_bytes
        self._guarded = guarded
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        unknown = self._guarded and not isinstance(scope.get("user"), AuthenticatedUser)
        if scope["type"] != "http" or scope["method"] != "POST" or unknown:
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._seconds):
                whole = await self._whole(receive)
        except TimeoutError:
            await self._refuse(send, 408, f"the message did not arrive within {self._seconds:g} seconds")
            return
        except ClientDisconnect:
            return
        if whole is None:
            await self._refuse(send, 413, f"the message is larger than {self._most:,} bytes")
            return
        wrong = too_complex(whole)
        if wrong:
            await self._refuse(send, 400, f"the message is not taken: {wrong}")
            return
        await self._app(scope, _again(whole, receive), send)

    async def _whole(self, receive: Receive) -> bytes | None:
        """The message, or None where it is too large: then what is left of it is let pass, within reason, because a
        client that is still sending does not read the answer.
        """
        body, more, seen = bytearray(), True, 0
        while more and seen <= PATIENCE * self._most:
            part = await receive()
            if part["type"] != "http.request":
                raise ClientDisconnect
            more = part.get("more_body", False)
            seen += len(part.get("body", b""))
            if seen <= self._most:
                body += part.get("body", b"")
        return bytes(body) if seen <= self._most else None

    async def _refuse(self, send: Send, status: int, why: str) -> None:
        error = {"code": mcp_types.INVALID_REQUEST, "message": why}
        answer = json.dumps({"jsonrpc": "2.0", "id": None, "error": error}).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(answer)).encode()),
            # What was not read of the message must not be taken for the next one.
            (b"connection", b"close"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer})


def _again(body: bytes, receive: Receive) -> Receive:
    """*body* once, and then whatever else comes."""
    parts: Iterator[Message] = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive_again() -> Message:
        part = next(parts, None)
        return await receive() if part is None else part

    return receive_again


class BoundedArguments(Middleware):
    """The same bounds for the arguments of a call, whichever way it came."""

    async def on_call_tool(
        self,
        context: MiddlewareContext[mcp_types.CallToolRequestParams],
        call_next: CallNext[mcp_types.CallToolRequestParams, ToolResult],
    ) -> ToolResult:
        wrong = beyond_bounds(context.message.arguments)
        if wrong:
            raise ToolError(f"The arguments are not taken: {wrong}.")
        return await call_next(context)


def beyond_bounds(arguments: Any) -> str | None:  # noqa: ANN401 (whatever JSON can be)
    """What is too much about *arguments*, or None."""
    items = characters = 0
    left = [(arguments, 1)]
    while left:
        value, depth = left.pop()
        if isinstance(value, str):
            characters += len(value)
            if characters > MOST_CHARACTERS:
                return f"their texts have more than {MOST_CHARACTERS:,} characters"
            if is_broken(value):
                return "a text holds half a character (a lone surrogate), which no file can hold"
        elif isinstance(value, dict | list):
            if depth > MOST_DEPTH:
                return f"they are nested deeper than {MOST_DEPTH} levels"
            items += len(value)
            if items > MOST_ITEMS:
                return f"they have more than {MOST_ITEMS:,} elements"
            inner = [*value, *value.values()] if isinstance(value, dict) else value
            left += [(one, depth + 1) for one in inner]
    return None


def is_broken(text: str) -> bool:
    """Whether *text* holds half a character, as JSON can write it and UTF-8 cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
