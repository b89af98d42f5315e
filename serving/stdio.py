"""JSON lines over stdin and stdout, with a stdin that can be ended from inside."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
from collections.abc import Callable
from typing import Any

from fastmcp import FastMCP

from serving.unreadable import run_over_stdio


class Stdio:
    """JSON lines on stdin and stdout, with a stdin that can be ended from inside.

    The SDK reads stdin in a thread that nothing interrupts, so a server that is told to end would wait for its
    client's next line. It gets one end of a socket pair as stdin instead, and a thread that may be left behind
    carries the real one over.
    """

    def __init__(self, ended: Callable[[int], None]) -> None:
        """*ended* is called with the exit code of a failed ending, once the client has closed stdin."""
        self._ended = ended
        self._loop = asyncio.get_running_loop()
        self._ours, theirs = socket.socketpair()
        self._real = os.dup(0)
        os.dup2(theirs.fileno(), 0)
        theirs.close()
        threading.Thread(target=self._carry, name="stdin", daemon=True).start()

    async def serve(self, server: FastMCP[Any]) -> None:
        try:
            await run_over_stdio(server)
        except* BrokenPipeError:
            # The client is gone, and with it whoever could be told.
            self.end()

    def end(self) -> None:
        with contextlib.suppress(OSError):
            self._ours.shutdown(socket.SHUT_WR)

    def _carry(self) -> None:
        # OSError: the server has ended meanwhile; RuntimeError: so has its loop.
        with contextlib.suppress(OSError):
            while chunk := os.read(self._real, 65_536):
                self._ours.sendall(chunk)
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._ended, 1)
        self.end()
