"""Whose turn it is: how many runs may have boxes at one time, and which of those that wait is next."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

from .errors import QueueFull

Tell = Callable[[int], None]
"""Is told how many runs are before this one, whenever that changes. Must not raise, and must return at once."""
_REMEMBERED = 4_096
"""Runs whose place, and tenants whose round, are remembered at most."""


class Place(NamedTuple):
    """Where a run stands among all that were ever asked for; the lower one is first.

    A tenant's runs are spread over rounds, one in each, from the round that is being served when the first of them
    comes. So a tenant with one run waits for at most one run of every other tenant, however many those have.
    """

    round: int
    number: int


class _Waiting:
    def __init__(self, place: Place) -> None:
        self.place = place
        self.told: int | None = None
        self.opens: dict[asyncio.Future[None], Tell] = {}


class Turns:
    """At most *at_once* runs have a turn at a time, and at most *most_waiting* wait for one.

    A run has its turn while it has at least one box, and then never waits for another one: if it did, runs that hold
    one box each could wait for each other for ever. A run that comes back keeps the place it had, so that what was
    begun is finished first.
    """

    def __init__(self, *, at_once: int, most_waiting: int) -> None:
        self._at_once = at_once
        self._most_waiting = most_waiting
        self._having: dict[str, int] = {}
        self._waiting: dict[str, _Waiting] = {}
        self._places: OrderedDict[str, Place] = OrderedDict()
        self._rounds: dict[str, int] = {}
        self._round = 0
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
        if run_id in self._having:
            self._having[run_id] += 1
            return
        place = self._place(run_id, tenant)
        if len(self._having) < self._at_once:
            # nobody waits while there is room
            self._give(run_id, place, 1)
            return
        if run_id not in self._waiting and len(self._waiting) >= self._most_waiting:
            raise QueueFull(
                "pool",
                f"{len(self._waiting)} runs wait for a box already, and no more may",
                hint="try again later, or allow more boxes at a time with MENDBOX_BOXES",
            )
        waiting = self._waiting.setdefault(run_id, _Waiting(place))
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting.opens[turn] = tell
        waiting.told = None
        self._tell()
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                self._leave(run_id)  # the turn came in the same moment as the cancel
            else:
                self._give_up(run_id, waiting, turn)
            raise

    def _leave(self, run_id: str) -> None:
        self._having[run_id] -= 1
        if self._having[run_id]:
            return
        del self._having[run_id]
        while self._waiting and len(self._having) < self._at_once:
            first = min(self._waiting, key=lambda one: self._waiting[one].place)
            waiting = self._waiting.pop(first)
            turns = [turn for turn in waiting.opens if not turn.done()]
            if turns:
                self._give(first, waiting.place, len(turns))
            for turn in turns:
                turn.set_result(None)
        self._tell()

    def _give(self, run_id: str, place: Place, boxes: int) -> None:
        self._having[run_id] = boxes
        self._round = max(self._round, place.round)

    def _give_up(self, run_id: str, waiting: _Waiting, turn: asyncio.Future[None]) -> None:
        waiting.opens.pop(turn, None)
        if not waiting.opens and self._waiting.get(run_id) is waiting:
            del self._waiting[run_id]
            self._tell()

    def _place(self, run_id: str, tenant: str) -> Place:
        place = self._places.get(run_id)
        if place is None:
            self._number += 1
            place = Place(max(self._round, self._rounds.get(tenant, -1) + 1), self._number)
            self._rounds[tenant] = place.round
            self._places[run_id] = place
        self._places.move_to_end(run_id)
        if len(self._places) > _REMEMBERED:
            self._places.popitem(last=False)
        if len(self._rounds) > _REMEMBERED:
            # who was last served in an earlier round begins anew anyway
            self._rounds = {name: last for name, last in self._rounds.items() if last >= self._round}
        return place

    def _tell(self) -> None:
        for before, waiting in enumerate(sorted(self._waiting.values(), key=lambda one: one.place)):
            if before != waiting.told:
                waiting.told = before
                for tell in waiting.opens.values():
                    tell(before)
