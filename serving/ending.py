"""The end of the process in a bounded time, whatever hangs."""

from __future__ import annotations

import os
import threading
from typing import Self

END_SECONDS = 4.0
"""Counted from the signal or the end of input; what has not ended by then is left to the reaper of the next start."""


class Deadline:
    """Ends the process, come what may, `END_SECONDS` after it was first told to end.

    In a thread of its own: neither an engine that hangs nor the threads that asyncio waits for may hold it up.
    """

    def __init__(self) -> None:
        self._timer: threading.Timer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def begin(self, code: int) -> None:
        if self._timer is None:
            self._timer = threading.Timer(END_SECONDS, os._exit, (code,))
            self._timer.daemon = True
            self._timer.start()
