"""The server behind real HTTP: who may reach it, and what becomes of calls whose client goes away."""

from __future__ import annotations

import asyncio
import json

import httpx2
import pytest
from fastmcp import Client

from engine.desk import Desk
from engine.errors import BadInput
from server import CannotListen, listen
from tests.server.conftest import engine_of, served
from tests.server.double import BROKEN, ENDLESS, MENDED, TESTS, RehearsedMendbox, settings

HEADERS = {
    "Accept": "application/json, text/event-stream",
    "Content-Type": "application/json",
    "MCP-Protocol-Version": "2026-07-28",
    "MCP-Method": "tools/call",
    "MCP-Name": "auto_fix_code",
}
CALL = {
    "jsonrpc": "2.0",
    "id": 2,
    "method": "tools/call",
    "params": {
        "name": "auto_fix_code",
        "arguments": {"code": ENDLESS, "error_message": ""},
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "0"},
            "io.modelcontextprotocol/clientCapabilities": {},
            "progressToken": 1,
        },
    },
}


def a_desk() -> Desk:
    return Desk(settings(), engine=RehearsedMendbox, answer_seconds=20)


async def test_health_says_that_it_is_up_and_nothing_more() -> None:
    """It is asked without any sign-in."""
    async with served(a_desk()) as address, httpx2.AsyncClient() as web:
        answer = await web.get(f"{address}/health")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}


@pytest.mark.parametrize("path", ["/health", "/mcp"])
async def test_a_foreign_host_name_is_refused(path: str) -> None:
    """A web page whose name was pointed at this machine cannot talk to the server."""
    async with served(a_desk()) as address, httpx2.AsyncClient() as web:
        answer = await web.get(f"{address}{path}", headers={"Host": "evil.example"})

    assert answer.status_code == 421


async def test_a_foreign_origin_is_refused() -> None:
    """A web page cannot talk to it under this machine's own name either."""
    async with served(a_desk()) as address, httpx2.AsyncClient() as web:
        answer = await web.post(f"{address}/mcp", headers={"Origin": "https://evil.example"}, json={})

    assert answer.status_code == 403


