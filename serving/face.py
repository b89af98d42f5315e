"""What the server takes from its neighbours: who signs in, who watches the calls, what else is published."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from fastmcp import FastMCP
from fastmcp.server.auth import AuthProvider
from fastmcp.server.middleware import Middleware
from starlette.middleware import Middleware as AsgiMiddleware


@dataclass(frozen=True)
class Face:
    """Everything about a server that is not its tools. The empty one serves this machine without any sign-in."""

    auth: AuthProvider | None = None
    """Who may call over HTTP; None lets in whoever reaches the address."""
    middleware: tuple[Middleware, ...] = ()
    """Around every MCP message, the first outermost; the one that makes refusals readable stays inside of them."""
    asgi: tuple[AsgiMiddleware, ...] = ()
    """Around every HTTP request, custom routes included."""
    parts: tuple[Callable[[FastMCP[Any]], None], ...] = ()
    """Each adds its tools or resources to the server, on every transport."""
    routes: tuple[Callable[[FastMCP[Any]], None], ...] = ()
    """Each adds its custom routes, which no sign-in guards."""
    opened: tuple[Callable[[], AbstractAsyncContextManager[Any]], ...] = ()
    """Opened before the first call is taken, closed after the last run has ended."""
    tasks_url: str = "memory://"
    """Where calls that go on in the background are queued: within this process, or a Redis that several share."""
    state_key: bytes | None = None
    """Seals what a client carries from one call to the next; None makes one that ends with the process."""
    allowed_hosts: tuple[str, ...] = ()
    """Host headers that are taken beside this machine's own names."""
    allowed_origins: tuple[str, ...] = ()
    """Web pages' origins that may call."""

    def __add__(self, other: Face) -> Face:
        """Both, this one's outermost; the other's sign-in where this has none."""
        return Face(
            auth=self.auth or other.auth,
            middleware=self.middleware + other.middleware,
            asgi=self.asgi + other.asgi,
            parts=self.parts + other.parts,
            routes=self.routes + other.routes,
            opened=self.opened + other.opened,
            tasks_url=other.tasks_url if self.tasks_url == "memory://" else self.tasks_url,
            state_key=self.state_key or other.state_key,
            allowed_hosts=self.allowed_hosts + other.allowed_hosts,
            allowed_origins=self.allowed_origins + other.allowed_origins,
        )
