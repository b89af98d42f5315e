"""The queue with real boxes: two clients of one server, of whom one has lined up twenty runs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from docker import DockerClient
from fastmcp import Client
from mcp.types import Implementation

from engine.desk import Desk
from engine.journal import Journal
from engine.settings import Settings
from sandboxes import owner
from sandboxes.hardening import LABEL, OWNER_LABEL
from tests.server.conftest import served

pytestmark = pytest.mark.docker

QUEUED = 20
PATIENCE = 300
"""Seconds after which a test gives up waiting for what has to come."""
RIGHT = "def double(number):\n    return 2 * number\n"
TESTS = "from solution import double\n\n\ndef test_it():\n    assert double(4) == 8\n"
SLEEPY = "import time\n\nfrom solution import double\n\n\ndef test_it():\n    time.sleep(600)\n"


def a_desk(folder: Path, image: str) -> Desk:
    """One run has boxes at a time; what it is at work on does not end by itself while a test goes on."""
    return Desk(Settings(data_dir=folder, image=image, boxes=2, pool=1, test_seconds=PATIENCE, seconds=2 * PATIENCE))


def named(address: str, name: str) -> Client:
    return Client(f"{address}/mcp", client_info=Implementation(name=name, version="1"))


async def started(client: Client, number: int, tests: str = TESTS) -> str:
    """A run of code of its own, which was not judged before."""
    code = f"{RIGHT}# {number}\n"
    answer = await client.call_tool("start_run", {"code": code, "error_message": "", "tests": tests})
    return answer.structured_content["run_id"]


async def place(client: Client, run: str, *, wait: float = 0) -> dict[str, object]:
    return (await client.call_tool("get_run", {"run_id": run, "wait_seconds": wait})).structured_content


async def until(client: Client, run: str, before: int | None) -> None:
    """*run* waits with so many runs before it; with None, its end."""
    waits = False
    async with asyncio.timeout(PATIENCE):
        while True:
            seen = await place(client, run, wait=0.1)
            if seen["status"] == "ended" if before is None else seen["runs_before"] == before:
                return
            # what has had its turn never comes to that place
            assert before is None or not waits or seen["runs_before"] is not None, seen
            waits |= seen["runs_before"] is not None


def boxes(engine: DockerClient) -> int:
    ours = [LABEL, f"{OWNER_LABEL}={owner.current().label}"]
    return len(engine.api.containers(all=True, filters={"label": ours}))


async def test_one_run_does_not_wait_for_the_twenty_of_somebody_else(tmp_path: Path, sandbox_image: str) -> None:
    """It has its turn after the one run that is at work: any other would never let it go."""
    async with (
        served(a_desk(tmp_path, sandbox_image)) as address,
        named(address, "ann") as ann,
        named(address, "bob") as bob,
    ):
        at_work, *queued = [await started(ann, number, SLEEPY) for number in range(1 + QUEUED)]
        await until(ann, queued[-1], QUEUED - 1)
        only = await started(bob, -1)
        await until(bob, only, 0)
        behind = (await place(ann, queued[0]))["runs_before"]

        await ann.call_tool("cancel_run", {"run_id": at_work})
        await until(bob, only, None)
        await until(ann, queued[1], 0)
        done = await place(bob, only)

    assert behind == 1
    assert done["outcome"] == "unverified"
    assert "nothing shows that anything is wrong" in str(done["summary"])


async def test_a_queued_run_that_is_cancelled_leaves_and_the_rest_goes_with_the_server(
    engine: DockerClient, tmp_path: Path, sandbox_image: str
) -> None:
    """None of them was judged, no box is left, and the journal knows how each of them ended."""
    desk = a_desk(tmp_path, sandbox_image)
    async with served(desk) as address, named(address, "ann") as ann:
        at_work = await started(ann, 0, SLEEPY)
        queued = [await started(ann, 1 + number) for number in range(QUEUED)]
        await until(ann, queued[-1], QUEUED - 1)

        cancelled = (await ann.call_tool("cancel_run", {"run_id": queued[0]})).structured_content
        await until(ann, queued[-1], QUEUED - 2)

    assert cancelled["outcome"] == "cancelled"
    assert boxes(engine) == 0
    journal = await Journal.open(tmp_path)
    try:
        runs = [await journal.load(run) for run in (at_work, *queued)]
    finally:
        await journal.close()
    assert {run.outcome for run in runs} == {"cancelled"}
    assert all(run.baseline is None for run in runs)
