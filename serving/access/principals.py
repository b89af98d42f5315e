"""Who calls, as far as it can be told."""

from __future__ import annotations

from typing import Literal

from fastmcp import Context

from engine.domain import Value

Kind = Literal["local", "human", "machine", "delegated", "unknown"]


class Principal(Value):
    """Whoever makes a call."""

    kind: Kind
    """`local` where there is no sign-in: whoever holds the pipe, or reaches this machine's own address."""
    name: str
    """Whose the runs are that it starts, the same whenever it comes back; empty for whoever holds the pipe, as for the
    command line."""
    client: str
    """In whose name its runs take turns at having boxes."""
    scopes: frozenset[str] = frozenset()


def principal(ctx: Context) -> Principal:
    """Whoever makes this call. Without a sign-in, all who can reach the address are one.

    Their connections are told apart only for taking turns: the session, or where the protocol has none, the peer's
    address and the name it gives itself. A client can open sessions and make up names at will, so that they decide no
    more than which of a few tenants its runs count as: see `engine.clients.Clients`.
    """
    asked = ctx.request_context
    if asked is None or asked.request is None:
        return Principal(kind="local", name="", client="pipe")
    web = asked.request
    session = web.headers.get("mcp-session-id")
    if session is not None:
        return Principal(kind="local", name="http", client=f"session {session[:200]}")
    said = asked.session.client_params
    name = f"{said.client_info.name} {said.client_info.version}" if said else ""
    return Principal(kind="local", name="http", client=f"{web.client.host if web.client else ''} {name[:200]}")
