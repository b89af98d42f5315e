"""The end of the process in a bounded time, whatever hangs."""

from __future__ import annotations

import os
import threading
from typing import Self


class Deadline:
    """Ends the process, come what may, *seconds* after it was first told to end.

    In a thread of its own: neither an engine that hangs nor the threads that asyncio waits for may hold it up.
    What has not ended by then is left to the reaper of the next start.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._timer: threading.Timer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def begin(self, code: int) -> None:
        if self._timer is None:
            self._timer = threading.Timer(self._seconds, os._exit, (code,))
            self._timer.daemon = True
            self._timer.start()
