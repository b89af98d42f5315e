"""What this machine is, what it spends, and how it is kept busy. Everything is read from Linux's /proc."""

from __future__ import annotations

import asyncio
import os
import platform
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from engine.domain import Value

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_LOOK = 0.005
"""Seconds between two looks at the memory of this process."""
_BUSY = """
import os, sys, time
parent, end = os.getppid(), time.monotonic() + float(sys.argv[1])
while time.monotonic() < end and os.getppid() == parent:
    for _ in range(100_000):
        pass
"""


class Machine(Value):
    """What a number can only be compared on."""

    cores: int
    processor: str
    kernel: str
    python: str
    engine: str = ""
    image: str = ""


def this_machine(*, engine: str = "", image: str = "") -> Machine:
    return Machine(
        cores=os.cpu_count() or 1,
        processor=_processor(),
        kernel=platform.release(),
        python=platform.python_version(),
        engine=engine,
        image=image,
    )


def cpu_seconds(proc: Path = Path("/proc")) -> float:
    """Processor seconds that the whole machine has spent working, children that ended and the engine's own included."""
    first = (proc / "stat").read_text(encoding="ascii").split("\n", 1)[0].split()
    user, nice, system, _idle, _waiting, irq, softirq, *_ = map(int, first[1:])
    return (user + nice + system + irq + softirq) / _TICKS


async def spent_a_second(seconds: float = 2.0) -> float:
    """Processor seconds a second that the machine spends while we ask nothing of it."""
    spent, started = cpu_seconds(), time.perf_counter()
    await asyncio.sleep(seconds)
    return (cpu_seconds() - spent) / (time.perf_counter() - started)


def resident_mib() -> float:
    """Memory of this process that is in the machine's memory now."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE / (1 << 20)


class Peak:
    """The most memory this process had while it was watched, and what it had before."""

    def __init__(self) -> None:
        self.before_mib = self.most_mib = resident_mib()

    @property
    def growth_mib(self) -> float:
        return self.most_mib - self.before_mib

    def look(self) -> None:
        self.most_mib = max(self.most_mib, resident_mib())


@asynccontextmanager
async def memory_watched() -> AsyncIterator[Peak]:
    """Look again and again; what is being waited for has to leave the event loop free."""
    peak = Peak()

    async def keep_looking() -> None:
        while True:
            peak.look()
            await asyncio.sleep(_LOOK)

    looking = asyncio.create_task(keep_looking())
    try:
        yield peak
    finally:
        looking.cancel()
        peak.look()


@contextmanager
def kept_busy(seconds: float) -> Iterator[int]:
    """Half of the cores, but at least one, are kept busy by a child each; how many.

    A child ends with the context, with this process, and after *seconds* in any case.
    """
    count = max(1, (os.cpu_count() or 1) // 2)
    children = [
        subprocess.Popen([sys.executable, "-I", "-S", "-c", _BUSY, str(seconds)], stdin=subprocess.DEVNULL)
        for _ in range(count)
    ]
    try:
        time.sleep(0.2)  # until they do keep a core busy
        yield count
    finally:
        for child in children:
            child.kill()
        for child in children:
            child.wait()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
