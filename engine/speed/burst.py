"""Many requests in one moment: are all answers right, how much memory does it take, and is anything left?"""

from __future__ import annotations

import asyncio
import time

from engine.speed.contender import Contender
from engine.speed.engine_room import EngineRoom
from engine.speed.machine import memory_watched
from engine.speed.ours import Verdicts
from engine.speed.result import Burst
from engine.speed.suites import Suite
from sandboxes.errors import SandboxError

_LOOKS = 10


async def burst(room: EngineRoom, suite: Suite, *, requests: int) -> Burst:
    """Half of them hand in code that is right, half of them code that is not: a right answer is the one that fits.

    They go through a pool of their own, so that nothing may be left of it when it is closed.
    """
    await room.refilled()
    before = await asyncio.to_thread(room.containers)
    async with room.another_pool() as pool, memory_watched() as peak:
        started = time.perf_counter()
        right = await _all(Verdicts(room, warm=True, pool=pool), suite, requests)
        seconds = time.perf_counter() - started
    left = await _more_than(before, room)
    return Burst(
        requests=requests,
        right=right,
        seconds=round(seconds, 3),
        before_mib=round(peak.before_mib, 1),
        peak_mib=round(peak.most_mib, 1),
        left_behind=left,
    )


async def _more_than(before: int, room: EngineRoom) -> int:
    """How many more containers there are. The room's own pool may just be replacing a box, so it is looked at again."""
    more = await asyncio.to_thread(room.containers) - before
    for _ in range(_LOOKS):
        if more <= 0:
            return 0
        await asyncio.sleep(0.5)
        more = await asyncio.to_thread(room.containers) - before
    return max(0, more)


async def _all(contender: Contender, suite: Suite, requests: int) -> int:
    broken = suite.broken()

    async def one(number: int) -> bool:
        try:
            answer = await contender.answer(broken if number % 2 else suite)
        except SandboxError:
            return False
        return not answer.green if number % 2 else answer.is_right(suite)

    return sum(await asyncio.gather(*(one(number) for number in range(requests))))
