"""The one stream to a box: the container's stdin and stdout over the engine's attach socket, cut into frames."""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import time
from typing import Protocol

from .guest import frames
from .guest.frames import BadFrame, Header

_STDERR_KEPT = 4_096
_STREAM_HEADER = struct.Struct(">BxxxI")
_STDOUT, _STDERR = 1, 2


class WireBroken(Exception):
    """The stream ended, or what came over it is no frame. *said* is what the guest last wrote to its stderr."""

    def __init__(self, why: str, said: str) -> None:
        super().__init__(why, said)
        self.why = why
        self.said = said


class Late(Exception):
    """Nothing came in time."""


class Closable(Protocol):
    """What the engine's client wraps around the socket; it has to be closed as well."""

    def close(self) -> None: ...


class Wire:
    """Blocking, for one thread at a time, but for `hang_up`."""

    def __init__(self, stream: socket.socket, *, wrapper: Closable | None = None) -> None:
        self._socket = stream
        self._wrapper = wrapper
        self._raw = bytearray()
        self._out = bytearray()
        self._said = bytearray()
        self._deadline = 0.0

    def send(self, header: Header, body: bytes | memoryview = b"", *, deadline: float) -> None:
        """Write one frame before the monotonic time *deadline*."""
        self._deadline = deadline
        try:
            self._socket.settimeout(self._left())
            self._socket.sendall(frames.pack(header, body))
        except TimeoutError as error:
            raise Late from error
        except OSError as error:
            raise self._broken(f"writing failed: {error.strerror or error}") from error

    def receive(self, *, deadline: float) -> tuple[Header, bytes]:
        """The next frame, before the monotonic time *deadline*."""
        self._deadline = deadline
        try:
            return frames.read(self._exactly)
        except BadFrame as error:
            raise self._broken(str(error)) from error

    @property
    def quiet(self) -> bool:
        """Whether the stream stands and nothing has come that was not asked for. Costs one system call."""
        if self._raw or self._out or self._socket.fileno() < 0:
            return False
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return not poll.poll(0)

    def hang_up(self) -> None:
        """End the stream under a thread that waits for it. May be called from another thread."""
        with contextlib.suppress(OSError):  # the other end may have been quicker
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._socket.close()
        if self._wrapper is not None:
            self._wrapper.close()

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise Late
        return left

    def _exactly(self, count: int) -> bytes:
        while len(self._out) < count:
            self._next_chunk()
        got = bytes(self._out[:count])
        del self._out[:count]
        return got

    def _next_chunk(self) -> None:
        """The engine mixes both output streams into one, each chunk with a header of eight bytes."""
        kind, size = _STREAM_HEADER.unpack(self._take(_STREAM_HEADER.size))
        while size:
            part = self._take(min(size, 65_536))
            size -= len(part)
            if kind == _STDOUT:
                self._out += part
            elif kind == _STDERR:
                self._said = (self._said + part)[-_STDERR_KEPT:]

    def _take(self, count: int) -> bytes:
        while len(self._raw) < count:
            try:
                self._socket.settimeout(self._left())
                got = self._socket.recv(262_144)
            except TimeoutError as error:
                raise Late from error
            except OSError as error:
                raise self._broken(f"reading failed: {error.strerror or error}") from error
            if not got:
                raise self._broken("the stream ended")
            self._raw += got
        taken = bytes(self._raw[:count])
        del self._raw[:count]
        return taken

    def _broken(self, why: str) -> WireBroken:
        return WireBroken(why, self._said.decode("utf-8", "replace").strip()[-1_000:])
