"""What a box costs that is made, does nothing, and is removed."""

from __future__ import annotations

import asyncio
import time

from engine.harness import new_run_id
from engine.speed.engine_room import EngineRoom
from engine.speed.machine import cpu_seconds, spent_a_second
from engine.speed.ours import wait_until_removed
from engine.speed.result import Cost, Times


async def box_cost(room: EngineRoom, *, boxes: int) -> Cost:
    """One box after another, made on demand; what the machine spends anyway is told beside, and not taken off."""
    idle = await spent_a_second()
    times = []
    spent = cpu_seconds()
    for _ in range(boxes):
        started = time.perf_counter()
        async with room.cold.open(run_id=new_run_id(), limits=room.settings.limits) as box:
            pass
        await asyncio.to_thread(wait_until_removed, room.client, [box.id])
        times.append(time.perf_counter() - started)
    spent = cpu_seconds() - spent
    async with room.cold.open(run_id=new_run_id(), limits=room.settings.limits) as box:
        stats = await asyncio.to_thread(room.client.api.stats, box.id, stream=False)
    return Cost(
        boxes=boxes,
        cpu_seconds_per_box=round(spent / boxes, 4),
        cpu_seconds_per_second_idle=round(idle, 4),
        resident_mib=round(stats["memory_stats"]["usage"] / (1 << 20), 2),
        open_and_remove=Times.of_seconds(times),
    )
