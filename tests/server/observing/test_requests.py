"""Every request has an id that is found in the logs; a gateway's own where it is one of ours. The logs say who, what and how long."""

from __future__ import annotations

import json
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr
from starlette.types import Message, Scope

from engine import logs
from engine.settings import Settings
from serving.observing.requests import REQUEST_ID, RequestIds
from tests.server.access.conftest import serving
from tests.server.conftest import served
from tests.server.double import BROKEN, TESTS
from tests.server.observing.conftest import Watched, watched_desk
from tests.server.observing.test_analytics import TEAM


async def seen(trusted: tuple[str, ...], client: str | None, given: bytes | None) -> tuple[str, str]:
    """The id that a request from *client* gets, inside and in its answer."""
    inside, sent = list[str](), list[Message]()

    async def app(scope: Scope, _receive: Any, send: Any) -> None:
        inside.append(scope[REQUEST_ID])
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [] if given is None else [(b"x-request-id", given)]
    scope = {"type": "http", "headers": headers, "client": client and (client, 4711)}
    await RequestIds(app, trusted=[ip_network(one) for one in trusted])(scope, None, send)  # type: ignore[arg-type]
    return inside[0], dict(sent[0]["headers"])[b"x-request-id"].decode()


@pytest.mark.parametrize(
    ("trusted", "client", "given", "kept"),
    [
        pytest.param(("10.0.0.0/8",), "10.1.2.3", b"gw-1", True, id="a trusted proxy"),
        pytest.param(("10.0.0.0/8",), "::ffff:10.1.2.3", b"gw-1", True, id="as a mapped address"),
        pytest.param(("fd00::/8",), "fd00::1%eth0", b"gw-1", True, id="with a zone"),
        pytest.param(("10.0.0.0/8",), "192.0.2.1", b"gw-1", False, id="another peer"),
        pytest.param((), "127.0.0.1", b"gw-1", False, id="nobody is trusted by default"),
        pytest.param(("0.0.0.0/0",), None, b"gw-1", False, id="no peer"),
        pytest.param(("0.0.0.0/0",), "testclient", b"gw-1", False, id="no address"),
        pytest.param(("10.0.0.0/8",), "10.1.2.3", b'x" level="error', False, id="more than an id"),
        pytest.param(("10.0.0.0/8",), "10.1.2.3", b"x" * 200, False, id="too long"),
        pytest.param(("10.0.0.0/8",), "10.1.2.3", None, False, id="none given"),
    ],
)
async def test_an_id_is_taken_over_from_a_trusted_proxy_only(
    trusted: tuple[str, ...], client: str | None, given: bytes | None, kept: bool
):
    """Anybody else gets a new one; the answer says which."""
    inside, answered = await seen(trusted, client, given)

    assert inside == answered
    assert (inside == (given or b"").decode()) == kept
    assert kept or len(inside) == 32


async def test_what_is_no_http_request_passes(tmp_path: Path):
    """Such as the server's own lifespan."""
    passed = list[str]()

    async def app(scope: Scope, _receive: Any, _send: Any) -> None:
        passed.append(scope["type"])

    await RequestIds(app)({"type": "lifespan"}, None, None)  # type: ignore[arg-type]

    assert passed == ["lifespan"]


def lines(err: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in err.splitlines() if line.startswith("{")]


@pytest.mark.parametrize("trusted", ["127.0.0.0/8", ""])
async def test_the_log_tells_of_every_call_and_nothing_of_its_contents(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], trusted: str
):
    """Its tool, principal, run, duration and request, which a gateway in front can find by its own id."""
    logs.configure("info", human=False)
    async with (
        serving(tmp_path, bearer_tokens=TEAM, trusted_proxy_cidrs=trusted) as server,
        httpx2.AsyncClient() as http,
    ):
        answer = await http.post(
            server.url,
            headers={
                "Authorization": "Bearer token-of-ann-0123456789",
                "Accept": "application/json, text/event-stream",
                "X-Request-Id": "gateway-0001",
                "X-Forwarded-For": "192.0.2.77",
                "MCP-Protocol-Version": "2026-07-28",
                "Mcp-Method": "tools/call",
                "Mcp-Name": "auto_fix_code",
            },
            json={
                "jsonrpc": "2.0",
                "id": 1,
                "method": "tools/call",
                "params": {
                    "name": "auto_fix_code",
                    "arguments": {"code": BROKEN, "error_message": "a-secret-error", "tests": TESTS},
                    "_meta": {
                        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
                        "io.modelcontextprotocol/clientCapabilities": {},
                    },
                },
            },
        )
    logs.configure()
    err = capsys.readouterr().err

    assert answer.status_code == 200, answer.text
    (called,) = [line for line in lines(err) if line["event"] == "called"]
    assert (called["tool"], called["ended"], called["error"]) == ("auto_fix_code", "answered", None)
    assert called["run_id"] == "run-0001"
    assert called["principal"].startswith("unknown-")
    assert called["seconds"] >= 0
    assert called["request_id"] == answer.headers["x-request-id"]
    assert (called["request_id"] == "gateway-0001") == bool(trusted)
    assert "a-secret-error" not in err
    assert "def add" not in err
    assert "token-of-ann" not in err


async def test_in_memory_every_call_has_an_id_too(watched: Watched, capsys: pytest.CaptureFixture[str]):
    """So that what is logged while it goes on can be told from what others do."""
    logs.configure("info", human=False)
    async with watched() as client:
        await client.call_tool("run_code", {"code": "print(1)"})
        await client.call_tool("run_code", {"code": "breaks"}, raise_on_error=False)
    logs.configure()

    first, second = [line for line in lines(capsys.readouterr().err) if line["event"] == "called"]
    assert first["request_id"] != second["request_id"]
    assert (second["ended"], second["error"]) == ("failed", "ToolError")


def test_debug_logs_more_and_shows_no_secret(capsys: pytest.CaptureFixture[str]):
    """DEBUG=true is as masked as any other level, the headers for a collector and the gateway's token included."""
    settings = Settings(
        debug=True,
        cequence_mcp_token=SecretStr("ceq-token-0123456789"),
        otlp_headers=SecretStr("x-api-key=of-the-collector"),
    )
    logs.configure(settings.logged, settings.secrets, human=False)
    logs.get_log("serving.observing").debug("asked", by="ceq-token-0123456789", headers={"x": "of-the-collector"})
    logs.configure()

    (line,) = lines(capsys.readouterr().err)
    assert (line["event"], line["level"]) == ("asked", "debug")
    assert "0123456789" not in str(line)
    assert "collector" not in str(line)


async def test_health_is_answered_with_an_id_as_well(tmp_path: Path):
    """Custom routes stand behind the same middleware."""
    desk, face = watched_desk(tmp_path)
    async with served(desk, face) as address, httpx2.AsyncClient() as http:
        answer = await http.get(f"{address}/health")

    assert len(answer.headers["x-request-id"]) == 32
