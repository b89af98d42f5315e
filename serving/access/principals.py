"""Who calls, as far as it can be told: a person, a program, a program for a person, or one of whom no token says it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Literal

from fastmcp import Context
from fastmcp.server.auth import AccessToken
from fastmcp.server.dependencies import get_access_token, get_http_headers

from engine.domain import Value
from engine.signin import ADMIN, SCOPES

Kind = Literal["local", "human", "machine", "delegated", "unknown"]
Claims = Mapping[str, Any]
"""What a token says: anything at all, as far as its issuer wrote it."""

_KIND, _NAME, _CLIENT = "mendbox_kind", "mendbox_principal", "mendbox_client"
"""Where the verifier leaves what it has found out, over whatever the token may have there."""


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


NOBODY = Principal(kind="unknown", name="nobody", client="nobody")
"""Somebody of whom nothing is known: no run is theirs, and they may do nothing."""


class Facts(Value):
    """What a good token says, without the token."""

    kind: Kind
    name: str
    subject: str
    client: str
    scopes: tuple[str, ...]
    issuer: str
    expires: int | None
    """Seconds since 1970; None for never."""


def granted(
    access: AccessToken, *, static: bool = False, human_claim: str = "amr", unknown_scopes: Sequence[str] = ()
) -> AccessToken:
    """*access* with what it shows of its holder, and no more scopes than their kind may have.

    A token with ``act`` (RFC 8693, section 4.1) is a program's on behalf of somebody; one whose subject is its client is
    a program's own; one with *human_claim* is a person's (``amr``: RFC 8176). Of any other nothing is assumed.
    Administration is for those of whom it is known who they are, and never delegated.
    """
    claims = access.claims
    client = next((said for name in ("client_id", "azp") if isinstance(said := claims.get(name), str) and said), "")
    subject = str(access.subject)
    kind: Kind
    whose: tuple[str, ...]
    if static:
        kind, whose = "unknown", (subject,)
    elif "act" in claims:
        kind, whose = "delegated", (subject, json.dumps(claims["act"], sort_keys=True))
    elif subject == client:
        kind, whose = "machine", (client,)
    elif claims.get(human_claim):
        kind, whose = "human", (subject,)
    else:
        kind, whose = "unknown", (subject, client)
    most = {"delegated": [scope for scope in SCOPES if scope != ADMIN], "unknown": unknown_scopes}.get(kind, SCOPES)
    # The issuer decides what a static token or a signed one may; that some kinds may less is decided here.
    scopes = [scope for scope in access.scopes if static or scope not in SCOPES or scope in most]
    name = f"{kind}-{sha256(json.dumps([claims.get('iss'), *whose]).encode()).hexdigest()[:32]}"
    return access.model_copy(
        update={
            # Two issuers may have a client of the same id: by this one, tasks and sessions are told apart.
            "client_id": name,
            "scopes": scopes,
            "claims": {**claims, _KIND: kind, _NAME: name, _CLIENT: client or subject},
        }
    )


def facts(access: AccessToken) -> Facts:
    """What *access* says, as `granted` has left it."""
    claims = access.claims
    return Facts(
        kind=claims[_KIND],
        name=claims[_NAME],
        subject=str(access.subject),
        client=claims[_CLIENT],
        scopes=tuple(access.scopes),
        issuer=str(claims.get("iss", "")),
        expires=access.expires_at,
    )


def principal(ctx: Context) -> Principal:
    """Whoever makes this call. Without a sign-in, all who can reach the address are one, and may do everything."""
    access = get_access_token()
    if access is None:
        return _local(ctx)
    name = access.claims.get(_NAME)
    # One that another verifier let in is nobody known.
    return (
        Principal(kind=access.claims[_KIND], name=name, client=name, scopes=frozenset(access.scopes))
        if isinstance(name, str)
        else NOBODY
    )


def _local(ctx: Context) -> Principal:
    """Connections are told apart only for taking turns: the session, or where the protocol has none, the peer's address
    and the name it gives itself. A client can open sessions and make up names at will, so that they decide no more than
    which of a few tenants its runs count as: see `engine.clients.Clients`.
    """
    asked = ctx.request_context
    if ctx.task_id is not None and get_http_headers(include_all=True):
        # In the background, where no more is known than that it came over HTTP; a sign-in that has run out meanwhile
        # leaves nobody.
        return NOBODY if ctx.fastmcp.auth is not None else _at_this_machine("http", "background")
    if asked is None or asked.request is None:
        return _at_this_machine("", "pipe")
    web = asked.request
    session = web.headers.get("mcp-session-id")
    if session is not None:
        return _at_this_machine("http", f"session {session[:200]}")
    said = asked.session.client_params
    name = f"{said.client_info.name} {said.client_info.version}" if said else ""
    return _at_this_machine("http", f"{web.client.host if web.client else ''} {name[:200]}")


def _at_this_machine(name: str, client: str) -> Principal:
    return Principal(kind="local", name=name, client=client, scopes=frozenset(SCOPES))
