"""How large and how deep a message may be, and by which name the server may be called."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from engine.errors import BadInput, BadSetting
from engine.settings import Settings
from serving.access.bounds import MOST_DEPTH, MOST_ITEMS, BoundedBodies, beyond_bounds, too_complex
from serving.access.signing_in import access
from serving.listening import listen
from tests.server.access.by_hand import headers_of, message_of
from tests.server.access.conftest import Served, by_descope, serving
from tests.server.access.issuer import PROJECT, SERVER, Issuer

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEEP = json.loads("[" * 80 + "]" * 80)
MANY = list(range(MOST_ITEMS + 1))


@pytest.mark.parametrize(
    ("message", "wrong"),
    [
        pytest.param(b"{}", None, id="empty"),
        pytest.param(b"", None, id="nothing"),
        pytest.param(b"[" * MOST_DEPTH + b"]" * MOST_DEPTH, None, id="as deep as may be"),
        pytest.param(b"[" * (MOST_DEPTH + 1), "nested deeper", id="deeper"),
        pytest.param(b'{"a":' * (MOST_DEPTH + 1), "nested deeper", id="deeper in objects"),
        pytest.param(b"[" * 2_000_000, "elements", id="deeper than any"),
        pytest.param(b"]" * 2_000_000, "elements", id="only ends"),
        pytest.param(b"[]" * 30_000, None, id="side by side"),
        pytest.param(json.dumps(["[" * 5_000] * 100).encode(), None, id="brackets in texts"),
        pytest.param(b'["' + b"\\" * 101 + b"[[[" * 100, None, id="a text without an end"),
        pytest.param(b'"' + b'\\"' * 1_000_000, None, id="quotes in a text without an end"),
        pytest.param(b'"' + b'\\"' * 1_000_000 + b"\\", None, id="that ends in half a sign"),
        pytest.param(b"\xff\xfe" * 1_000_000, None, id="no text"),
        pytest.param(json.dumps({str(n): n for n in range(MOST_ITEMS)}).encode(), None, id="as many as may be"),
        pytest.param(json.dumps([[n] for n in range(2 * MOST_ITEMS)]).encode(), "elements", id="more"),
    ],
)
async def test_a_message_is_measured_without_being_read(message: bytes, wrong: str | None) -> None:
    """Well-formed or not, and in time linear in its length."""
    said = too_complex(message)

    assert (said is None) if wrong is None else (wrong in str(said))


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        pytest.param(None, None, id="none"),
        pytest.param({"a": ["b", {"c": 1.5}]}, None, id="plain"),
        pytest.param({"a": DEEP}, "deeper", id="deep"),
        pytest.param({"a": MANY}, "elements", id="many"),
        pytest.param({"a": "x" * (4 * 1_048_576 + 1)}, "characters", id="long"),
        pytest.param({"a": [{"b": "whole \udc00"}]}, "half a character", id="half a character"),
        pytest.param({"x" * (4 * 1_048_576 + 1): 1}, "characters", id="long name"),
    ],
)
async def test_arguments_are_measured_too(arguments: Any, wrong: str | None) -> None:
    """Whichever way they came."""
    said = beyond_bounds(arguments)

    assert (said is None) if wrong is None else (wrong in str(said))


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        pytest.param({"code": "x" * 5_000_000}, 413, "larger than 4,194,304 bytes", id="large"),
        pytest.param({"files": DEEP}, 400, "nested deeper than 64 levels", id="deep"),
        pytest.param({"files": [[one] for one in MANY * 2]}, 400, "more than 20,000 elements", id="many"),
    ],
)
async def test_what_is_too_much_is_refused_before_anything_is_made_of_it(
    served: Served, issuer: Issuer, arguments: dict[str, Any], status: int, said: str
) -> None:
    """With JSON that a client can read; and the server goes on."""
    body = message_of("tools/call", {"name": "run_code", "arguments": arguments})
    headers = headers_of("tools/call", name="run_code", token=issuer.token())
    async with httpx2.AsyncClient() as web:
        announced = await web.post(served.url, headers=headers, json=body)
        unannounced = await web.post(served.url, headers=headers, content=in_parts(json.dumps(body).encode()))
        after = await web.get(f"{served.address}/health")

    for answer in (announced, unannounced):
        assert answer.status_code == status
        assert said in answer.json()["error"]["message"]
    assert after.status_code == 200


async def in_parts(body: bytes) -> Any:
    for start in range(0, len(body), 65_536):
        yield body[start : start + 65_536]


async def test_nothing_is_read_of_whoever_has_not_signed_in(served: Served) -> None:
    """They are told to sign in, however much they would send."""
    async with httpx2.AsyncClient() as web:
        answer = await web.post(served.url, content=b"[" * 5_000_000)

    assert answer.status_code == 401


async def test_a_message_that_does_not_arrive_is_given_up() -> None:
    """Its sender is told so; who holds the line without a word holds nothing else."""
    sent: list[dict[str, Any]] = []

    async def never() -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(part: Any) -> None:
        sent.append(part)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("it never came")

    scope = {"type": "http", "method": "POST", "headers": []}
    await BoundedBodies(app, most_bytes=100, guarded=False, seconds=0.05)(scope, never, send)

    assert sent[0]["status"] == 408
    assert b"did not arrive" in sent[1]["body"]


async def test_only_its_own_names_reach_the_server(issuer: Issuer, tmp_path: Path) -> None:
    """The public one, this machine's, and those that are set; pages of none but the origins that are set."""
    said = {"public_url": "https://mendbox.example.com", "allowed_hosts": ("probe.internal",)}
    async with (
        serving(tmp_path, allowed_origins=("https://app.example.com",), **said, **by_descope(issuer)) as served,
        httpx2.AsyncClient() as web,
    ):
        seen = {
            host: (await web.get(f"{served.address}/health", headers={"Host": host})).status_code
            for host in ("mendbox.example.com", "probe.internal", "localhost", "evil.example", "10.0.0.7")
        }
        pages = {
            origin: (await web.get(f"{served.address}/health", headers={"Origin": origin})).status_code
            for origin in ("https://app.example.com", "https://evil.example", "null")
        }

    assert seen == {
        "mendbox.example.com": 200,
        "probe.internal": 200,
        "localhost": 200,
        "evil.example": 421,
        "10.0.0.7": 421,
    }
    assert pages == {"https://app.example.com": 200, "https://evil.example": 403, "null": 403}


