"""Boxes that stand ready: started, measured and warm before anybody asks, each handed out once and then thrown away."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

from .base import Box, Limits
from .queueing import Turns
from .shelf import Maker
from .stock import PATIENCE, Prepare, Stock

MOST_WAITING = 1_000
"""Runs that may wait."""
BOXES_A_RUN = 2
"""Boxes that a run has at a time: the one it judges in, and one more to look again from outside."""


def nobody(run_id: str, before: int | None) -> None:
    """For who does not want to know who waits."""


class WarmPool:
    """A `sandboxes.base.Sandbox` in front of *maker*, which makes boxes from one image.

    *target* boxes of every shape of limits that is in use are kept ready; with 0 boxes are made when they are asked
    for. *most* boxes exist at a time, those left out that are being removed: so half as many runs have boxes, and
    further ones wait in a queue that is fair among tenants. A run that has a box always gets another one, also a third.
    *runs* lets fewer runs than that have boxes. *waiting* is told the id of a run that waits and how many runs are
    before it, whenever that changes, and None when it waits no longer. *prepare* is done in every box beforehand,
    *ahead* bounds how many boxes are made before somebody asks; see `Stock`.

    Whoever closes the pool closes *maker* too.
    """

    def __init__(
        self,
        maker: Maker,
        *,
        target: int,
        most: int,
        runs: int | None = None,
        ahead: int | None = None,
        prepare: Prepare | None = None,
        waiting: Callable[[str, int | None], None] = nobody,
        most_waiting: int = MOST_WAITING,
        cores: int | None = None,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.stock = Stock(
            maker,
            target=target,
            most=most,
            ahead=ahead,
            prepare=prepare,
            cores=cores,
            patience=patience,
            clock=clock,
        )
        at_once = max(1, most // BOXES_A_RUN)
        self._turns = Turns(at_once=at_once if runs is None else min(runs, at_once), most_waiting=most_waiting)
        self._waiting = waiting

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    @asynccontextmanager
    async def open(self, *, run_id: str, limits: Limits, tenant: str | None = None) -> AsyncIterator[Box]:
        """A box nobody has used; see `sandboxes.base.Sandbox.open`. A run that names no *tenant* is one of its own.

        Raises:
            QueueFull: Too many runs wait.
        """
        tenant = run_id if tenant is None else tenant
        async with self._turns.turn(run_id, tenant=tenant, tell=lambda before: self._waiting(run_id, before)):
            box = await self.stock.get(limits)
            try:
                yield box
            finally:
                self.stock.put_away(box)

    def warm(self, limits: Limits) -> None:
        """Begin to make boxes for *limits* before anybody asks."""
        self.stock.warm(limits)

    async def aclose(self) -> None:
        """Kill every box, wait until all of them are removed, and open no more."""
        await self.stock.aclose()
