"""What the customer's Cequence AI Gateway says of the calls that came through it, asked as any other MCP client would."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx2
from fastmcp import Client
from fastmcp.client.transports import StreamableHttpTransport
from mcp.types import TextContent
from pydantic import SecretStr

from agents.prompts import fence
from agents.providers.bounded import PLAIN, bound
from engine.redaction import Redactor
from engine.signin import is_this_machine
from serving.observing.figures import GatewayFigures
from serving.telling import line

TOOL = "query_tool_activity"
SECONDS = 8.0
"""For everything: connecting, listing, asking."""
KEPT_SECONDS = 10.0
"""Within this the same answer is given again, so that nobody can have the gateway asked without end."""
MOST_CHARACTERS = 20_000


class Cequence:
    """The gateway at *url*. Nothing is asked before somebody wants to know, and no error of it gets any further."""

    def __init__(self, url: str | None, token: SecretStr | None, *, seconds: float = SECONDS) -> None:
        self._url = url
        self._token = token
        self._seconds = seconds
        self._lock = asyncio.Lock()
        self._last: tuple[float, GatewayFigures] | None = None

    async def ask(self) -> GatewayFigures:
        """What it says now, or said a moment ago, or why it says nothing."""
        if self._url is None or self._token is None:
            return self.withheld("")
        async with self._lock:
            if self._last is None or time.monotonic() - self._last[0] > KEPT_SECONDS:
                self._last = (time.monotonic(), await self._asked(self._url, self._token.get_secret_value()))
            return self._last[1]

    def withheld(self, why: str) -> GatewayFigures:
        """What is said where it is not asked."""
        if self._url is None or self._token is None:
            missing = "CEQUENCE_MCP_URL" if self._url is None else "CEQUENCE_MCP_TOKEN"
            return _nothing(configured=False, reason=f"{missing} is not set")
        return _nothing(reason=why).model_copy(update={"reachable": None})

    async def _asked(self, url: str, token: str) -> GatewayFigures:
        if not _hides(url):
            return _nothing(reason="CEQUENCE_MCP_URL is no https address: the token would travel in the open")
        begun, at = time.monotonic(), datetime.now(UTC).isoformat(timespec="seconds")
        status = _Status()
        try:
            async with asyncio.timeout(self._seconds):
                told = await _query(url, token, status)
        except TimeoutError as error:
            told = _nothing(reason=f"it did not answer within {self._seconds:g} s", error=error)
        except Exception as error:  # noqa: BLE001 - whatever its client makes of what a stranger sends: it is told, and ends here
            cause = _cause(error)
            told = _nothing(reason=_why(cause, status.refused), error=cause)
        return told.model_copy(update={"asked": at, "seconds": round(time.monotonic() - begun, 3)})


def _hides(url: str) -> bool:
    """Whether nobody on the way reads what is sent to *url*."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(host)))


class _Status:
    """The last HTTP status that was no answer, which the MCP client keeps to itself."""

    refused: int | None = None

    async def see(self, response: httpx2.Response) -> None:
        if response.status_code >= 300:
            self.refused = response.status_code

    def client(
        self,
        headers: dict[str, str] | None = None,
        timeout: httpx2.Timeout | None = None,
        auth: httpx2.Auth | None = None,
        **_more: Any,  # noqa: ANN401 (what the transport of another version may want)
    ) -> httpx2.AsyncClient:
        """One that reads no more than it has to, and goes nowhere else: the token is for this address alone."""
        return httpx2.AsyncClient(
            headers={**(headers or {}), **PLAIN},
            timeout=timeout or SECONDS,
            auth=auth,
            follow_redirects=False,
            event_hooks={"response": [self.see, bound]},
        )


def _why(error: BaseException, refused: int | None) -> str:
    """In our own words: what the gateway says stands in its fence, and nowhere else."""
    if refused in {401, 403}:
        return f"it does not take CEQUENCE_MCP_TOKEN (HTTP {refused})"
    if refused is not None:
        return f"it answered with HTTP {refused}"
    if isinstance(error, httpx2.ConnectError):
        return "it could not be connected to"
    if isinstance(error, httpx2.ReadError):
        return "its answer broke off, was compressed, or longer than anybody reads"
    return "it answered nothing that an MCP client can read"


async def _query(url: str, token: str, status: _Status) -> GatewayFigures:
    transport = StreamableHttpTransport(url, auth=token, httpx_client_factory=status.client)
    async with Client(transport) as client:
        tool = next((tool for tool in await client.list_tools() if tool.name == TOOL), None)
        if tool is None:
            return _nothing(reachable=True, reason=f"it has no tool {TOOL} for this token")
        arguments, missing = _arguments(tool.input_schema)
        if missing:
            wanted = line(", ".join(missing), 200)
            return _nothing(reachable=True, reason=f"its {TOOL} wants arguments that are not known here: {wanted}")
        result = await client.call_tool(TOOL, arguments, raise_on_error=False)
        said = "\n".join(block.text for block in result.content if isinstance(block, TextContent))
        said = Redactor([token])(said[: 4 * MOST_CHARACTERS])
        answer = _nothing(reachable=True, reason="it answered with an error" if result.is_error else "")
        return answer.model_copy(
            update={
                "ok": not result.is_error,
                "error": "ToolError" if result.is_error else None,
                "content": fence("what the gateway says", said[:MOST_CHARACTERS]),
                "truncated": len(said) > MOST_CHARACTERS,
            }
        )


def _arguments(schema: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    """What to ask with, and which required arguments nobody here knows: the tool's schema is not public, and of the kinds
    of answers that are (logs, summary, facets, trends) a summary is wanted.
    """
    properties = schema.get("properties")
    known = properties if isinstance(properties, dict) else {}
    required = [str(name) for name in schema.get("required") or ()]
    arguments = dict[str, str]()
    for name in known:
        choices = known[name].get("enum") if isinstance(known[name], dict) else None
        if isinstance(choices, list) and "summary" in choices:
            arguments[str(name)] = "summary"
    return arguments, [name for name in required if name not in arguments]


def _cause(error: BaseException) -> BaseException:
    """What really happened: the client's tasks wrap it in groups, and its errors in others."""
    while True:
        inner = error.exceptions[0] if isinstance(error, BaseExceptionGroup) else error.__cause__
        if inner is None or not isinstance(error, (BaseExceptionGroup, RuntimeError)):
            return error
        error = inner


def _nothing(
    *, reason: str, configured: bool = True, reachable: bool = False, error: BaseException | None = None
) -> GatewayFigures:
    return GatewayFigures(
        configured=configured,
        reachable=reachable,
        ok=False,
        reason=reason,
        error=type(error).__name__ if error else None,
        content="",
        truncated=False,
        asked=None,
        seconds=None,
    )
