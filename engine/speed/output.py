"""A program that writes far more than is kept: time, memory of this process, and whether the cut is told."""

from __future__ import annotations

import time

from engine.harness import new_run_id
from engine.speed.engine_room import EngineRoom
from engine.speed.machine import memory_watched
from engine.speed.result import Output
from sandboxes.base import Command

SIZES: tuple[tuple[str, int, bool], ...] = (
    ("1 KB", 1_000, False),
    ("1 MB", 1_000_000, False),
    ("100 MB", 100_000_000, False),
    ("1 GB", 1_000_000_000, False),
    ("one line of 500 MB", 500_000_000, True),
)
"""What it is called, how many bytes, and whether they are a single line."""
_SECONDS = 60.0
_WRITES = b"""import os
import sys

left, piece = int(sys.argv[1]), (b"x" * 79 + (b"x" if sys.argv[2] == "line" else b"\\n")) * 12_500
while left:
    left -= os.write(1, piece[:left])
"""


async def pour(room: EngineRoom, *, what: str, size: int, one_line: bool) -> Output:
    """*size* bytes through a box of the pool."""
    async with room.pool.open(run_id=new_run_id(), limits=room.settings.limits) as box:
        await box.put({"writes.py": _WRITES})
        argv = ("python", "writes.py", str(size), "line" if one_line else "lines")
        async with memory_watched() as peak:
            started = time.perf_counter()
            outcome = await box.run(Command(argv=argv, warm=True, seconds=_SECONDS))
            seconds = time.perf_counter() - started
    await room.refilled()
    return Output(
        what=what,
        bytes=size,
        seconds=round(seconds, 3),
        growth_mib=round(peak.growth_mib, 2),
        counted=outcome.ok and outcome.stdout.total_bytes == size,
        cut=outcome.stdout.truncated,
    )
