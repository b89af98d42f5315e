"""JavaScript over MCP: its environment is made once, waited for within the call's time, and never in Python's way."""

from __future__ import annotations

import asyncio

import pytest
from fastmcp import Client

from engine.desk import Desk
from engine.errors import NotNow
from sandboxes.errors import SandboxUnavailable
from server import create_server
from tests.server.conftest import engine_of
from tests.server.double import RehearsedMendbox, settings

CALL = {"code": "console.log(1)", "language": "javascript"}


async def test_it_is_run_by_node_in_its_own_environment(client: Client, desk: Desk) -> None:
    """Which is made at the first use, and not again; Python's calls have none of it."""
    first = await client.call_tool("run_code", CALL)
    second = await client.call_tool("run_code", CALL)
    other = await client.call_tool("run_code", {"code": "print(1)"})

    assert first.structured_content["stdout"] == second.structured_content["stdout"] == "nodenode solution.js|"
    assert other.structured_content["stdout"] == "python solution.py|"
    assert engine_of(desk).log.count("made node") == 1


async def test_a_run_in_javascript_has_that_environment(client: Client, desk: Desk) -> None:
    """And its language."""
    answer = await client.call_tool("start_run", {**CALL, "error_message": "it fails"})
    run = await desk.get(answer.structured_content["run_id"])

    assert (run.task.language, run.task.limits.environment) == ("javascript", "node")


async def test_an_environment_that_takes_long_is_not_waited_for_in_vain() -> None:
    """The call says so in time, the making goes on, and the next one finds it."""

    class Slow(RehearsedMendbox):
        async def node(self) -> str:
            await may_end.wait()
            return await super().node()

    may_end = asyncio.Event()
    desk = Desk(settings(), engine=Slow, answer_seconds=0.05)
    async with desk.open():
        with pytest.raises(NotNow, match="is being built"):
            await desk.environment("javascript")
        may_end.set()
        made = None
        while made is None:
            try:
                made = await desk.environment("javascript")
            except NotNow:
                continue

        assert made == "node"
        assert engine_of(desk).log.count("made node") == 1


async def test_an_environment_that_cannot_be_made_is_tried_again(desk: Desk) -> None:
    """What was wrong may be mended meanwhile."""
    engine_of(desk).unreachable = True
    with pytest.raises(SandboxUnavailable):
        await desk.environment("javascript")
    engine_of(desk).unreachable = False

    assert await desk.environment("javascript") == "node"


async def test_an_environment_in_the_making_does_not_hold_up_the_end() -> None:
    """It is given up with the runs."""

    class Endless(RehearsedMendbox):
        async def node(self) -> str:
            return await asyncio.Future()

    desk = Desk(settings(), engine=Endless, answer_seconds=0.05)
    async with desk.open(), Client(create_server(desk)) as client:
        said = await client.call_tool("run_code", CALL, raise_on_error=False)

    assert "try again in a minute" in said.content[0].text
