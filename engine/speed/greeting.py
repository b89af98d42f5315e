"""``print(1)``: what the smallest thing takes, from asking for a box to having its outcome."""

from __future__ import annotations

import subprocess
import sys
import time

from engine.harness import new_run_id
from engine.speed.contender import GIVE_UP, to_the_end
from engine.speed.engine_room import EngineRoom
from engine.speed.ours import wait_until_removed
from engine.speed.result import Greeting, Times
from sandboxes.base import Command

_PROGRAM = {"one.py": b"print(1)\n"}


async def greet(room: EngineRoom, *, rounds: int) -> Greeting:
    """So many times through a box of the pool, and so many times through a new interpreter on the host, in turns."""
    await _once(room)
    await room.refilled()
    ours, host, wrong = [], [], 0
    for _ in range(rounds):
        seconds, said = await _once(room)
        await room.refilled()
        ours.append(seconds)
        wrong += said != "1"
        seconds, said = await to_the_end(_on_the_host)
        host.append(seconds)
        wrong += said != "1"
    return Greeting(warm=Times.of_seconds(ours), host=Times.of_seconds(host), wrong=wrong)


async def _once(room: EngineRoom) -> tuple[float, str]:
    started = time.perf_counter()
    async with room.pool.open(run_id=new_run_id(), limits=room.settings.limits) as box:
        await box.put(_PROGRAM)
        outcome = await box.run(Command(argv=("python", "one.py"), warm=True))
        seconds = time.perf_counter() - started
    await to_the_end(lambda: wait_until_removed(room.client, [box.id]))
    return seconds, outcome.stdout.text.strip()


def _on_the_host() -> tuple[float, str]:
    started = time.perf_counter()
    argv = [sys.executable, "-I", "-c", "print(1)"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=GIVE_UP, check=False)
    return time.perf_counter() - started, done.stdout.strip()