@pytest.mark.parametrize("name", ["http_allowed_hosts", "http_allowed_origins"])
async def test_settings_of_the_framework_do_not_open_the_door(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A FASTMCP_ variable, or an .env file in the working folder, is not how this server is configured."""
    monkeypatch.setattr(f"fastmcp.settings.{name}", ["*"])
    async with served(a_desk()) as address, httpx2.AsyncClient() as web:
        host = await web.get(f"{address}/health", headers={"Host": "evil.example"})
        origin = await web.get(f"{address}/health", headers={"Origin": "https://evil.example"})

    assert (host.status_code, origin.status_code) == (421, 403)


@pytest.mark.parametrize(
    "address", ["0.0.0.0:0", "[::]:0", "192.0.2.1:80", "0:8000", "127.0.0.1.evil.example:80", "[2001:db8::1]:80"]
)
def test_an_address_that_others_could_reach_is_refused(address: str) -> None:
    """There is no sign-in; what to do instead stands in the line."""
    with pytest.raises(BadInput) as caught:
        listen(address)

    assert "there is no sign-in" in str(caught.value) or "is no address" in str(caught.value)
    assert repr(address) in str(caught.value)


@pytest.mark.parametrize("address", ["", "nonsense", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:99999", "127.0.0.1:1/mcp"])
def test_what_is_no_address_is_told(address: str) -> None:
    """With an example of one."""
    with pytest.raises(BadInput, match=r"is no address to listen at \(such as 127.0.0.1:8000\)"):
        listen(address)


@pytest.mark.parametrize("address", ["127.0.0.1:0", "localhost:0", "0", ":0"])
def test_this_machines_own_addresses_are_taken(address: str) -> None:
    """By name, by number, or by the port alone."""
    with listen(address) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"


def test_a_taken_port_is_told() -> None:
    """It is the environment's failure, not a wrong address."""
    with listen("127.0.0.1:0") as first, pytest.raises(CannotListen, match=r"cannot listen at .*another port"):
        listen(f"127.0.0.1:{first.getsockname()[1]}")


async def test_a_client_that_gives_up_its_call_cancels_the_run(era: str) -> None:
    """Over the wire, in both eras."""
    desk = a_desk()
    async with served(desk) as address, Client(f"{address}/mcp", mode=era) as client:
        with pytest.raises(Exception, match=r"(?i)timed out|time-?out"):
            await client.call_tool("auto_fix_code", {"code": ENDLESS, "error_message": ""}, timeout=0.5)
        await asyncio.sleep(0.3)

        assert engine_of(desk).log == ["opened", "at work", "cancelled run-0001", "box removed"]


async def test_a_client_that_leaves_leaves_its_background_run_alone(era: str) -> None:
    """What `start_run` began is there for whoever comes back with the id."""
    desk = a_desk()
    async with served(desk) as address:
        async with Client(f"{address}/mcp", mode=era) as client:
            started = await client.call_tool("start_run", {"code": ENDLESS, "error_message": ""})
        async with Client(f"{address}/mcp", mode=era) as another:
            found = await another.call_tool("get_run", {"run_id": started.structured_content["run_id"]})

        assert found.structured_content["status"] == "running"
        assert "box removed" not in engine_of(desk).log
    assert engine_of(desk).log[-3:] == ["cancelled run-0001", "box removed", "closed"]


async def test_a_connection_that_breaks_cancels_the_run() -> None:
    """In the sessionless protocol nobody could come back for the answer: the caller has no id yet."""
    desk = a_desk()
    async with served(desk) as address:
        async with (
            httpx2.AsyncClient() as web,
            web.stream("POST", f"{address}/mcp", headers=HEADERS, json=CALL) as answer,
        ):
            async for line in answer.aiter_lines():
                if "2 of 3 ideas" in line:
                    break
        await asyncio.sleep(0.3)

        assert engine_of(desk).log == ["opened", "at work", "cancelled run-0001", "box removed"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{", id="cut"),
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b"[]", id="batch"),
        pytest.param(b'{"jsonrpc":"2.0","id":1,"method":"tools/nothing"}', id="method"),
        pytest.param(json.dumps(CALL).replace("endless", "\\ud800").encode(), id="half-a-character"),
        pytest.param(json.dumps(CALL).replace("auto_fix_code", "rm_rf").encode(), id="tool"),
        pytest.param(b'"' + b"x" * 5 * 1024 * 1024 + b'"', id="large"),
    ],
)
async def test_a_malformed_message_gets_an_error_and_the_server_stays_up(body: bytes) -> None:
    """No traceback, no text of ours but the protocol's."""
    desk = a_desk()
    async with served(desk) as address, httpx2.AsyncClient() as web:
        answer = await web.post(f"{address}/mcp", headers=HEADERS, content=body)
        async with Client(f"{address}/mcp") as client:
            after = await client.call_tool("auto_fix_code", {"code": BROKEN, "error_message": "", "tests": TESTS})

    assert answer.status_code >= 400 or "error" in answer.text.lower()
    assert "Traceback" not in answer.text
    assert after.structured_content["code"] == MENDED


async def test_a_signal_answers_the_calls_in_flight_and_ends(era: str) -> None:
    """The call comes back with its cancelled run, and no box is left."""
    desk = a_desk()
    async with served(desk) as address:
        client = Client(f"{address}/mcp", mode=era)
        await client.__aenter__()
        await client.call_tool("start_run", {"code": ENDLESS, "error_message": ""})
        calling = asyncio.create_task(client.call_tool("auto_fix_code", {"code": ENDLESS, "error_message": ""}))
        for _ in range(2):
            await engine_of(desk).working.acquire()

    answer = await calling
    await client.__aexit__(None, None, None)
    assert answer.structured_content["outcome"] == "cancelled"
    assert engine_of(desk).log.count("box removed") == 2
    assert engine_of(desk).log[-1] == "closed"
