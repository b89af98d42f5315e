"""Whatever a client sends is answered, with an error or an answer; no secret comes out, and the server stays up."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.access.asks import ARGUMENTS
from tests.server.access.wires import CANARY, Wire, ask, wired

TEXTS: list[dict[str, str]] = json.loads(Path(__file__).with_name("hostile.json").read_text(encoding="utf-8"))
"""Prompt injections, imitations of the protocol, ends of fences, templates, paths, and characters that do harm."""
DEEP = "[" * 100_000

MALFORMED = {
    "nothing but a brace": b"{",
    "no value": b"nul",
    "null": b"null",
    "number": b"42",
    "text": b'"tools/list"',
    "empty batch": b"[]",
    "batch": b'[{"jsonrpc":"2.0","id":1,"method":"tools/list"}]',
    "no text": b"\xff\xfe\x00",
    "nul": b"\x00",
    "deep lists": DEEP.encode(),
    "deep objects": b'{"a":' * 100_000,
    "other version": b'{"jsonrpc":"1.0","id":1,"method":"tools/list"}',
    "no version": b'{"id":1,"method":"tools/list"}',
    "method is no text": b'{"jsonrpc":"2.0","id":1,"method":7}',
    "no method": b'{"jsonrpc":"2.0","id":1}',
    "parameters in a list": b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":[1]}',
    "half a character": b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"\\ud800"}}',
    "unknown method": b'{"jsonrpc":"2.0","id":1,"method":"no/such","params":{}}',
    "huge": b'{"jsonrpc":"2.0","id":1,"method":"' + b"x" * 6_000_000 + b'"}',
}
pytestmark = pytest.mark.slow
WAYS = pytest.mark.parametrize(
    ("transport", "era"), [("http", "auto"), ("http", "legacy"), ("stdio", "auto"), ("stdio", "legacy")]
)


@WAYS
async def test_a_message_that_is_none_gets_an_error(transport: str, era: str, tmp_path: Path) -> None:
    """Each of them, with the protocol's codes, and the next one is answered as if nothing had been."""
    async with wired(transport, era, tmp_path) as wire:
        for name, body in MALFORMED.items():
            answers = await wire.send(body, method="tools/list")

            assert [is_error(one) for one in answers] == [True], name
        after = await ask(wire, "tools/call", {"name": "check_code", "arguments": ARGUMENTS["check_code"]})

    assert after["result"]["structuredContent"]["outcome"] == "no_fix"
    assert_nothing_came_out(wire, tmp_path)


@WAYS
async def test_hostile_texts_are_data_wherever_they_stand(transport: str, era: str, tmp_path: Path) -> None:
    """In every text that a tool, a resource, a prompt or a completion takes, in turn."""
    every = 24  # of the places, so that each text is in some and each place has had some
    async with wired(transport, era, tmp_path) as wire:
        tools = (await ask(wire, "tools/list", {}))["result"]["tools"]
        prompts = (await ask(wire, "prompts/list", {}))["result"]["prompts"]
        limit = asyncio.Semaphore(20)

        async def told(method: str, params: dict[str, Any]) -> str:
            async with limit:
                wrong = unclear(await ask(wire, method, params))
            return wrong and f"{method} {json.dumps(params)[:300]}: {wrong}"

        asked: list[tuple[str, dict[str, Any]]] = []
        for number, text in enumerate(one["text"] for one in TEXTS):
            calls = [call for tool in tools for call in calls_with(tool, text)]
            asked += [("tools/call", call) for call in calls[number % every :: every]]
            asked += [("resources/read", {"uri": f"orchestrator://runs/{text}"}), ("resources/read", {"uri": text})]
            for prompt in prompts:
                arguments = {one["name"]: text for one in prompt.get("arguments", ())}
                asked.append(("prompts/get", {"name": prompt["name"], "arguments": arguments}))
            ref = {"type": "ref/resource", "uri": "orchestrator://runs/{run_id}"}
            asked.append(("completion/complete", {"ref": ref, "argument": {"name": "run_id", "value": text}}))
            asked.append(("tools/call", {"name": text, "arguments": {}}))
        wrong = await asyncio.gather(*(told(*one) for one in asked), return_exceptions=True)
        after = await ask(wire, "tools/call", {"name": "check_code", "arguments": ARGUMENTS["check_code"]})

    assert len(TEXTS) >= 60
    assert [one for one in wrong if one] == []
    assert after["result"]["structuredContent"]["outcome"] == "no_fix"
    assert_nothing_came_out(wire, tmp_path)


def calls_with(tool: dict[str, Any], text: str) -> Iterator[dict[str, Any]]:
    """One call for each place of *tool*'s arguments that takes a text, with *text* there and all else as it should be."""
    usual = ARGUMENTS[tool["name"]]
    for name, schema in tool["inputSchema"].get("properties", {}).items():
        for value in values_with(schema, text):
            yield {"name": tool["name"], "arguments": {**usual, name: value}}
    yield {"name": tool["name"], "arguments": {**usual, text: "an argument that is none"}}


def values_with(schema: dict[str, Any], text: str) -> Iterator[Any]:
    for one in schema.get("anyOf", [schema]):
        if one.get("type") == "string":
            yield text
        elif one.get("type") == "array":
            yield [text]
        elif one.get("type") == "object":
            yield {"other.py": text}
            yield {text: "x = 1\n"}
        else:
            yield text


def is_error(answer: dict[str, Any]) -> bool:
    return bool(answer.get("error", {}).get("message")) and isinstance(answer["error"].get("code"), int)


def unclear(answer: dict[str, Any]) -> str:
    """What is wrong with it, where it is neither a normal answer nor an error that says something."""
    if "error" in answer:
        clear = is_error(answer) and "nternal" not in answer["error"]["message"]
    elif answer["result"].get("isError"):
        said = answer["result"]["content"][0]["text"]
        clear = said and not said.startswith("Error calling tool")
    else:
        clear = True
    return "" if clear else json.dumps(answer)[:500]


def assert_nothing_came_out(wire: Wire, folder: Path) -> None:
    """No secret in an answer, in the logs or in what is kept."""
    assert not any(CANARY in one for one in wire.raw)
    logged = (folder / "stderr").read_text(encoding="utf-8", errors="replace")
    assert CANARY not in logged
    for kept in (folder / "data").rglob("*"):
        assert kept.is_dir() or CANARY.encode() not in kept.read_bytes()
