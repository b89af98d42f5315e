"""SIGINT and SIGTERM: the first one cancels the work and lets boxes be removed, the second one quits at once."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from engine.cli.exits import OF_A_SIGNAL

T = TypeVar("T")
SHOW_CURSOR = "\x1b[?25h"


class Stopped(Exception):
    """A signal ended the work; everything it had opened has been closed.

    Attributes:
        signal: Number of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by {signal.Signals(number).name}")
        self.signal = number

    @property
    def exit_code(self) -> int:
        return OF_A_SIGNAL + self.signal


class Stop:
    """Turns the first signal into a cancellation of the work at hand."""

    def __init__(self) -> None:
        self.signal: int | None = None
        self._at_hand: asyncio.Task[Any] | None = None

    async def unless_stopped(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of *work*. What comes after this call, such as printing how far it got, is not cancelled.

        Raises:
            Stopped: A signal came, and *work* has cleaned up after itself.
        """
        before, task = self._at_hand, asyncio.ensure_future(work)
        self._at_hand = task
        try:
            return await task
        except asyncio.CancelledError:
            if self.signal is None:
                raise
            raise Stopped(self.signal) from None
        finally:
            self._at_hand = before

    def received(self, number: int) -> None:
        if self.signal is not None:
            # Boxes that are left are removed by the reaper at the next start.
            if sys.stderr.isatty():
                sys.stderr.write(SHOW_CURSOR)
                sys.stderr.flush()
            os._exit(OF_A_SIGNAL + number)
        self.signal = number
        if self._at_hand is not None:
            self._at_hand.cancel()


def drive(work: Callable[[Stop], Coroutine[Any, Any, T]]) -> T:
    """Run *work* in a new event loop with both signals heeded.

    Raises:
        Stopped: A signal came and *work* did not answer it by itself.
    """
    stop = Stop()

    async def guarded() -> T:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.received, number)
        return await stop.unless_stopped(work(stop))

    with asyncio.Runner() as runner:
        return runner.run(guarded())