@pytest.mark.parametrize(
    ("said", "variable"),
    [
        pytest.param({"descope_project_id": PROJECT}, "MENDBOX_PUBLIC_URL", id="descope"),
        pytest.param({"oidc_issuer": "https://id.example"}, "MENDBOX_OIDC_JWKS_URL", id="oidc-keys"),
        pytest.param(
            {"oidc_issuer": "https://id.example", "oidc_jwks_url": "https://id.example/keys"},
            "MENDBOX_OIDC_AUDIENCES",
            id="oidc-audiences",
        ),
        pytest.param(
            {"descope_config_url": "https://id.example/nothing", "public_url": "https://m.example"},
            "DESCOPE_CONFIG_URL",
            id="config",
        ),
    ],
)
async def test_a_setting_that_another_one_needs_is_named(said: dict[str, Any], variable: str) -> None:
    """A sign-in that is half set up lets nobody in, and says what is missing."""
    with pytest.raises(BadSetting) as caught:
        access(Settings(**said), over_http=True)

    assert caught.value.name == variable


async def test_a_server_of_its_own_at_descope_takes_its_own_tokens(issuer: Issuer, tmp_path: Path) -> None:
    """And the project's, but not those of another server in the project; a list of issuers overrides both."""
    config = f"{issuer.of_server(SERVER)}/.well-known/openid-configuration"
    async with serving(tmp_path, descope_config_url=config) as served:
        own, project, sibling = [
            await status(served, issuer.token(iss=iss))
            for iss in (issuer.of_server(SERVER), issuer.project, issuer.of_server("M2sibling"))
        ]
    async with serving(tmp_path, descope_config_url=config, descope_issuers=(issuer.of_server(SERVER),)) as served:
        strict = [await status(served, issuer.token(iss=iss)) for iss in (issuer.of_server(SERVER), issuer.project)]

    assert (own, project, sibling) == (200, 200, 401)
    assert strict == [200, 401]


async def test_any_other_issuer_signs_people_in(issuer: Issuer, tmp_path: Path) -> None:
    """By the same rules, beside Descope or instead of it."""
    oidc = {
        "oidc_issuer": "https://id.example",
        "oidc_jwks_url": f"{issuer.address}/{PROJECT}/.well-known/jwks.json",
        "oidc_audiences": ("mendbox",),
    }
    theirs = {"iss": "https://id.example/", "aud": "mendbox"}
    async with serving(tmp_path, **oidc) as served, httpx2.AsyncClient() as web:
        told = (await web.get(f"{served.address}/.well-known/oauth-protected-resource/mcp")).json()
        alone = [await status(served, issuer.token(**changed)) for changed in (theirs, {}, {**theirs, "exp": None})]
    async with serving(tmp_path, bearer_token="t" * 24, **oidc, **by_descope(issuer)) as served:
        all_ = [await status(served, token) for token in (issuer.token(**theirs), issuer.token(), "t" * 24, "t" * 23)]

    assert told["authorization_servers"] == ["https://id.example/"]
    assert alone == [200, 401, 401]
    assert all_ == [200, 200, 200, 401]


async def test_with_a_sign_in_others_can_reach_it(tmp_path: Path) -> None:
    """At every address of the machine; without one it would not listen there."""
    with pytest.raises(BadInput, match="there is no sign-in, so only this machine may reach the server"):
        listen("0.0.0.0:0")
    async with serving(tmp_path, host="0.0.0.0", bearer_token="t" * 24) as served:
        codes = [await status(served, "t" * 24), await status(served, "u" * 24)]

    assert codes == [200, 401]


async def status(served: Served, token: str) -> int:
    body = message_of("tools/list", {})
    async with httpx2.AsyncClient() as web:
        return (await web.post(served.url, headers=headers_of("tools/list", token=token), json=body)).status_code
