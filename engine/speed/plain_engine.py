"""`docker run` and `docker exec` where there is no docker command: the same calls of the engine, made by its package."""

from __future__ import annotations

import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from docker import APIClient
from docker.errors import NotFound

from engine.speed.contender import GIVE_UP

_HEADER = struct.Struct(">BxxxI")


def run(api: APIClient, made: Mapping[str, Any], stdin: bytes) -> tuple[int, str]:
    """Create, start, feed, read to the end, and see it removed; exit code and output."""
    name = str(made["name"])
    # The end of stdin has to reach the program, also where this process goes on.
    api.create_container(**{**made, "stdin_open": True})
    try:
        stream = api.attach_socket(name, {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
        wire: socket.socket = getattr(stream, "_sock", stream)
        api.start(name)
        said = _exchange(wire, stdin)
        stream.close()
        # It removes itself, and may be gone already.
        code = 0
        with suppress(NotFound):
            code = int(api.wait(name, timeout=GIVE_UP, condition="removed")["StatusCode"])
        return code, said
    finally:
        with suppress(Exception):
            api.remove_container(name, force=True, v=True)


def enter(api: APIClient, name: str, shell: str, stdin: bytes) -> tuple[int, str]:
    """Run *shell* in a container that is there; exit code and output."""
    started = api.exec_create(name, ["/bin/sh", "-c", shell], stdin=True)["Id"]
    stream: Any = api.exec_start(started, socket=True)
    wire: socket.socket = getattr(stream, "_sock", stream)
    said = _exchange(wire, stdin)
    stream.close()
    return int(api.exec_inspect(started)["ExitCode"] or 0), said


def _exchange(wire: socket.socket, stdin: bytes) -> str:
    wire.settimeout(GIVE_UP)
    wire.sendall(stdin)
    wire.shutdown(socket.SHUT_WR)
    said = bytearray()
    while header := _exactly(wire, _HEADER.size):
        said += _exactly(wire, _HEADER.unpack(header)[1])
    return said.decode("utf-8", "replace")


def _exactly(wire: socket.socket, count: int) -> bytes:
    got = bytearray()
    while len(got) < count and (part := wire.recv(min(count - len(got), 65_536))):
        got += part
    return bytes(got)
