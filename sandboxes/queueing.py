"""Whose turn it is: how many runs may have boxes at one time, and which of those that wait is next."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from .errors import QueueFull

Tell = Callable[[int | None], None]
"""Is told how many runs are before this one, whenever that changes, and None when it waits no longer. Must not raise,
and must return at once."""
_REMEMBERED = 4_096
"""Runs and tenants that are remembered at most."""


class _Run:
    """One run. *start* is its place, the lower one first, where a tenant's runs are 1 apart: see `Turns`."""

    def __init__(self, tenant: str, start: float, number: int) -> None:
        self.tenant = tenant
        self.place = (start, number)
        self.boxes = 0
        self.counted = False
        self.told: int | None = None
        self.waiting: dict[asyncio.Future[None], Tell] = {}


class Turns:
    """At most *at_once* runs have a turn at a time, and at most *most_waiting* wait for one.

    A run has its turn while it has at least one box, and then never waits for another one: if it did, runs that hold
    one box each could wait for each other for ever. A run that comes back keeps the place it had, so that what was
    begun is finished first.

    Fair among tenants, as start-time fair queueing is: a new tenant's run begins now, a tenant's next run at least 1
    after its last, and with every run that was served the time goes on by 1 divided by the tenants there are. A run
    that gives up before its first turn is not held against its tenant.
    """

    def __init__(self, *, at_once: int, most_waiting: int) -> None:
        self._at_once = at_once
        self._most_waiting = most_waiting
        self._having: dict[str, _Run] = {}
        self._waiting: dict[str, _Run] = {}
        self._known: OrderedDict[str, _Run] = OrderedDict()
        self._latest: dict[str, float] = {}
        self._now = 0.0
        self._number = 0

    @property
    def waiting(self) -> int:
        """Runs that wait."""
        return len(self._waiting)

    @asynccontextmanager
    async def turn(self, run_id: str, *, tenant: str, tell: Tell) -> AsyncIterator[None]:
        """Have a turn as part of the run *run_id* of *tenant*; waits for it.

        Raises:
            QueueFull: Too many are waiting already.
        """
        await self._enter(run_id, tenant, tell)
        try:
            yield
        finally:
            self._leave(run_id)

    async def _enter(self, run_id: str, tenant: str, tell: Tell) -> None:
        run = self._run(run_id, tenant)
        if run_id in self._having or len(self._having) < self._at_once:  # nobody waits while there is room
            run.boxes += 1
            self._having[run_id] = run
            return
        if run_id not in self._waiting and len(self._waiting) >= self._most_waiting:
            self._take_back(run_id, run)
            raise QueueFull(
                "pool",
                f"{len(self._waiting)} runs wait for a box already, and no more may",
                hint="try again later, or allow more boxes at a time with MENDBOX_BOXES",
            )
        self._waiting[run_id] = run
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        run.waiting[turn] = tell
        run.told = None
        self._tell()
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                self._leave(run_id)  # the turn came in the same moment as the cancel
            else:
                self._give_up(run_id, run, turn)
            raise
        finally:
            tell(None)

    def _leave(self, run_id: str) -> None:
        run = self._having[run_id]
        run.boxes -= 1
        if run.boxes:
            return
        self._count(run)
        del self._having[run_id]
        while self._waiting and len(self._having) < self._at_once:
            first = min(self._waiting, key=lambda one: self._waiting[one].place)
            next_ = self._waiting.pop(first)
            turns = [turn for turn in next_.waiting if not turn.done()]
            next_.waiting.clear()
            if turns:
                next_.boxes = len(turns)
                self._having[first] = next_
            for turn in turns:
                turn.set_result(None)
        self._tell()

    def _count(self, run: _Run) -> None:
        """Let the time go on by one run, shared among the tenants who have or wait for a turn."""
        if not run.counted:
            run.counted = True
            tenants = {one.tenant for one in (*self._having.values(), *self._waiting.values())}
            self._now += 1 / len(tenants)

    def _give_up(self, run_id: str, run: _Run, turn: asyncio.Future[None]) -> None:
        run.waiting.pop(turn, None)
        if not run.waiting and run_id in self._waiting:
            del self._waiting[run_id]
            self._take_back(run_id, run)
            self._tell()

    def _take_back(self, run_id: str, run: _Run) -> None:
        """Let the tenant's next run have the place of one that never had a turn."""
        if not run.counted:
            self._known.pop(run_id, None)
            if run.tenant in self._latest:
                self._latest[run.tenant] -= 1

    def _run(self, run_id: str, tenant: str) -> _Run:
        run = self._having.get(run_id) or self._waiting.get(run_id) or self._known.get(run_id)
        if run is None:
            start = max(self._now, self._latest.get(tenant, -1.0) + 1)
            self._latest[tenant] = start
            self._number += 1
            run = _Run(tenant, start, self._number)
        self._known[run_id] = run
        self._known.move_to_end(run_id)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        if len(self._latest) > _REMEMBERED:
            # whose next run would begin now anyway
            self._latest = {name: start for name, start in self._latest.items() if start + 1 > self._now}
        return run

    def _tell(self) -> None:
        for before, run in enumerate(sorted(self._waiting.values(), key=lambda one: one.place)):
            if before != run.told:
                run.told = before
                for tell in run.waiting.values():
                    tell(before)
