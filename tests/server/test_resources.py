"""What a client reads without a call: true, bounded, and of nobody else's runs."""

from __future__ import annotations

import json

import pytest
from fastmcp import Client
from mcp.types import PromptReference, ResourceTemplateReference

from engine.desk import Desk
from engine.domain import Task
from server import create_server
from tests.server.conftest import engine_of, through
from tests.server.double import BROKEN, HOPELESS, TESTS

CALL = {"code": BROKEN, "error_message": "", "tests": TESTS}
RUNS = ResourceTemplateReference(type="ref/resource", uri="orchestrator://runs/{run_id}")


async def read(client: Client, uri: str) -> str:
    (content,) = await client.read_resource(uri)
    return content.text


@pytest.mark.parametrize("transport", ["http", "stdio"])
async def test_every_resource_is_described_and_can_be_read(transport: str, era: str) -> None:
    """Over both transports in both eras; a run is known there by the id that the call gave."""
    async with through(transport, era) as client:
        fixed = await client.list_resources(), await client.list_resource_templates()
        run_id = (await client.call_tool("auto_fix_code", CALL)).structured_content["run_id"]
        run = json.loads(await read(client, f"orchestrator://runs/{run_id}"))
        diff = await read(client, f"orchestrator://runs/{run_id}/diff")
        findings = json.loads(await read(client, f"orchestrator://runs/{run_id}/findings"))
        capabilities = json.loads(await read(client, "orchestrator://capabilities"))

    assert {str(found.uri) for found in fixed[0]} >= {"orchestrator://capabilities", "orchestrator://health"}
    assert {found.uri_template for found in fixed[1]} == {
        "orchestrator://runs/{run_id}",
        "orchestrator://runs/{run_id}/receipt",
        "orchestrator://runs/{run_id}/diff",
        "orchestrator://runs/{run_id}/findings",
        "orchestrator://runs/{run_id}/project.zip",
    }
    assert all(found.description and found.mime_type and found.title for listed in fixed for found in listed)
    assert run["outcome"] == "verified"
    assert "-    return a - b\n+    return a + b\n" in diff
    assert findings == {"run_id": run_id, "findings": []}
    assert capabilities["authors"] == ["offline"]


async def test_capabilities_say_whose_model_would_be_asked(desk: Desk, era: str) -> None:
    """The client's own one is among the authors where it lets itself be asked."""

    async def model(messages, params, context):
        return "yes"

    async with Client(create_server(desk), mode=era, sampling_handler=model) as client:
        capabilities = json.loads(await read(client, "orchestrator://capabilities"))

    assert capabilities["authors"] == ["offline", "client"]
    assert capabilities["limits"]["answer_seconds"] == desk.answer_seconds


async def test_findings_are_whole_where_a_call_shows_the_first(client: Client) -> None:
    """With what the program said as evidence."""
    answer = await client.call_tool("auto_fix_code", CALL | {"code": HOPELESS})
    found = json.loads(await read(client, f"orchestrator://runs/{answer.structured_content['run_id']}/findings"))
    diff = await read(client, f"orchestrator://runs/{answer.structured_content['run_id']}/diff")

    assert found["findings"] == answer.structured_content["findings"] != []
    assert diff == ""


@pytest.mark.parametrize("part", ["", "/diff", "/findings", "/receipt", "/project.zip"])
async def test_a_run_of_somebody_else_is_not_there(client: Client, desk: Desk, part: str) -> None:
    """As one that never was: nothing tells the two apart."""
    engine_of(desk)._known["theirs"] = engine_of(desk)._known["never"] = (await _a_run(desk)).model_copy()
    del engine_of(desk)._known["never"]
    engine_of(desk)._whose["theirs"] = "somebody else"

    said = []
    for run_id in ("theirs", "never"):
        with pytest.raises(Exception, match="not found") as caught:
            await client.read_resource(f"orchestrator://runs/{run_id}{part}")
        said.append(str(caught.value).replace(run_id, "ID"))

    assert said[0] == said[1]


async def test_a_receipt_says_why_there_is_none(client: Client) -> None:
    """In a sentence that a model can act upon."""
    answer = await client.call_tool("auto_fix_code", CALL | {"code": HOPELESS})

    with pytest.raises(Exception, match="has no receipt: it ended as no_fix"):
        await client.read_resource(f"orchestrator://runs/{answer.structured_content['run_id']}/receipt")


@pytest.mark.parametrize(
    ("unreachable", "digest", "status", "accepts"),
    [
        pytest.param(False, "sha256:0", "ok", True, id="all-is-there"),
        pytest.param(False, "", "not_built", True, id="no-image"),
        pytest.param(True, "", "unavailable", False, id="no-engine"),
    ],
)
async def test_health_is_asked_each_time(
    client: Client, desk: Desk, *, unreachable: bool, digest: str, status: str, accepts: bool
) -> None:
    """The engine and the image are looked at, not remembered."""
    before = json.loads(await read(client, "orchestrator://health"))
    engine_of(desk).unreachable, engine_of(desk).digest = unreachable, digest
    after = json.loads(await read(client, "orchestrator://health"))

    assert before["status"] == "ok"
    assert (after["status"], after["accepts"]) == (status, accepts)


async def test_what_is_too_large_says_where_it_can_be_had(client: Client, desk: Desk) -> None:
    """Half of a diff would be worse than none."""
    answer = await client.call_tool("auto_fix_code", CALL | {"code": BROKEN + "x = 1  # a - b\n" * 9_000})
    run_id = answer.structured_content["run_id"]

    with pytest.raises(Exception, match=f"an answer holds 200000 .*mendbox show {run_id}"):
        await client.read_resource(f"orchestrator://runs/{run_id}/diff")


async def test_run_ids_are_completed_from_ones_own(client: Client, desk: Desk) -> None:
    """By their beginning; and nothing else is made up."""
    for _ in range(2):
        await client.call_tool("auto_fix_code", CALL)
    engine_of(desk)._known["run-9999"] = await _a_run(desk)
    engine_of(desk)._whose["run-9999"] = "somebody else"

    all_ = await client.complete(RUNS, {"name": "run_id", "value": "run-"})
    none = await client.complete(RUNS, {"name": "run_id", "value": "x"})
    language = await client.complete(
        PromptReference(type="ref/prompt", name="debug_and_fix"), {"name": "language", "value": "j"}
    )
    code = await client.complete(
        PromptReference(type="ref/prompt", name="debug_and_fix"), {"name": "code", "value": ""}
    )
    other = await client.complete(
        ResourceTemplateReference(type="ref/resource", uri="x://{y}"), {"name": "y", "value": ""}
    )

    assert all_.values == ["run-0002", "run-0001"]
    assert none.values == code.values == other.values == []
    assert language.values == ["javascript"]


async def _a_run(desk: Desk):
    engine_of(desk).add_interrupted("some", Task(files={}))
    return engine_of(desk)._known.pop("some")
