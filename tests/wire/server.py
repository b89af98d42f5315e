"""The part of a wire server that is the same for every protocol: a loopback HTTP server with a queue of behaviours."""

from __future__ import annotations

import json
import socket
import struct
import threading
from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.wire.behaviours import Behaviour, Cuts, Fails, Hangs, Raw, Says

KEY = "sk-test-Zq8vN2rT5yW1xK4mB7cD0fG3hJ6lP9sA"
"""Looks like a real key, so that a test can search for it wherever it must not be."""


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class WireServer(ABC):
    """``with OpenAIWire(edits(...), BROKEN, ...) as server: ... server.url``

    Behaviours are used up in their order; the last one goes on for ever. `requests` is what was asked.
    """

    path: str

    def __init__(self, *behaviours: Behaviour, key: str | None = KEY, lacks: tuple[str, ...] = ()) -> None:
        self.requests: list[Request] = []
        self.key = key
        self.lacks = lacks
        """Names of request fields that this server turns away, as servers do that only resemble the real one."""
        self._behaviours = deque(behaviours)
        self._released = threading.Event()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        wire = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                wire._serve(self)

            def log_message(self, *args: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._released.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    @property
    @abstractmethod
    def url(self) -> str:
        """What to give a client as its base URL."""

    @abstractmethod
    def sent_key(self, headers: dict[str, str]) -> str | None: ...

    @abstractmethod
    def objection(self, request: Request) -> Fails | None:
        """What the real API would turn *request* away for."""

    @abstractmethod
    def render(self, says: Says, request: Request) -> dict[str, Any]: ...

    @abstractmethod
    def render_error(self, fails: Fails) -> dict[str, Any]: ...

    def next_behaviour(self, request: Request) -> Behaviour:  # for servers that answer by what was asked
        """What happens to *request*; asked under a lock, one request after the other."""
        return self._behaviours.popleft() if len(self._behaviours) > 1 else self._behaviours[0]

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("content-length", "0"))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        request = Request(handler.path, headers, json.loads(handler.rfile.read(length)))
        refused = self._refused(request)
        if refused:
            self._send(handler, refused.status, self.render_error(refused), refused.headers)
            return
        with self._lock:
            self.requests.append(request)
            behaviour = self.next_behaviour(request)
        match behaviour:
            case Says():
                self._send(handler, 200, self.render(behaviour, request))
            case Fails():
                self._send(handler, behaviour.status, self.render_error(behaviour), behaviour.headers)
            case Raw():
                self._send_bytes(handler, 200, behaviour.body, {"Content-Type": behaviour.content_type})
            case Cuts():
                self._cut(handler)
            case Hangs():
                self._hang(handler, behaviour)

    def _refused(self, request: Request) -> Fails | None:
        if request.path != self.path:
            return Fails(404, "not_found_error", f"no such path: {request.path}")
        sent = self.sent_key(request.headers)
        if self.key is not None and sent != self.key:
            # As the real ones do, this one repeats the key that it does not like.
            return Fails(401, "authentication_error", f"Incorrect API key provided: {sent}.")
        for name in self.lacks:
            if name in request.body:
                return Fails(400, "invalid_request_error", f"Unsupported parameter: '{name}' is not supported here.")
        return self.objection(request)

    def _send(self, handler: BaseHTTPRequestHandler, status: int, body: dict[str, Any], headers: Any = None) -> None:
        self._send_bytes(
            handler, status, json.dumps(body).encode(), {"Content-Type": "application/json", **(headers or {})}
        )

    def _send_bytes(self, handler: BaseHTTPRequestHandler, status: int, body: bytes, headers: Any) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def _cut(self, handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b'{"id": "')
        handler.wfile.flush()
        # A linger of zero seconds makes the close a reset, as a crashing proxy does.
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.close_connection = True

    def _hang(self, handler: BaseHTTPRequestHandler, hangs: Hangs) -> None:
        handler.close_connection = True
        if not hangs.drips:
            self._released.wait(hangs.seconds)
            return
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        for _ in range(int(hangs.seconds / 0.05)):
            if self._released.wait(0.05):
                return
            try:
                handler.wfile.write(b" ")
                handler.wfile.flush()
            except OSError:
                return
