"""What boxes there are, and which is made next: boxes wanted now first, then boxes for later where nobody is disturbed."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterable

import structlog

from .base import Box, Limits
from .errors import SandboxUnavailable
from .shelf import Maker, ReadyBox, Shelf, shape_of

log = structlog.get_logger(__name__)

RUN = "pool"
"""What stands in the run label of a box: it was made before its run came."""
LONGEST = 3_600.0
"""Longest life, seconds, that a run may ask for and still get a box that was made beforehand."""
OLDEST = 600.0
"""Age, seconds, at which a box that nobody wanted is replaced."""
IDLE = 900.0
"""Seconds after which boxes of a shape that nobody asks for are no longer kept ready."""
QUIET = 0.06
"""Seconds after the last use of a box before others are made for nobody yet: a run that has let one go mostly wants
another at once. With three boxes asked for in a row and enough ready, the three took two thirds of the time that they
took with a refill that began at the first."""
PATIENCE = 5.0
"""Seconds that making a box is tried again for somebody who waits, such as while the engine is restarted."""
LOOKING = 2.0
"""Seconds between two looks at what stands ready; what dies between them is found out when it is handed over."""
_SLACK = 60.0
_SHORTEST_REST, _LONGEST_REST = 0.1, 60.0

Prepare = Callable[[Box], Awaitable[None]]
"""Done in every box before it is handed out."""


class Stock:
    """Boxes ready, being made and in use, by their shape. For one event loop; only `get` and `aclose` wait.

    *target* and *most* are those of the pool; *ahead*, where it is given, bounds how many boxes are made before
    somebody asks, until `expect` adds to it.
    """

    def __init__(
        self,
        maker: Maker,
        *,
        target: int,
        most: int,
        ahead: int | None = None,
        prepare: Prepare | None = None,
        cores: int | None = None,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._maker = maker
        self._target = target
        self._most = most
        self._ahead = ahead
        self._prepare = prepare
        self._cores = cores or os.cpu_count() or 1
        self._patience = patience
        self._clock = clock
        self._shelves: dict[Limits, Shelf] = {}
        self._used: set[ReadyBox] = set()
        self._makers: set[asyncio.Task[None]] = set()
        self._looking: asyncio.Task[None] | None = None
        self._last_use = float("-inf")
        self._rest = _SHORTEST_REST
        self._rests_until = float("-inf")
        self._closed = False

    @property
    def ready(self) -> int:
        """Boxes that stand ready."""
        return sum(len(shelf) for shelf in self._shelves.values())

    @property
    def asked_for(self) -> bool:
        """Whether boxes of some shape are kept at all."""
        return bool(self._shelves)

    @property
    def boxes(self) -> int:
        """All boxes there are: ready, being made, and in use."""
        return self.ready + self._being_made + len(self._used)

    @property
    def _being_made(self) -> int:
        return sum(shelf.making for shelf in self._shelves.values())

    def expect(self, boxes: int) -> None:
        """So many more boxes will be asked for soon, of the shapes that are in use."""
        if self._ahead is not None:
            self._ahead += boxes
            self.tend()

    def warm(self, limits: Limits) -> None:
        """Begin to make boxes for *limits* before anybody asks."""
        self._require_open()
        self._shelf(limits)
        self._start_looking()
        self.tend()

    async def get(self, limits: Limits) -> ReadyBox:
        """A box that was handed over: whoever has it gives it back by `put_away`. Raises what making one raises."""
        self._require_open()
        if limits.seconds > LONGEST:
            return self._use(await self._made(limits))
        shelf = self._shelf(limits)
        self._start_looking()
        until = self._clock() + self._patience
        while True:
            box = shelf.take()
            if box is None:
                # Somebody waits: whatever failed while nobody did is tried again at once.
                self._rest, self._rests_until = _SHORTEST_REST, float("-inf")
                coming = shelf.wait(until)
                self.tend()
                box = await coming
            try:
                box.lease(limits)
            except SandboxUnavailable:
                _discard((box,), why="dead")
            else:
                return self._use(box)

    def put_away(self, box: ReadyBox) -> None:
        """Kill *box*, which was used, and have it removed. Nothing is awaited: what a cancelled task awaits may be cut off."""
        box.discard()
        self._used.discard(box)
        self._last_use = self._clock()
        if not self._closed:
            self.tend()
            asyncio.get_running_loop().call_later(QUIET, self.tend)

    def tend(self) -> None:
        """Start to make what is wanted and may be made now; called after everything that changes either."""
        while not self._closed and self._clock() >= self._rests_until and self._being_made < 2 * self._cores:
            shape = self._most_wanted()
            if shape is None:
                return
            shelf = self._shelves[shape]
            if self._ahead is not None and not shelf.wanting:
                self._ahead -= 1
            shelf.making += 1
            maker = asyncio.create_task(self._make(shape, shelf), name="make a box")
            self._makers.add(maker)
            maker.add_done_callback(self._end_making)

    async def filled(self) -> None:
        """Wait until as many boxes stand ready as are kept; not while one is in use, nor where none can be made now.

        Whoever begins then is served as one who comes after a pause.
        """
        while self._is_short():
            if self._makers:
                await asyncio.wait(self._makers, return_when=asyncio.FIRST_COMPLETED)
            else:
                await asyncio.sleep(QUIET)
                self.tend()

    def look(self) -> None:
        """Throw away what died, grew old, or is no longer asked for, and have it replaced."""
        now = self._clock()
        for shape, shelf in list(self._shelves.items()):
            if now - shelf.asked >= IDLE:
                _discard(shelf.clear(), why="idle")
                if not shelf.making and not shelf.wanting:
                    del self._shelves[shape]
            else:
                _discard(shelf.sort_out(born_before=now - OLDEST), why="dead or old")
        self.tend()

    async def aclose(self) -> None:
        """Kill every box, wait until all of them are removed, and make no more."""
        self._closed = True
        tasks = [*self._makers, *([self._looking] if self._looking else [])]
        for task in tasks:
            task.cancel()
        closed = SandboxUnavailable("pool", "this pool is closed", hint="make another one")
        for shelf in self._shelves.values():
            shelf.fail(closed, float("inf"))
            _discard(shelf.clear(), why="closing")
        for box in self._used:
            box.discard()
        await asyncio.shield(self._let_end(tasks))

    def _end_making(self, maker: asyncio.Task[None]) -> None:
        self._makers.discard(maker)
        self.tend()

    async def _let_end(self, tasks: Iterable[asyncio.Task[None]]) -> None:
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._maker.aclose()

    def _require_open(self) -> None:
        if self._closed:
            raise SandboxUnavailable("pool", "this pool is closed", hint="make another one")

    def _is_short(self) -> bool:
        if self._closed or self._used or self._clock() < self._rests_until:
            return False
        return self.ready < self._most and any(len(shelf) < self._target for shelf in self._shelves.values())

    def _shelf(self, limits: Limits) -> Shelf:
        now = self._clock()
        shelf = self._shelves.setdefault(shape_of(limits, seconds=LONGEST + OLDEST + _SLACK), Shelf(now))
        shelf.asked = now
        return shelf

    def _use(self, box: ReadyBox) -> ReadyBox:
        self._used.add(box)
        self.tend()
        return box

    async def _made(self, limits: Limits) -> ReadyBox:
        box = await self._maker.make(run_id=RUN, limits=limits)
        try:
            if self._prepare is not None:
                await self._prepare(box)
        except BaseException:
            box.discard()
            raise
        return box

    async def _make(self, shape: Limits, shelf: Shelf) -> None:
        born = self._clock()
        try:
            box = await self._made(shape)
        except Exception as error:  # noqa: BLE001  (whoever waits for the box gets it, whatever it is)
            self._failed(shelf, error)
        else:
            self._rest = _SHORTEST_REST
            shelf.put(box, born)
        finally:
            shelf.making -= 1

    def _failed(self, shelf: Shelf, error: Exception) -> None:
        now = self._clock()
        log.warning("box_not_made", error=str(error)[:300], next_try=round(self._rest, 1))
        shelf.fail(error, now)
        self._rests_until = now + self._rest
        asyncio.get_running_loop().call_later(self._rest, self.tend)
        self._rest = min(2 * self._rest, _LONGEST_REST)

    def _most_wanted(self) -> Limits | None:
        """The shape of which a box is to be made next: one that somebody waits for, else one that runs short."""
        waited_for = [shape for shape, shelf in self._shelves.items() if shelf.wanting]
        if waited_for:
            self._make_room()
            return min(waited_for, key=lambda shape: self._shelves[shape].waits_until)
        if self._ahead is not None and self._ahead <= 0:
            return None
        short = [shape for shape, shelf in self._shelves.items() if shelf.coming < self._target]
        latest = max(short, key=lambda shape: self._shelves[shape].asked, default=None)
        return latest if latest is not None and self._may_refill(self._shelves[latest]) else None

    def _may_refill(self, shelf: Shelf) -> bool:
        """Whether a box may be made for nobody yet: a refill must not take processor time from those who run."""
        if self.boxes >= self._most:
            return False
        if not self._used and self._clock() - self._last_use >= QUIET:
            return self._being_made < max(1, self._cores // 2)
        # The next one would have to wait for a whole new box, which costs it more than this costs the others.
        return shelf.coming == 0 and len(self._used) + self._being_made < self._cores

    def _make_room(self) -> None:
        """Throw away a box that nobody waits for, where there are as many as there may be."""
        if self.boxes >= self._most:
            full = [shelf for shelf in self._shelves.values() if len(shelf)]
            if full and (box := min(full, key=lambda shelf: shelf.asked).take()):
                _discard((box,), why="room")

    def _start_looking(self) -> None:
        if self._looking is None:
            self._looking = asyncio.create_task(self._keep_looking(), name="look after the boxes")

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(LOOKING)
            self.look()


def _discard(boxes: Iterable[ReadyBox], *, why: str) -> None:
    for box in boxes:
        box.discard()
        log.info("unused_box_removed", box=box.id, why=why)
