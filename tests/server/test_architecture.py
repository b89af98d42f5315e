"""`generate_architecture`: a plan for a client, with who made it; and a sentence where it is asked for what is not known."""

from __future__ import annotations

import pytest
from fastmcp import Client
from fastmcp.exceptions import ToolError
from fastmcp_tasks import call_tool_task

from agents.plans.plan import Plan
from engine.desk import Desk
from engine.projects.contract import faults_of
from server import create_server
from tests.projects.plans import sound
from tests.server.double import RehearsedMendbox, settings
from tests.wire.behaviours import Hangs, Says
from tests.wire.openai import OpenAIWire


async def test_a_plan_comes_with_its_arithmetic_its_diagram_and_its_files(client: Client) -> None:
    """Without a key on the server it is the rule base's, and says so."""
    result = await client.call_tool(
        "generate_architecture", {"project_type": "e-commerce", "scale": "50k users", "cloud_provider": "azure"}
    )

    answer = result.structured_content
    assert (answer["basis"], answer["model"]) == ("rules", None)
    assert "without a model" in answer["made"]
    assert faults_of(Plan.model_validate(answer["plan"])) == ()
    assert any(line.startswith("replicas_at_peak = ceil(") for line in answer["arithmetic"])
    assert answer["diagram"].startswith("flowchart LR\n")
    assert {"compose.yaml", ".github/workflows/ci.yaml", "services/api/Dockerfile"} <= set(answer["deployment"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"project_type": "blockchain"}, "choose one of web-app, api"),
        ({"project_type": "api", "scale": "huge"}, "choose small, medium, large"),
        ({"project_type": "api", "cloud_provider": "moon"}, "choose one of aws, gcp"),
        ({"project_type": "api", "scale": "50m users"}, "more than one cluster of 10,000 replicas bears"),
        ({"project_type": "x" * 61}, "at most 60 characters"),
    ],
)
async def test_what_cannot_be_planned_is_told_in_a_sentence(
    client: Client, arguments: dict[str, str], said: str
) -> None:
    """With what is known, so that a model can ask again."""
    with pytest.raises(ToolError, match=said):
        await client.call_tool("generate_architecture", arguments)


async def test_a_model_of_the_servers_own_is_asked_first(era: str) -> None:
    """And where it takes longer than a call may, the rules answer and say what was tried."""
    with OpenAIWire(Says(sound().model_dump_json()), Hangs(), key=None) as model:
        ours = settings().model_copy(update={"openai_base_url": model.url})
        desk = Desk(ours, engine=RehearsedMendbox, answer_seconds=6)
        async with desk.open(), Client(create_server(desk), mode=era) as client:
            first = await client.call_tool("generate_architecture", {"project_type": "shop"})
            second = await client.call_tool("generate_architecture", {"project_type": "shop"})

    assert first.structured_content["basis"] == "model"
    assert second.structured_content["basis"] == "rules"
    assert "openai: no answer after 1 try" in second.structured_content["made"]


async def test_in_the_background_it_is_the_same_answer(tasking: None, desk: Desk) -> None:
    """For a client that knows of tasks."""
    async with Client(create_server(desk)) as client:
        task = await call_tool_task(client, "generate_architecture", {"project_type": "chat"})
        answer = await task.result()

    assert answer.structured_content["basis"] == "rules"
    assert "realtime" in answer.structured_content["diagram"]
