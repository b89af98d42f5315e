"""A few questions to PostgreSQL at its socket, by its protocol, version 3: https://www.postgresql.org/docs/17/protocol.html"""

from __future__ import annotations

import socket
import struct
import time
from types import TracebackType
from typing import Self

from .server import Refused

_VERSION = 3 << 16
_MOST = 1 << 20
"""Bytes of one answer: who answers may be somebody else by then."""


class Session:
    """A session that has *seconds* for all of it. Raises `OSError` and `Refused`."""

    def __init__(self, path: str, *, user: str, database: str, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._room = _MOST
        self.parameters: dict[str, str] = {}
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.settimeout(seconds)
            self._socket.connect(path)
            words = "".join(f"{word}\0" for word in ("user", user, "database", database)) + "\0"
            self._socket.sendall(struct.pack("!ii", len(words) + 8, _VERSION) + words.encode())
            self._listen()
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def ask(self, statement: str) -> list[str]:
        """The first column of what comes."""
        words = statement.encode() + b"\0"
        self._socket.sendall(b"Q" + struct.pack("!i", len(words) + 4) + words)
        return self._listen()

    def _listen(self) -> list[str]:
        rows: list[str] = []
        while True:
            kind = self._exactly(1)
            body = self._exactly(struct.unpack("!i", self._exactly(4))[0] - 4)
            match kind:
                case b"Z":
                    return rows
                case b"E":
                    raise Refused(body.replace(b"\0", b" ").decode("utf-8", "replace")[:500])
                case b"S":
                    name, value = body.decode("utf-8", "replace").split("\0")[:2]
                    self.parameters[name] = value
                case b"D" if len(body) > 6:
                    (length,) = struct.unpack_from("!i", body, 2)
                    rows.append(body[6 : 6 + max(length, 0)].decode("utf-8", "replace"))

    def _exactly(self, count: int) -> bytes:
        self._room -= count
        if count < 0 or self._room < 0:
            raise Refused("what answers is not PostgreSQL")
        found = b""
        while len(found) < count:
            self._socket.settimeout(max(0.001, self._end - time.monotonic()))
            piece = self._socket.recv(count - len(found))
            if not piece:
                raise ConnectionError("it closed the session")
            found += piece
        return found
