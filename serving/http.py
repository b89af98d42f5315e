"""Streamable HTTP, by an own uvicorn whose ending is ours."""

from __future__ import annotations

import contextlib
import socket
import sys
from collections.abc import Iterator
from typing import Any

import uvicorn
from fastmcp import FastMCP

from serving.face import Face
from serving.hurrying import Hurrying


class Http:
    """Streamable HTTP by uvicorn, whose own signal handling skips the lifespan of what it serves."""

    def __init__(self, listener: socket.socket, face: Face) -> None:
        self._listener = listener
        self._face = face
        self._server: uvicorn.Server | None = None

    async def serve(self, server: FastMCP[Any]) -> None:
        app = server.http_app(
            path="/mcp",
            json_response=False,
            stateless_http=False,
            middleware=list(self._face.asgi),
            host_origin_protection=True,
            # Said here, so that a FASTMCP_ variable or an .env file in the working folder cannot widen them.
            allowed_hosts=list(self._face.allowed_hosts),
            allowed_origins=list(self._face.allowed_origins),
        )
        config = uvicorn.Config(
            app,
            http=Hurrying,
            lifespan="on",
            ws="none",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
            proxy_headers=False,
        )
        self._server = _Uvicorn(config)
        await self._server.serve(sockets=[self._listener])

    def end(self) -> None:
        if self._server is not None:
            self._server.should_exit = True


class _Uvicorn(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Not its business: `keep_serving` has the signals."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or ():
            host, port = listener.getsockname()[:2]
            sys.stderr.write(f"Mendbox serves MCP at http://{f'[{host}]' if ':' in host else host}:{port}/mcp\n")
            sys.stderr.flush()
