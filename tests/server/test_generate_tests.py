"""`generate_tests`: tests for a client, with what they are worth; its own model is asked where it lends that."""

from __future__ import annotations

import asyncio

import pytest
from fastmcp import Client
from fastmcp.exceptions import ToolError
from fastmcp_tasks import call_tool_task

from engine.desk import Desk
from server import create_server
from tests.server.conftest import engine_of, through
from tests.server.double import BROKEN, ENDLESS, HOPELESS, TESTS, RehearsedMendbox, settings


async def test_tests_come_with_what_they_are_worth(client: Client, desk: Desk) -> None:
    """Type, framework and author are told; what looks like a bug is a list beside, on one line each."""
    result = await client.call_tool(
        "generate_tests",
        {"code": BROKEN, "test_type": "property", "framework": "unittest", "goal": "adds", "seconds": 5},
    )

    answer = result.structured_content
    assert answer["tests"] == TESTS
    assert (answer["test_type"], answer["framework"], answer["author"]) == ("property", "unittest", "offline")
    assert (answer["mutation_score"], answer["mutants"], answer["branch_coverage"]) == (0.6667, 3, None)
    assert answer["survivors"] == [{"name": "x", "diff": "-a"}]
    assert answer["suspected_bugs"][0]["detail"] == "by zero"
    assert answer["dropped"] == [{"what": "2 calls", "why": "alike"}]
    assert answer["not_shown"] == ["all"]
    assert engine_of(desk).log[-1] == "tests property unittest adds 5"


async def test_progress_is_told_while_it_goes_on(era: str) -> None:
    """And a call that is given up stops the work: nothing goes on for nobody."""
    told = asyncio.Queue[str | None]()

    async def heard(progress: float, total: float | None, message: str | None) -> None:
        told.put_nowait(message)

    desk = Desk(settings(), engine=RehearsedMendbox, answer_seconds=6)
    async with desk.open(), Client(create_server(desk), mode=era) as client:
        with pytest.raises(ToolError, match="this took longer than 6 s"):
            await client.call_tool("generate_tests", {"code": ENDLESS}, progress_handler=heard)
        again = await client.call_tool("generate_tests", {"code": BROKEN})

    assert "tester: 12 calls are worth trying" in [told.get_nowait() for _ in range(told.qsize())]
    assert again.structured_content["cases"] == 1


async def test_a_call_without_an_id_keeps_within_the_time_of_an_answer(client: Client, desk: Desk) -> None:
    """However long the caller would wait, clients cut off what takes longer."""
    await client.call_tool("generate_tests", {"code": BROKEN, "seconds": 500})

    assert engine_of(desk).log[-1] == "tests unit pytest  11"


async def test_what_cannot_be_written_is_told_in_a_sentence(client: Client) -> None:
    """With what there is instead; a type that is not known does not reach the engine."""
    with pytest.raises(ToolError, match="these are Python files"):
        await client.call_tool("generate_tests", {"code": BROKEN, "framework": "vitest"})
    with pytest.raises(ToolError, match="unit"):
        await client.call_tool("generate_tests", {"code": BROKEN, "test_type": "smoke"})


async def test_tests_that_are_too_long_for_an_answer_are_not_cut_in_the_middle(client: Client) -> None:
    """Half a file would be no file."""
    result = await client.call_tool("generate_tests", {"code": HOPELESS})

    assert result.structured_content["tests"] == ""
    assert "ask for fewer files" in result.structured_content["reason"]


@pytest.mark.parametrize("transport", ["http", "stdio"])
async def test_a_client_lends_its_model_to_the_tester(transport: str, era: str) -> None:
    """By whichever way the connection has; its answer names the model."""
    asked = []

    async def model(messages, params, context):
        asked.append(messages[0].content.text)
        return "a file of tests"

    async with through(transport, era, sampling_handler=model) as client:
        result = await client.call_tool("generate_tests", {"code": BROKEN})

    assert asked == ["what would you test?"]
    assert result.structured_content["author"] == "client"
    assert result.structured_content["model"]


async def test_where_the_user_says_no_it_goes_on_without(desk: Desk) -> None:
    """Where the protocol carries the refusal."""

    async def model(messages, params, context):
        raise RuntimeError("the user said no")

    async with Client(create_server(desk), mode="legacy", sampling_handler=model) as client:
        result = await client.call_tool("generate_tests", {"code": BROKEN})

    assert result.structured_content["author"] == "offline"


async def test_in_the_background_it_may_take_as_long_as_it_is_given(tasking: None, desk: Desk) -> None:
    """For a client that knows of tasks."""
    async with Client(create_server(desk)) as client:
        task = await call_tool_task(client, "generate_tests", {"code": BROKEN, "seconds": 300})
        result = await task.result()

    assert result.structured_content["tests"] == TESTS
    assert engine_of(desk).log[-1] == "tests unit pytest  300"
