"""A client without any key lends its own model: real boxes judge what it says, and it is told what really failed."""

from __future__ import annotations

import json
from contextlib import ExitStack

import pytest
from fastmcp import Client
from fastmcp.client import extension_hooks

from tests.stories.test_mcp import PATIENCE, address_of, agent, environment, serving  # noqa: F401 (a fixture)

pytestmark = [pytest.mark.docker, pytest.mark.slow]

BROKEN = "export function total(prices) {\n  return prices.reduce((sum, price) => sum - price, 0);\n}\n"
TESTS = """\
import test from 'node:test';
import assert from 'node:assert/strict';
import { total } from './basket.mjs';

test('adds up', () => {
  assert.equal(total([1, 2, 3]), 6);
});
"""


@pytest.mark.parametrize(("front", "era"), [("stdio", "auto"), ("http", "auto"), ("http", "legacy")])
async def test_a_wrong_idea_of_the_clients_model_is_told_to_it_and_the_next_one_is_proven(
    front: str,
    era: str,
    environment: dict[str, str],  # noqa: F811 (the fixture)
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """JavaScript, which the search without a model leaves alone; asked twice, each time by the connection's own way."""
    monkeypatch.setattr(extension_hooks, "_internal_client_extension_factories", [])
    asked: list[str] = []

    async def model(messages, params, context):
        asked.append("\n".join(message.content.text for message in messages))
        idea = "sum * price" if len(asked) == 1 else "sum + price"
        edit = {"path": "basket.mjs", "search": "sum - price", "replace": idea}
        return json.dumps({"note": "the sign", "edits": [edit], "files": []})

    async with agent(front, era, environment, sampling_handler=model) as client:
        ran = await settled(client, "run_code", {"code": "console.log(6 * 7)", "language": "javascript"})
        answer = await settled(
            client,
            "auto_fix_code",
            {"code": BROKEN, "error_message": "", "tests": TESTS, "language": "javascript"},
        )

    assert ran["stdout"] == "42\n"
    assert answer["outcome"] == "verified", answer
    assert "sum + price" in answer["code"]
    assert [attempt["author"] for attempt in answer["attempts"]] == ["client", "client"]
    assert len(asked) == 2
    assert "0 !== 6" in asked[1]


async def settled(client: Client, tool: str, arguments: dict[str, object]) -> dict[str, object]:
    """The answer of a call, fetched by its run's id where a busy machine took too long for it."""
    called = await client.call_tool(tool, arguments, timeout=PATIENCE, raise_on_error=False)
    while called.is_error and "is being built" in called.content[0].text:
        called = await client.call_tool(tool, arguments, timeout=PATIENCE, raise_on_error=False)
    answer = called.structured_content
    while answer.get("status") == "running":
        waited = await client.call_tool("get_run", {"run_id": answer["run_id"], "wait_seconds": 45}, timeout=PATIENCE)
        answer = waited.structured_content
    return answer


async def test_a_server_that_dies_while_a_client_thinks_is_replaced_by_the_next(
    environment: dict[str, str],  # noqa: F811 (the fixture)
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Killed between question and answer: the next one at that address takes the answer, and asks for nothing again."""
    monkeypatch.setattr(extension_hooks, "_internal_client_extension_factories", [])
    asked: list[str] = []
    with ExitStack() as servers:
        first = servers.enter_context(serving(environment, "--http", "127.0.0.1:0"))
        address = address_of(first)

        async def model(messages, params, context):
            asked.append(messages[-1].content.text)
            first.kill()
            first.wait(PATIENCE)
            port = address.split(":")[2].split("/")[0]
            address_of(servers.enter_context(serving(environment, "--http", f"127.0.0.1:{port}")))
            edit = {"path": "basket.mjs", "search": "sum - price", "replace": "sum + price"}
            return json.dumps({"note": "the sign", "edits": [edit], "files": []})

        async with Client(address, sampling_handler=model, mode="auto") as client:
            await settled(client, "run_code", {"code": "console.log(6 * 7)", "language": "javascript"})
            answer = await settled(
                client,
                "auto_fix_code",
                {"code": BROKEN, "error_message": "", "tests": TESTS, "language": "javascript"},
            )

    assert answer["outcome"] == "verified", answer
    assert len(asked) == 1
    assert [attempt["author"] for attempt in answer["attempts"]] == ["client"]
