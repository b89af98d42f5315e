"""One principal never sees, stops or lists what another's is, by any way in."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any

import pytest
from fastmcp import Client
from fastmcp.exceptions import ToolError
from fastmcp_tasks import call_tool_task
from fastmcp_tasks.client import ToolTask
from mcp import MCPError
from mcp.types import ResourceTemplateReference

from tests.server.access.by_hand import in_session
from tests.server.access.conftest import Served
from tests.server.access.issuer import Issuer
from tests.server.double import ENDLESS

pytestmark = pytest.mark.asyncio(loop_scope="module")

WORK = {"code": ENDLESS, "error_message": ""}
OTHERS = {
    "another person": {"sub": "bob"},
    "a program for her": {"act": {"sub": "agent-7"}},
    "a program of her name": {"azp": "alice", "amr": None},
    "her name at nobody known": {"amr": None},
}


@pytest.mark.parametrize("era", ["auto", "legacy"])
@pytest.mark.parametrize("claims", [pytest.param(claims, id=name) for name, claims in OTHERS.items()])
async def test_a_run_is_there_for_nobody_else(served: Served, issuer: Issuer, claims: dict[str, Any], era: str) -> None:
    """By its id, its beginning, as a resource or in a list, it is as if it were not there; for its own it goes on."""
    async with AsyncExitStack() as clients:
        alice = await clients.enter_async_context(served.client(issuer.token(), era=era))
        other = await clients.enter_async_context(served.client(issuer.token(**claims), era=era))
        run_id = (await alice.call_tool("start_run", WORK)).structured_content["run_id"]

        for tool in ("get_run", "cancel_run"):
            said = await refusal(other, tool, run_id)
            assert said == (await refusal(other, tool, "run-9999")).replace("run-9999", run_id)
        for resource in (f"orchestrator://runs/{run_id}", f"orchestrator://runs/{run_id}/diff"):
            with pytest.raises(MCPError):
                await other.read_resource(resource)
        tools = {tool.name for tool in await other.list_tools()}
        if "list_runs" in tools:
            assert run_id not in str((await other.call_tool("list_runs", {})).structured_content)
            assert run_id in str((await alice.call_tool("list_runs", {})).structured_content)

        assert (await alice.call_tool("get_run", {"run_id": run_id})).structured_content["status"] == "running"
        stopped = await alice.call_tool("cancel_run", {"run_id": run_id})
        assert stopped.structured_content["outcome"] == "cancelled"


async def test_a_person_meets_their_runs_again_by_any_client(served: Served, issuer: Issuer) -> None:
    """The run is the person's, and not the program's that they sat at."""
    async with served.client(issuer.token(azp="desktop")) as first:
        run_id = (await first.call_tool("start_run", WORK)).structured_content["run_id"]
    async with served.client(issuer.token(azp="editor")) as second:
        found = await second.call_tool("cancel_run", {"run_id": run_id})

    assert found.structured_content["outcome"] == "cancelled"


async def test_a_session_is_its_owners(served: Served, issuer: Issuer) -> None:
    """Whoever learns the id of a session cannot go on with it."""
    session, _ = await in_session(served.url, issuer.token(), None)
    _, own = await in_session(served.url, issuer.token(), session)
    _, foreign = await in_session(served.url, issuer.token(sub="bob"), session)

    assert own == 200
    assert foreign in {403, 404}


@pytest.mark.usefixtures("tasking")
async def test_a_task_is_there_for_nobody_else(served: Served, issuer: Issuer) -> None:
    """Whoever learns its id cannot look at it or stop it; its owner can."""
    async with served.client(issuer.token()) as alice, served.client(issuer.token(sub="bob")) as bob:
        task = await call_tool_task(alice, "auto_fix_code", WORK)
        foreign = ToolTask(bob, "auto_fix_code", task.create_result)
        for look in (foreign.status, foreign.cancel):
            with pytest.raises(MCPError):
                await look()
        status = await task.status()
        await task.cancel()

    assert status.status == "working"


@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_no_run_of_anybody_else_is_offered_for_completion(served: Served, issuer: Issuer, era: str) -> None:
    """Nobody learns by typing which runs there are."""
    ref = ResourceTemplateReference(type="ref/resource", uri="orchestrator://runs/{run_id}")
    async with (
        served.client(issuer.token(sub="carol"), era=era) as carol,
        served.client(issuer.token(sub="dave"), era=era) as dave,
    ):
        run_id = (await carol.call_tool("start_run", WORK)).structured_content["run_id"]
        own = await carol.complete(ref, {"name": "run_id", "value": "run"})
        foreign = await dave.complete(ref, {"name": "run_id", "value": "run"})
        await carol.call_tool("cancel_run", {"run_id": run_id})

    assert run_id in own.values
    assert foreign.values == []


async def refusal(client: Client, tool: str, run_id: str) -> str:
    with pytest.raises(ToolError) as caught:
        await client.call_tool(tool, {"run_id": run_id})
    return str(caught.value)
