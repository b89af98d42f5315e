"""The id by which a request is found again in every log on its way: a gateway's, where it is one of ours, else a new one."""

from __future__ import annotations

import ipaddress
import re
import uuid
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network

from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID = "mendbox.request_id"
"""Where it stands in the scope of the request."""
_HEADER = b"x-request-id"
_ID = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")


class RequestIds:
    """Gives every HTTP request an id, and says it in the answer's ``x-request-id``.

    One that came with the request is kept only where its sender's address, as the connection has it, is in *trusted*:
    anybody else could write into the logs under another's id. ``X-Forwarded-For`` decides nothing.
    """

    def __init__(self, app: ASGIApp, *, trusted: Sequence[IPv4Network | IPv6Network] = ()) -> None:
        self._app = app
        self._trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(_HEADER, b"")
        kept = _ID.fullmatch(given) and self._trusts(scope)
        request_id = given.decode() if kept else uuid.uuid4().hex
        scope[REQUEST_ID] = request_id

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), (_HEADER, request_id.encode())]}
            await send(message)

        await self._app(scope, receive, told)

    def _trusts(self, scope: Scope) -> bool:
        try:
            address = ipaddress.ip_address((scope.get("client") or ("", 0))[0].partition("%")[0])
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None) or address
        return any(mapped in network for network in self._trusted)
