"""What a connection can be set to by whoever set it up, at Smithery for one: read from its query, never a secret.

Smithery's form of it: a JSON Schema of at most 20 fields and 1 KB, each value a query parameter, or a header where the
schema says so with ``x-from``.
"""

from __future__ import annotations

import json
import re
from typing import Any, Literal
from urllib.parse import parse_qsl

from fastmcp import FastMCP
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.discovery.card import PATH

SCOPE = "mendbox.session"
"""Where the setting of a connection is found in the scope of each of its requests."""
MOST_BYTES = 4_096
_HEADERS = {"access-control-allow-origin": "*"}


class SessionSettings(BaseModel):
    """Bounds of the runs of one connection. What a call says itself goes before them."""

    model_config = ConfigDict(frozen=True, extra="ignore", title="Mendbox")

    attempts: int | None = Field(default=None, ge=1, le=50, description="Candidates to judge in a run, at most")
    seconds: float | None = Field(default=None, ge=1, le=3_600, description="Wall clock of a run, at most")
    language: Literal["python", "javascript", "typescript"] | None = Field(
        default=None, description="Where a call names none"
    )


SECRET = "authorization"  # noqa: S105  # a header's name
HIDDEN = re.compile(
    r"authorization|bearer|passw|passphrase|secret|credential|api_?key|private_?key|jwt|(?:^|_)token$", re.IGNORECASE
)
"""What must not be in an address, as addresses are logged everywhere."""


def schema() -> dict[str, object]:
    """The JSON Schema of `SessionSettings`, with the token that is sent as a header."""
    fields: dict[str, object] = {
        name: {
            "type": kind,
            "description": field.description,
            **({"enum": ["python", "javascript", "typescript"]} if name == "language" else {}),
        }
        for (name, field), kind in zip(
            SessionSettings.model_fields.items(), ("integer", "number", "string"), strict=True
        )
    }
    fields["token"] = {
        "type": "string",
        "description": "Bearer and your token, where the server asks for one",
        "x-from": {"header": SECRET},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Mendbox",
        "type": "object",
        "properties": fields,
        "required": [],
    }


def add_schema(server: FastMCP[Any]) -> None:
    async def shown(request: Request) -> JSONResponse:  # noqa: ARG001  # the route's signature
        return JSONResponse(schema(), headers=_HEADERS)

    server.custom_route("/.well-known/mcp-config", methods=["GET"])(shown)


class SessionConfigured:
    """Reads the setting of a connection into the scope; what does not fit is answered with 422, and names no value."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].rstrip("/") != PATH or not scope.get("query_string"):
            await self._app(scope, receive, send)
            return
        try:
            found = read(scope["query_string"])
        except ValueError as error:
            await JSONResponse({"error": str(error)}, status_code=422)(scope, receive, send)
            return
        await self._app({**scope, SCOPE: found}, receive, send)


def read(query: bytes) -> SessionSettings:
    """The setting that *query* holds; parameters that are not ours are a gateway's own, and passed over.

    Raises:
        ValueError: A value does not fit, or a secret is among them. The sentence shows none.
    """
    if len(query) > MOST_BYTES:
        raise ValueError(f"the query is longer than {MOST_BYTES} bytes")
    given = dict(parse_qsl(query.decode("latin-1"), max_num_fields=100))
    secret = next((name for name in given if HIDDEN.search(name.replace("-", "_"))), None)
    if secret is not None:
        raise ValueError(f"{secret.lower()} must not be in the address: send the token in the header Authorization")
    values = {name: _value(text) for name, text in given.items() if name in SessionSettings.model_fields}
    try:
        return SessionSettings.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise ValueError(f"{first['loc'][0]}: {first['msg']}") from None


def _value(text: str) -> object:
    """A gateway sends values as JSON, a person as they are."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
