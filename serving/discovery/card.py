"""Cards: what this server is and where it is reached, for directories and for clients that only know the host.

There are two readers. The protocol's extension of server cards (SEP-2127, final) names identity and address only, at the
endpoint's own ``/server-card``, and forbids more. Directories such as Smithery read
``/.well-known/mcp/server-card.json``, with the tools in it, where a sign-in keeps them from listing these themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from fastmcp import FastMCP
from mcp_types.version import SUPPORTED_PROTOCOL_VERSIONS
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse

from engine.settings import Settings
from engine.version import version

NAME = "io.github.mendbox/mendbox"
"""As in server.json, which is what the registry knows the server by."""
TITLE = "Mendbox"
DESCRIPTION = "Mends failing code in disposable containers, and calls a fix verified only with proof."
SCHEMA = "https://static.modelcontextprotocol.io/schemas/v2/server-card.schema.json"
PATH = "/mcp"
# Whoever looks from a web page may: there is nothing in a card that a sign-in would keep from anybody.
_HEADERS = {"access-control-allow-origin": "*", "cache-control": "public, max-age=300"}


class Cards:
    """Adds both cards to a server, with what *settings* say of its address and sign-in."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def add(self, server: FastMCP[Any]) -> None:
        async def whole(request: Request) -> JSONResponse:
            return JSONResponse(await self._whole(server, request), headers=_HEADERS)

        async def identity(request: Request) -> JSONResponse:
            return JSONResponse(self._identity(request), headers=_HEADERS)

        server.custom_route("/.well-known/mcp/server-card.json", methods=["GET"])(whole)
        server.custom_route(f"{PATH}/server-card", methods=["GET"])(identity)

    def _identity(self, request: Request) -> dict[str, object]:
        remote: dict[str, object] = {
            "type": "streamable-http",
            "url": self._address(request),
            "supportedProtocolVersions": list(SUPPORTED_PROTOCOL_VERSIONS),
        }
        if self._settings.bearers:
            remote["headers"] = [
                {
                    "name": "Authorization",
                    "description": "Bearer and a token from whoever runs this server",
                    "isRequired": not self._signs_in,
                    "isSecret": True,
                }
            ]
        return {
            "$schema": SCHEMA,
            "name": NAME,
            "title": TITLE,
            "description": DESCRIPTION,
            "version": version(),
            "remotes": [remote],
        }

    async def _whole(self, server: FastMCP[Any], request: Request) -> dict[str, object]:
        """With everything that is listed to whoever connects; nobody is connected here, so no middleware is asked."""
        tools = await server.list_tools(run_middleware=False)
        resources = await server.list_resources(run_middleware=False)
        prompts = await server.list_prompts(run_middleware=False)
        schemes = [*(["oauth2"] if self._signs_in else []), *(["bearer"] if self._settings.bearers else [])]
        return {
            "serverInfo": {"name": TITLE, "version": version()},
            "description": DESCRIPTION,
            "transport": {"type": "streamable-http", "endpoint": PATH, "url": self._address(request)},
            "protocolVersions": list(SUPPORTED_PROTOCOL_VERSIONS),
            "authentication": {"required": self._settings.guarded, "schemes": schemes},
            "tools": _plain([tool.to_mcp_tool() for tool in tools]),
            "resources": _plain([resource.to_mcp_resource() for resource in resources]),
            "prompts": _plain([prompt.to_mcp_prompt() for prompt in prompts]),
        }

    @property
    def _signs_in(self) -> bool:
        return self._settings.descope or self._settings.oidc_issuer is not None

    def _address(self, request: Request) -> str:
        """By its public name where there is one; else by what it was called, which the server's guard has allowed."""
        if self._settings.public_url is not None:
            return f"{self._settings.public_url}{PATH}"
        called = urlsplit(str(request.base_url))
        return f"{called.scheme}://{called.netloc}{PATH}"


def _plain(parts: Sequence[BaseModel]) -> list[dict[str, object]]:
    return [part.model_dump(mode="json", by_alias=True, exclude_none=True) for part in parts]
