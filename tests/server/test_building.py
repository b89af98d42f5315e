"""`orchestrate_development` and `get_project`: a whole project for a client, with what shows each requirement."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fastmcp import Client
from fastmcp.exceptions import ToolError
from fastmcp_tasks import call_tool_task

from engine.desk import Desk
from engine.projects.building.request import BuildRequest
from server import create_server
from tests.projects.plans import smallest
from tests.server.conftest import engine_of, through
from tests.server.double import RehearsedMendbox, settings
from tests.server.rehearsed_building import ENDLESS, FILES, PLANNED
from tests.server.test_borrowing import Model
from tests.wire.behaviours import Says
from tests.wire.openai import OpenAIWire

TOOL = "orchestrate_development"


@asynccontextmanager
async def with_a_key(era: str, *, answer_seconds: float) -> AsyncIterator[tuple[Desk, Client]]:
    """A client of a server that has a model of its own."""
    with OpenAIWire(Says(smallest().model_dump_json()), key=None) as model:
        ours = settings().model_copy(update={"openai_base_url": model.url})
        desk = Desk(ours, engine=RehearsedMendbox, answer_seconds=answer_seconds)
        async with desk.open(), Client(create_server(desk), mode=era) as client:
            yield desk, client


@pytest.fixture
async def keyed(era: str) -> AsyncIterator[tuple[Desk, Client]]:
    """One that answers when its builds have ended."""
    async with with_a_key(era, answer_seconds=30) as both:
        yield both


async def test_a_project_comes_with_its_files_and_what_shows_each_requirement(keyed: tuple[Desk, Client]) -> None:
    """Parts, requirements and the address of the zip stand in the answer."""
    desk, client = keyed

    answer = (
        await client.call_tool(TOOL, {"project_description": PLANNED, "requirements": ["It runs."]})
    ).structured_content

    assert (answer["status"], answer["outcome"], answer["reason"]) == ("ended", "verified", None)
    assert answer["files"] == FILES
    assert [each["shown_by"] for each in answer["requirements"]] == [["It runs at night"]]
    assert answer["parts"][0]["component"] == "nightly"
    assert answer["zip_uri"] == f"orchestrator://runs/{answer['run_id']}/project.zip"
    assert engine_of(desk).log[-1].startswith("planned by")


async def test_tests_can_be_left_out_of_the_answer(keyed: tuple[Desk, Client]) -> None:
    """They were run all the same, and are in the zip."""
    _, client = keyed

    call = {"project_description": "A job.", "tech_stack": ["python"], "include_tests": False}
    answer = (await client.call_tool(TOOL, call)).structured_content

    assert set(answer["files"]) == {"services/nightly/main.py"}
    assert answer["zip_uri"]


async def test_the_zip_of_a_project_has_its_files_and_its_receipt(keyed: tuple[Desk, Client]) -> None:
    """A client that cannot take many files in one answer reads one resource."""
    _, client = keyed
    answer = (await client.call_tool(TOOL, {"project_description": "A job."})).structured_content

    [content] = await client.read_resource(answer["zip_uri"])

    with zipfile.ZipFile(io.BytesIO(base64.b64decode(content.blob))) as archive:
        assert set(FILES) <= set(archive.namelist())
        assert {"README.md", "receipt.json"} <= set(archive.namelist())
    assert content.mime_type == "application/zip"


async def test_a_build_that_takes_longer_than_a_call_is_fetched_later_and_can_be_stopped(era: str) -> None:
    """The first answer has its id, and get_project and cancel_run know it."""
    async with with_a_key(era, answer_seconds=0.5) as (desk, client):
        begun = (await client.call_tool(TOOL, {"project_description": ENDLESS})).structured_content
        looked = (await client.call_tool("get_project", {"run_id": begun["run_id"]})).structured_content
        await client.call_tool("cancel_run", {"run_id": begun["run_id"]})
        ended = (await client.call_tool("get_project", {"run_id": begun["run_id"]})).structured_content

        assert begun["status"] == looked["status"] == "running"
        assert looked["summary"] == "plan: asked for"
        assert (ended["status"], ended["outcome"]) == ("ended", "cancelled")
        assert engine_of(desk).log[-1] == f"cancelled {begun['run_id']}"


@pytest.mark.parametrize("transport", ["http", "stdio"])
async def test_a_server_without_a_key_builds_with_the_clients_model(transport: str, era: str) -> None:
    """The architect's question goes out by way of the call, as for a run that mends."""
    model = Model(smallest().model_dump_json())
    async with through(transport, era, sampling_handler=model) as client:
        answer = (await client.call_tool(TOOL, {"project_description": PLANNED})).structured_content

    assert len(model.asked) == 1
    assert "is going to be built" in model.asked[0]
    assert answer["outcome"] == "verified"


async def test_without_any_model_it_says_what_to_set(client: Client) -> None:
    """No key on the server, and a client that lends none."""
    with pytest.raises(ToolError, match=r"no model can be asked to build.*OPENAI_API_KEY"):
        await client.call_tool(TOOL, {"project_description": "A board of cards"})


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"project_description": ""}, "at least 1 character"),
        ({"project_description": "x", "scale": "huge"}, "choose small, medium, large"),
        ({"project_description": "x", "cloud_provider": "moon"}, "choose one of aws, gcp"),
        ({"project_description": "x", "requirements": ["y" * 601]}, "at most 600 characters"),
        ({"project_description": "x", "attempts": 0}, "greater than or equal to 1"),
        ({"project_description": " \n"}, "nothing but spaces"),
        ({"project_description": "x", "requirements": ["It runs.", " "]}, "nothing but spaces"),
    ],
)
async def test_what_cannot_be_built_is_told_in_a_sentence(
    keyed: tuple[Desk, Client], arguments: dict[str, object], said: str
) -> None:
    """Before anything is begun."""
    _, client = keyed
    with pytest.raises(ToolError, match=said):
        await client.call_tool(TOOL, arguments)


async def test_a_run_that_is_no_build_is_no_project(keyed: tuple[Desk, Client]) -> None:
    """It is told in a sentence what it is not."""
    _, client = keyed
    mended = await client.call_tool("auto_fix_code", {"code": "a - b", "error_message": "", "tests": "import solution"})

    with pytest.raises(ToolError, match="is no build"):
        await client.call_tool("get_project", {"run_id": mended.structured_content["run_id"]})


async def test_a_build_whose_process_died_goes_on_in_the_background(tasking: None) -> None:
    """A task that is delivered twice finds the build it began, and goes on with it."""
    with OpenAIWire(Says(smallest().model_dump_json()), key=None) as model:
        ours = settings().model_copy(update={"openai_base_url": model.url})
        desk = Desk(ours, engine=RehearsedMendbox, answer_seconds=5)
        async with desk.open():
            request = BuildRequest(description="A job.")
            engine_of(desk).builds.add_interrupted("task-1234", request)

            run_id = await desk.take_up_build(request, client="c", run_id="task-1234")
            again = await desk.take_up_build(request, client="c", run_id="task-1234")
            run = await desk.follow(run_id, _nothing, seconds=10)
            async with Client(create_server(desk)) as client:
                task = await call_tool_task(client, TOOL, {"project_description": "Another job."})
                answer = await task.result()

    assert run_id == again == "task-1234"
    assert engine_of(desk).log.count("resumed task-1234") == 1
    assert run.outcome == "verified"
    assert answer.structured_content["outcome"] == "verified"


async def _nothing(event: object, seconds: float) -> None:
    """Nobody listens."""
