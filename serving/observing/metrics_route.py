"""``/metrics``, for those who may: FastMCP guards no route of one's own, so that this one guards itself."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any

from fastmcp import FastMCP
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from engine.signin import ADMIN
from serving.observing.prometheus import CONTENT_TYPE

_CHALLENGE = {"WWW-Authenticate": "Bearer"}


def metrics_route(told: Callable[[], bytes], token: SecretStr | None) -> Callable[[FastMCP[Any]], None]:
    """Adds the route. Where the server has a sign-in, it takes the scope ``mendbox:admin``; *token* opens it anyway, and
    where there is no sign-in, and so only this machine, it is open unless there is a *token*.
    """

    def add(server: FastMCP[Any]) -> None:
        async def metrics(request: Request) -> Response:
            refusal = _refusal(request, token, guarded=server.auth is not None)
            return refusal or Response(told(), media_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})

        server.custom_route("/metrics", methods=["GET"])(metrics)

    return add


def _refusal(request: Request, token: SecretStr | None, *, guarded: bool) -> Response | None:
    if token is not None and _shows(request, token):
        return None
    if not guarded and token is None:
        return None
    user = request.scope.get("user")
    if guarded and isinstance(user, AuthenticatedUser):
        if ADMIN in user.scopes:
            return None
        return PlainTextResponse(f"this takes the scope {ADMIN}\n", status_code=403)
    return PlainTextResponse("this takes a bearer token\n", status_code=401, headers=_CHALLENGE)


def _shows(request: Request, token: SecretStr) -> bool:
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    wanted = token.get_secret_value().encode()
    return scheme.lower() == "bearer" and hmac.compare_digest(shown.strip().encode(), wanted)
