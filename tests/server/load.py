"""How many calls at once, and how many in a row, one process bears over HTTP: `python -m tests.server.load [CALLS]`.

Starts a rehearsed server as a process of its own. First 300 calls come at once; then CALLS calls of `get_run`, 10,000 by
default, 20 at a time. At last 300 calls wait for one run while somebody asks for another, call after call, until the run is
stopped. Tells how many were answered, how long they took, and what the server's memory did; ends with 1 where
one got no answer or the memory grew.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
from fastmcp import Client

from tests.server.access.by_hand import headers_of, message_of
from tests.server.access.wires import address_in
from tests.server.conftest import ROOT
from tests.server.double import BROKEN, ENDLESS, TESTS

AT_ONCE = 300
CALLS = 10_000
LANES = 20
ASKED_BESIDE = 200
GROWTH_MIB = 32.0
"""What the memory may have grown by between the first tenth of the calls and the last."""


VERIFIED, NO_FIX, CANCELLED = (f'"outcome":"{outcome}"' for outcome in ("verified", "no_fix", "cancelled"))


class Visit(NamedTuple):
    looked: bool
    judged: bool
    put_off: bool
    """Told that there are as many runs as the server takes, and when to try again."""


class Borne(NamedTuple):
    visits: tuple[Visit, ...]
    """Of clients that came at once."""
    seconds_at_once: float
    calls: int
    answered: int
    p50: float
    p95: float
    """Seconds of a `get_run` with `LANES` going on."""
    per_second: float
    released: int
    """Calls that waited for a run until it was stopped, and were told so."""
    p95_beside: float
    """Seconds of a `get_run`, one at a time, while those waited."""
    memory_mib: tuple[float, float]
    """The server's resident memory after the first tenth of the calls, and after the last."""

    @property
    def grown_mib(self) -> float:
        return self.memory_mib[1] - self.memory_mib[0]

    @property
    def well(self) -> bool:
        all_answered = all(visit.looked and visit.judged != visit.put_off for visit in self.visits)
        every_wait_ended = self.released == len(self.visits)
        return all_answered and every_wait_ended and self.answered == self.calls and self.grown_mib < GROWTH_MIB


async def bear(folder: Path, *, at_once: int = AT_ONCE, calls: int = CALLS) -> Borne:
    async with server(folder) as (url, pid), AsyncExitStack() as clients:
        client = await clients.enter_async_context(Client(url))
        started = await client.call_tool("start_run", {"code": BROKEN, "error_message": "", "tests": TESTS})
        run_id = started.structured_content["run_id"]
        await client.call_tool("get_run", {"run_id": run_id, "wait_seconds": 20})

        limits = httpx2.Limits(max_connections=at_once)
        web = await clients.enter_async_context(httpx2.AsyncClient(timeout=240, limits=limits))
        began = time.perf_counter()
        visits = await asyncio.gather(*(visit(web, url, run_id) for _ in range(at_once)))
        seconds_at_once = time.perf_counter() - began

        taken: list[float] = []
        memory: list[float] = []
        left = iter(range(calls))

        async def lane() -> None:
            for number in left:
                before = time.perf_counter()
                if VERIFIED in await call(web, url, "get_run", {"run_id": run_id}):
                    taken.append(time.perf_counter() - before)
                if number == calls // 10:
                    memory.append(resident_mib(pid))

        began = time.perf_counter()
        await asyncio.gather(*(lane() for _ in range(LANES)))
        seconds = time.perf_counter() - began
        memory.append(resident_mib(pid))
        released, beside = await ask_beside(client, url, run_id, waiting=at_once)
    taken.sort()
    beside.sort()
    return Borne(
        visits=tuple(visits),
        seconds_at_once=seconds_at_once,
        calls=calls,
        answered=len(taken),
        p50=taken[len(taken) // 2],
        p95=taken[len(taken) * 95 // 100],
        per_second=calls / seconds,
        released=released,
        p95_beside=beside[len(beside) * 95 // 100],
        memory_mib=(memory[0], memory[-1]),
    )


async def ask_beside(client: Client[Any], url: str, run_id: str, *, waiting: int) -> tuple[int, list[float]]:
    """How many of the calls that waited for a run heard of its end, and the seconds of each call beside them."""
    endless = await client.call_tool("start_run", {"code": ENDLESS, "error_message": ""})
    wait = {"run_id": endless.structured_content["run_id"], "wait_seconds": 45}
    taken = []
    async with httpx2.AsyncClient(timeout=240, limits=httpx2.Limits(max_connections=waiting + 1)) as web:
        waits = [asyncio.create_task(call(web, url, "get_run", wait)) for _ in range(waiting)]
        for _ in range(ASKED_BESIDE):
            before = time.perf_counter()
            if VERIFIED in await call(web, url, "get_run", {"run_id": run_id}):
                taken.append(time.perf_counter() - before)
        await client.call_tool("cancel_run", {"run_id": wait["run_id"]})
        ended = await asyncio.gather(*waits)
    return sum(CANCELLED in answer for answer in ended), taken


async def visit(web: httpx2.AsyncClient, url: str, run_id: str) -> Visit:
    """On a connection of its own, somebody looks at the run and wants code judged."""
    looked = await call(web, url, "get_run", {"run_id": run_id})
    judged = await call(web, url, "check_code", {"code": BROKEN, "tests": TESTS})
    return Visit(looked=VERIFIED in looked, judged=NO_FIX in judged, put_off="try again in a minute" in judged)


async def call(web: httpx2.AsyncClient, url: str, tool: str, arguments: dict[str, str]) -> str:
    message = message_of("tools/call", {"name": tool, "arguments": arguments})
    answer = await web.post(url, headers=headers_of("tools/call", name=tool), json=message)
    return answer.text.replace('\\"', '"') if answer.status_code == 200 else ""


@asynccontextmanager
async def server(folder: Path) -> AsyncIterator[tuple[str, int]]:
    env = {**os.environ, "MENDBOX_DATA_DIR": str(folder / "data")}
    program = [sys.executable, "-m", "tests.server.rehearsal", "127.0.0.1:0"]
    with (folder / "stderr").open("wb") as stderr:
        process = await asyncio.create_subprocess_exec(*program, cwd=ROOT, env=env, stderr=stderr)
        try:
            yield await address_in(folder / "stderr"), process.pid
        finally:
            process.terminate()
            await process.wait()


def resident_mib(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1_024
    return 0.0


def main() -> int:
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else CALLS
    with tempfile.TemporaryDirectory() as folder:
        borne = asyncio.run(bear(Path(folder), calls=calls))
    looked, judged, put_off = (sum(one) for one in zip(*borne.visits, strict=True))
    print(
        f"{len(borne.visits)} at once: {looked} saw the run, {judged} had their code judged and {put_off} were told to "
        f"come back, in {borne.seconds_at_once:.1f} s"
    )
    print(
        f"get_run: {borne.answered:,} of {borne.calls:,} answered, {LANES} at a time, {borne.per_second:.0f} a second, "
        f"p50 {borne.p50 * 1_000:.0f} ms, p95 {borne.p95 * 1_000:.0f} ms"
    )
    print(
        f"{borne.released} calls waited for a run until it was stopped; `get_run` beside them, one at a time: "
        f"p95 {borne.p95_beside * 1_000:.0f} ms"
    )
    first, last = borne.memory_mib
    print(f"memory: {first:.0f} MiB after the first tenth, {last:.0f} MiB after the last ({borne.grown_mib:+.1f} MiB)")
    return 0 if borne.well else 1


if __name__ == "__main__":
    raise SystemExit(main())
