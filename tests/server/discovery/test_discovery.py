"""What the server tells before anybody connects, and what an address can set for a connection."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastmcp import Client

from serving.discovery.card import DESCRIPTION, NAME
from serving.discovery.session import read, schema
from tests.server.access.conftest import serving
from tests.server.double import BROKEN

ROOT = Path(__file__).parents[3]
TOKEN = "a-static-token-of-one-person"
SECRETS = (
    "authorization",
    "token",
    "access_token",
    "api_key",
    "apikey",
    "x_api_key",
    "openai_api_key",
    "anthropic_api_key",
    "password",
    "client_secret",
    "bearer",
)


async def get(address: str, **headers: str) -> Any:
    async with httpx2.AsyncClient() as client:
        answer = await client.get(address, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_card_for_directories_lists_what_a_client_would(tmp_path: Path) -> None:
    """Tools, resources and prompts as they are listed after a sign-in, readable without one; and no token in it."""
    async with serving(tmp_path, bearer_token=TOKEN) as served:
        card = await get(f"{served.address}/.well-known/mcp/server-card.json")
        async with served.client(TOKEN) as client:
            tools = await client.list_tools()
            prompts = await client.list_prompts()

    assert [tool["name"] for tool in card["tools"]] == [tool.name for tool in tools]
    assert [tool["inputSchema"] for tool in card["tools"]] == [tool.input_schema for tool in tools]
    assert [prompt["name"] for prompt in card["prompts"]] == [prompt.name for prompt in prompts]
    assert card["authentication"] == {"required": True, "schemes": ["bearer"]}
    assert TOKEN not in json.dumps(card)


async def test_the_card_of_the_protocol_names_identity_and_address_alone(tmp_path: Path) -> None:
    """The public address where there is one, and which header takes a token; nothing that its schema does not know."""
    async with serving(tmp_path, bearer_token=TOKEN, public_url="https://mend.example") as served:
        card = await get(f"{served.address}/mcp/server-card")

    assert set(card) == {"$schema", "name", "title", "description", "version", "remotes"}
    (remote,) = card["remotes"]
    assert remote["url"] == "https://mend.example/mcp"
    assert "2026-07-28" in remote["supportedProtocolVersions"]
    assert (remote["headers"][0]["name"], remote["headers"][0]["isSecret"]) == ("Authorization", True)


async def test_a_server_without_a_public_name_gives_the_address_that_it_was_called_by(tmp_path: Path) -> None:
    """And says that nobody has to sign in."""
    async with serving(tmp_path, public_url=None) as served:
        whole = await get(f"{served.address}/.well-known/mcp/server-card.json")
        card = await get(f"{served.address}/mcp/server-card")

    assert whole["transport"]["url"] == card["remotes"][0]["url"] == served.url
    assert whole["authentication"] == {"required": False, "schemes": []}
    assert "headers" not in card["remotes"][0]


async def test_the_schema_of_a_connections_setting_keeps_to_what_a_gateway_takes(tmp_path: Path) -> None:
    """At most 20 fields and 1 KB; the one secret goes as a header."""
    async with serving(tmp_path) as served:
        shown = await get(f"{served.address}/.well-known/mcp-config")

    assert shown == schema()
    assert len(json.dumps(shown)) <= 1_024
    assert len(shown["properties"]) <= 20
    assert shown["properties"]["token"]["x-from"] == {"header": "authorization"}


async def test_what_an_address_sets_bounds_the_runs_of_its_connection(tmp_path: Path, era: str) -> None:
    """But what a call says itself goes before, other connections have the usual bounds, and other tools are not told."""
    async with serving(tmp_path, public_url=None) as served:
        mend = {"code": BROKEN, "error_message": "it subtracts"}
        async with Client(f"{served.url}?attempts=3&seconds=17.5&profile=x", mode=era) as client:
            set_ = await client.call_tool("auto_fix_code", mend)
            said = await client.call_tool("auto_fix_code", mend | {"attempts": 2})
            await client.call_tool("get_run", {"run_id": set_.structured_content["run_id"]})
        async with Client(served.url, mode=era) as client:
            usual = await client.call_tool("auto_fix_code", mend)
        budgets = [
            (await served.desk.get(answer.structured_content["run_id"])).task.budget for answer in (set_, said, usual)
        ]
        settings = served.desk.settings

    assert [(budget.attempts, budget.seconds) for budget in budgets] == [
        (3, 17.5),
        (2, 17.5),
        (settings.attempts, settings.seconds),
    ]


@pytest.mark.parametrize(
    ("query", "why"),
    [
        pytest.param("attempts=0", "attempts: ", id="too few"),
        pytest.param("attempts=sk-123", "attempts: ", id="no number"),
        pytest.param("seconds=[[[", "seconds: ", id="no JSON"),
        pytest.param(f"seconds={'[' * 4000}", "seconds: ", id="deep"),
        pytest.param("language=cobol", "language: ", id="no language of ours"),
        pytest.param("x=" + "y" * 5_000, "longer than", id="too long"),
        pytest.param("&".join(f"a{number}=1" for number in range(101)), "fields", id="too many"),
        *(pytest.param(f"{name.upper()}=sk-123", "header Authorization", id=name) for name in SECRETS),
        pytest.param("api-key=sk-123", "header Authorization", id="with a dash"),
    ],
)
def test_a_setting_that_does_not_fit_is_refused_without_being_said_again(query: str, why: str) -> None:
    """Addresses are logged everywhere: no secret may be in one, and no value comes back."""
    with pytest.raises(ValueError, match=re.escape(why)) as refused:
        read(query.encode())

    assert "sk-123" not in str(refused.value)


async def test_a_refusal_is_an_answer_of_its_own(tmp_path: Path) -> None:
    """422, in JSON, before anything is called."""
    async with serving(tmp_path, public_url=None) as served, httpx2.AsyncClient() as client:
        answer = await client.post(f"{served.url}?token=sk-123", json={})

    assert answer.status_code == 422
    assert "Authorization" in answer.json()["error"]
    assert "sk-123" not in answer.text


def test_the_registry_is_told_the_same_name_version_and_words() -> None:
    """server.json in step with pyproject.toml and with the card, and within the registry's bounds."""
    entry = json.loads((ROOT / "server.json").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert re.fullmatch(r"[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+", NAME)
    assert (entry["name"], entry["description"]) == (NAME, DESCRIPTION)
    assert len(DESCRIPTION) <= 100
    assert entry["version"] == project["version"]
    for package in entry["packages"]:
        assert (package["identifier"], package["version"]) == (project["name"], project["version"])
        assert package["transport"]["type"] in {"stdio", "streamable-http"}
        assert all(("value" not in one or not one.get("isSecret")) for one in package["environmentVariables"])
