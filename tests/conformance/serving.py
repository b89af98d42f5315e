"""Our own server, its middleware, sign-in and ending, with the suite's fixtures beside our tools."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.desk import Desk
from server import Deadline, face_of, keep_serving, listen
from serving.face import Face
from tests.conformance.fixtures import add_fixtures
from tests.server.double import RehearsedMendbox, settings

TOKEN = "conformance-suite-of-the-protocol"


class Bearing:
    """Puts a token on every request: the suite has no way to be given one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "headers": [*scope["headers"], (b"authorization", f"Bearer {TOKEN}".encode())]}
        await self._app(scope, receive, send)


@asynccontextmanager
async def served(*, guarded: bool = False, beside: Face = Face()) -> AsyncIterator[str]:  # noqa: B008  # a frozen value
    """The address of a server with everything that `mendbox serve` puts around its tools, and *beside* it.

    A *guarded* one asks for a sign-in, and has it with every request.
    """
    chosen = settings()
    if guarded:
        chosen = chosen.model_copy(update={"bearer_token": SecretStr(TOKEN), "calls_per_minute": 0})
    desk = Desk(chosen, engine=RehearsedMendbox, answer_seconds=20)
    face = beside + face_of(chosen, desk, over_http=True) + Face(parts=(add_fixtures,))
    if guarded:
        assert face.auth is not None
        asks = face.auth.get_middleware
        face.auth.get_middleware = lambda: [Middleware(Bearing), *asks()]
    listener = listen("127.0.0.1:0", guarded=guarded)
    with Deadline(60) as deadline:
        serving = asyncio.create_task(keep_serving(desk, listener, deadline=deadline, face=face))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/mcp"
        finally:
            if not serving.done():
                os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.wait_for(serving, 5)
