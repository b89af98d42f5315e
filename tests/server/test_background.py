"""The tasks extension as a second front: a call in the background is a run like any other, found again by either id."""

from __future__ import annotations

import asyncio

import pytest
from fastmcp import Client
from fastmcp_tasks import call_tool_task

from engine.desk import Desk
from engine.domain import Task
from server import create_server
from tests.server.conftest import engine_of, served
from tests.server.double import BROKEN, ENDLESS, MENDED, TESTS, RehearsedMendbox, settings

CALL = {"code": BROKEN, "error_message": "", "tests": TESTS}
FOR_EVER = {"code": ENDLESS, "error_message": ""}

pytestmark = pytest.mark.usefixtures("tasking")


async def a_desk() -> Desk:
    return Desk(settings(), engine=RehearsedMendbox, answer_seconds=20)


async def test_a_task_brings_the_answer_of_its_run(desk: Desk) -> None:
    """The same answer as the plain call's, under an id by which get_run and list_runs know it too."""
    async with Client(create_server(desk)) as client:
        task = await call_tool_task(client, "auto_fix_code", CALL)
        answer = await task.result()
        run_id = answer.structured_content["run_id"]
        found = await client.call_tool("get_run", {"run_id": run_id})
        listed = await client.call_tool("list_runs")

    assert answer.structured_content["code"] == MENDED
    assert found.structured_content == answer.structured_content
    assert [run["run_id"] for run in listed.structured_content["runs"]] == [run_id]


async def test_a_task_tells_how_far_it_is(desk: Desk) -> None:
    """In its status, which is all that the protocol has for it."""
    async with Client(create_server(desk)) as client:
        task = await call_tool_task(client, "auto_fix_code", FOR_EVER)
        await engine_of(desk).working.acquire()
        status = await task.status()
        while not status.status_message:
            status = await task.status()

    assert status.status == "working"
    assert status.status_message


async def test_to_cancel_a_task_cancels_its_run(desk: Desk) -> None:
    """And its box is removed."""
    async with Client(create_server(desk)) as client:
        task = await call_tool_task(client, "auto_fix_code", FOR_EVER)
        await engine_of(desk).working.acquire()
        await task.cancel()
        (run,) = (await client.call_tool("list_runs")).structured_content["runs"]
        ended = await client.call_tool("get_run", {"run_id": run["run_id"], "wait_seconds": 5})

    assert ended.structured_content["outcome"] == "cancelled"
    assert engine_of(desk).log[-1] == "box removed"


async def test_a_client_that_lends_its_model_is_answered_in_the_foreground(desk: Desk) -> None:
    """So that its model can be asked."""

    async def model(messages, params, context):
        return "yes"

    async with Client(create_server(desk), sampling_handler=model) as client:
        answer = await client.call_tool("auto_fix_code", {"code": "# borrows\n" + BROKEN, "error_message": ""})

    assert answer.structured_content["outcome"] == "verified"
    assert answer.structured_content["run_id"] == "run-0001"


async def test_a_task_that_is_delivered_twice_is_one_run(desk: Desk) -> None:
    """While it goes on, and when it has ended."""
    task = Task(files={"a.py": BROKEN})
    for _ in range(2):
        await desk.take_up(task, run_id="task-1", client="c")
    run = await desk.follow("task-1", silent, seconds=5)
    await desk.take_up(task, run_id="task-1", client="c")

    assert run.outcome == "verified"
    assert engine_of(desk).fresh == [False]


async def test_a_task_whose_process_died_goes_on_where_it_was(desk: Desk) -> None:
    """From its journal, and not from its beginning."""
    engine_of(desk).add_interrupted("task-2", Task(files={"a.py": BROKEN}))

    await desk.take_up(Task(files={"a.py": BROKEN}), run_id="task-2", client="c")
    run = await desk.follow("task-2", silent, seconds=5)

    assert run.outcome == "verified"
    assert "resumed task-2" in engine_of(desk).log


async def test_a_task_that_another_process_is_at_work_on_is_waited_for(desk: Desk) -> None:
    """Nothing is begun a second time; what comes of it is told as soon as it is known."""
    engine_of(desk).add_foreign("task-3")

    await desk.take_up(Task(files={}), run_id="task-3", client="c")
    following = asyncio.create_task(desk.follow("task-3", silent, seconds=30))
    await asyncio.sleep(0)
    engine_of(desk).end_foreign("task-3")
    run = await following

    assert run.status == "ended"
    assert engine_of(desk).fresh == []


async def test_a_task_over_http_is_its_owners(era: str) -> None:
    """What began in the background is found by whoever may find it in the foreground."""
    desk = await a_desk()
    async with served(desk) as address, Client(f"{address}/mcp", mode=era) as client:
        answer = await client.call_tool("auto_fix_code", CALL)
        found = await client.call_tool("get_run", {"run_id": answer.structured_content["run_id"]})
        listed = await client.call_tool("list_runs")

    assert found.structured_content["outcome"] == "verified"
    assert len(listed.structured_content["runs"]) == 1


async def silent(event: object, seconds: float) -> None:
    """Tells nobody."""
