"""More work than can be done at once: it waits in turn, is told how long the queue is, and may leave it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from fastmcp import Client
from fastmcp.exceptions import ToolError
from mcp.types import Implementation

from engine.desk import Desk
from engine.settings import Settings
from server import create_server
from tests.server.conftest import engine_of, served
from tests.server.double import BROKEN, ENDLESS, TESTS, RehearsedMendbox

QUEUED = 20
MANY = 200
PATIENCE = 60
"""Seconds after which a test gives up waiting for what has to come."""


def a_desk(*, most_runs: int = MANY, answer_seconds: float = 45) -> Desk:
    """One run at a time."""
    return Desk(Settings(parallel_runs=1), engine=RehearsedMendbox, answer_seconds=answer_seconds, most_runs=most_runs)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    desk = a_desk()
    async with desk.open():
        yield desk


def named(address: str, era: str, name: str) -> Client:
    return Client(f"{address}/mcp", mode=era, client_info=Implementation(name=name, version="1"))


async def started(client: Client, code: str = ENDLESS) -> str:
    answer = await client.call_tool("start_run", {"code": code, "error_message": "", "tests": TESTS})
    return answer.structured_content["run_id"]


async def before(client: Client, *runs: str) -> list[int | None]:
    """How many runs are before each of *runs*."""
    answers = [await client.call_tool("get_run", {"run_id": run}) for run in runs]
    return [answer.structured_content["runs_before"] for answer in answers]


async def test_a_client_with_one_run_does_not_wait_for_all_of_a_client_with_twenty(era: str) -> None:
    """It is served after the one that is at work, over HTTP and whatever the protocol tells of who asks."""
    desk = a_desk()
    async with served(desk) as address, named(address, era, "ann") as ann, named(address, era, "bob") as bob:
        first, *queued = [await started(ann) for _ in range(1 + QUEUED)]
        alone = await before(ann, *queued)
        only = await started(bob, BROKEN)
        together = await before(ann, only, *queued)

        await ann.call_tool("cancel_run", {"run_id": first})
        done = await bob.call_tool("get_run", {"run_id": only, "wait_seconds": 45})
        later = await before(ann, *queued)

    assert alone == list(range(QUEUED))
    assert together == list(range(1 + QUEUED))
    assert done.structured_content["outcome"] == "verified"
    assert later == [None, *range(QUEUED - 1)]


async def test_the_place_in_the_queue_is_told_and_counts_down(desk: Desk, era: str) -> None:
    """To whoever follows the run, and to whoever only asks for it from time to time."""
    told = asyncio.Queue[str | None]()
    heard: list[str | None] = []

    async def watch(progress: float, total: float | None, message: str | None) -> None:
        told.put_nowait(message)

    async def hear(message: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while message not in heard:
                heard.append(await told.get())

    async with Client(create_server(desk), mode=era) as client:
        at_work, second, third = [await started(client) for _ in range(3)]
        fixing = asyncio.create_task(
            client.call_tool(
                "auto_fix_code", {"code": BROKEN, "error_message": "", "tests": TESTS}, progress_handler=watch
            )
        )
        await hear("waiting for a box: 2 before this one")
        looked = await client.call_tool("get_run", {"run_id": third})
        for run, message in (
            (second, "waiting for a box: 1 before this one"),
            (third, "waiting for a box: 0 before this one"),
            (at_work, "no longer waiting for a box"),
        ):
            await client.call_tool("cancel_run", {"run_id": run})
            await hear(message)
        fixed = await fixing

    assert looked.structured_content["status"] == "running"
    assert looked.structured_content["summary"] == "waiting for a box: 1 before this one"
    assert looked.structured_content["runs_before"] == 1
    assert fixed.structured_content["outcome"] == "verified"
    assert fixed.structured_content["runs_before"] is None
    assert fixed.structured_content["summary"] == "Mended in one attempt."


async def test_a_run_that_is_looked_at_says_what_happened_last(desk: Desk, era: str) -> None:
    """Who only polls sees as much as who follows it."""
    async with Client(create_server(desk), mode=era) as client:
        run = await started(client)
        await engine_of(desk).working.acquire()
        looked = await client.call_tool("get_run", {"run_id": run})

    assert looked.structured_content["summary"] == "rehearsed: 2 of 3 ideas tried"
    assert looked.structured_content["runs_before"] is None


async def test_a_cancelled_run_leaves_the_queue_at_once(desk: Desk, era: str) -> None:
    """Those behind it move up, and it never has a box."""
    async with Client(create_server(desk), mode=era) as client:
        at_work, second, third = [await started(client) for _ in range(3)]

        cancelled = await client.call_tool("cancel_run", {"run_id": second})
        left = await before(client, second, third)
        await client.call_tool("cancel_run", {"run_id": at_work})

        assert cancelled.structured_content["outcome"] == "cancelled"
        assert left == [None, 0]
        assert f"cancelled {second}" in engine_of(desk).log
        async with asyncio.timeout(PATIENCE):
            for _ in range(2):
                await engine_of(desk).working.acquire()
        assert engine_of(desk)._turns.waiting == 0


async def test_a_caller_that_gives_up_leaves_the_queue(desk: Desk, era: str) -> None:
    """Its own time-out is such a cancel, for a run as for a plain call."""
    async with Client(create_server(desk), mode=era) as client:
        await started(client)
        for tool, arguments in (("auto_fix_code", {"error_message": ""}), ("run_code", {})):
            with pytest.raises(Exception, match=r"(?i)timed out|time-?out"):
                await client.call_tool(tool, {"code": BROKEN, **arguments}, timeout=0.5)
        behind = await started(client)

        assert await before(client, behind) == [0]


@pytest.mark.parametrize("tool", ["check_code", "run_code"])
async def test_a_call_that_would_wait_too_long_is_told_its_place_and_what_to_do(era: str, tool: str) -> None:
    """It has no id to come back with, so it leaves the queue."""
    desk = a_desk(answer_seconds=0.3)
    async with desk.open(), Client(create_server(desk), mode=era) as client:
        await started(client)
        await started(client)

        with pytest.raises(ToolError, match=r"no box was free .* within 0.3 s.* before it: 1 .*start_run"):
            await client.call_tool(tool, {"code": BROKEN})

        assert engine_of(desk)._turns.waiting == 1


async def test_what_is_taken_has_a_bound_that_is_told(era: str) -> None:
    """Runs and calls are counted alike; a place that is free again can be used at once."""
    desk = a_desk(most_runs=16)
    async with desk.open(), Client(create_server(desk), mode=era) as client:
        runs = [await started(client) for _ in range(9)]

        for tool, arguments in (
            ("start_run", {"code": BROKEN, "error_message": ""}),
            ("auto_fix_code", {"code": BROKEN, "error_message": ""}),
            ("check_code", {"code": BROKEN}),
            ("run_code", {"code": BROKEN}),
        ):
            with pytest.raises(ToolError, match=r"at most 16 runs at a time.* of the 9 .*cancel_run"):
                await client.call_tool(tool, arguments)
        for run in runs:
            await client.call_tool("cancel_run", {"run_id": run})
        result = await client.call_tool("auto_fix_code", {"code": BROKEN, "error_message": "", "tests": TESTS})

        assert result.structured_content["outcome"] == "verified"


async def test_a_run_that_could_not_begin_takes_no_place(desk: Desk, era: str) -> None:
    """However often somebody tries."""
    async with Client(create_server(desk), mode=era) as client:
        for _ in range(MANY):
            with pytest.raises(ToolError, match="no author is called"):
                await client.call_tool("start_run", {"code": "# refused\nx = 1\n", "error_message": ""})

        assert await started(client)


async def test_names_that_a_client_makes_up_are_a_few_tenants(era: str) -> None:
    """Twenty sessions, each by another name, do not have twenty turns for one of somebody else."""
    desk = a_desk()
    async with served(desk) as address:
        for number in range(QUEUED):
            async with named(address, era, f"made up {number}") as client:
                await started(client)

        tenants = engine_of(desk).tenants

    assert len(tenants) == QUEUED
    assert len(set(tenants)) == 8


async def test_calls_of_one_client_are_one_tenants(era: str) -> None:
    """Also at the same time, when each comes by a connection of its own."""
    desk = a_desk()
    async with served(desk) as address, named(address, era, "ann") as ann, named(address, era, "bob") as bob:
        await asyncio.gather(*(started(ann) for _ in range(10)))
        anns = set(engine_of(desk).tenants)
        await started(bob)

        assert len(anns) == 1
        assert engine_of(desk).tenants[-1] not in anns


async def test_a_server_that_ends_empties_the_queue(era: str) -> None:
    """Every run that waits is cancelled, none of them begins, and a call that waits is told."""
    desk = a_desk()
    async with desk.open(), Client(create_server(desk), mode=era) as client:
        runs = [await started(client) for _ in range(50)]
        calling = asyncio.create_task(client.call_tool("run_code", {"code": BROKEN}))
        async with asyncio.timeout(PATIENCE):
            while engine_of(desk)._turns.waiting < len(runs):  # noqa: ASYNC110 (nobody is told of the last one)
                await asyncio.sleep(0)

        await desk.stop()

        assert {(await desk.get(run)).outcome for run in runs} == {"cancelled"}
        assert engine_of(desk).log.count("at work") == engine_of(desk).log.count("box removed") == 1
        with pytest.raises(ToolError, match="the server is ending, and stopped this call"):
            await calling
