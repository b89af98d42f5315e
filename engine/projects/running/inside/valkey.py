"""Valkey in the box: a server for each store, for what one keeps, another has never heard of."""

from __future__ import annotations

import socket
import time
from typing import Any

from .server import TALK, Refused, Server

_PASSED_ON = ("cmdstat_publish", "cmdstat_spublish")
"""Commands by which something goes through it that nobody has to keep."""


class Valkey(Server):
    program = "/usr/bin/valkey-server"
    kind = "Valkey"

    def command(self) -> tuple[str, ...]:
        settings = {"port": str(self._port), "bind": "127.0.0.1", "save": "", "appendonly": "no", "dir": self._folder}
        told = (word for name, value in settings.items() for word in (f"--{name}", value))
        return (self.program, *told, "--loglevel", "warning")

    def version_of(self) -> str:
        return self._told("INFO server").get("valkey_version", "")

    def used(self, store: dict[str, Any]) -> bool:  # noqa: ARG002  (it has one alone)
        # it saves nothing, so these are all changes that there ever were
        if int(self._told("INFO persistence").get("rdb_changes_since_last_save", "0")):
            return True
        return any(name in _PASSED_ON for name in self._told("INFO commandstats"))

    def _told(self, command: str) -> dict[str, str]:
        end = time.monotonic() + TALK
        with socket.create_connection(("127.0.0.1", self._port), timeout=TALK) as connection:
            connection.sendall(command.encode() + b"\r\n")
            found = b""
            while (length := _length(found)) is None or len(found) < length:
                connection.settimeout(max(0.001, end - time.monotonic()))
                piece = connection.recv(65_536)
                if not piece:
                    raise ConnectionError("it closed the connection")
                found += piece
        lines = found.decode("utf-8", "replace").split("\r\n")
        told = {name: value for name, mark, value in (line.partition(":") for line in lines) if mark}
        if not told:
            raise Refused(lines[0][:200])
        return told


def _length(answer: bytes) -> int | None:
    """Of the whole of an answer that begins so; None where that is not said yet."""
    first, mark, _ = answer[:64].partition(b"\r\n")
    if not mark:
        if len(answer) >= 64:
            raise Refused("what answers is not Valkey")
        return None
    size = int(first[1:]) if first[:1] == b"$" else 0
    if not 0 <= size <= 1 << 20:
        raise Refused("what answers is not Valkey")
    return len(first) + 2 + size
