"""Which tokens are let in, over real HTTP, in both eras; and what is told of each."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx2
import pytest

from serving.access.verifying import WORDS
from tests.server.access.conftest import Served
from tests.server.access.issuer import PROJECT, SERVER, SIBLING, Issuer

pytestmark = pytest.mark.asyncio(loop_scope="module")

Make = Callable[[Issuer, str], str]
YEAR = 365 * 86_400

GOOD = {
    "good": lambda issuer, url: issuer.token(),
    "audience list": lambda issuer, url: issuer.token(aud=["another", PROJECT]),
    "audience is the server's address": lambda issuer, url: issuer.token(aud=url),
    "not before a moment ago": lambda issuer, url: issuer.token(nbf=int(time.time()) - 5),
    "a clock that is ahead a little": lambda issuer, url: issuer.token(nbf=int(time.time()) + 5),
    "no iat": lambda issuer, url: issuer.token(iat=None),
    "scopes as a list": lambda issuer, url: issuer.token(scope=None, scp=["mendbox:read"]),
}
BAD = {
    "wrong audience": ("audience", lambda issuer, url: issuer.token(aud="P2other")),
    "audience that is no text": ("audience", lambda issuer, url: issuer.token(aud=[{"name": PROJECT}])),
    "no audience": ("audience", lambda issuer, url: issuer.token(aud=None)),
    "expired": ("expired", lambda issuer, url: issuer.token(exp=int(time.time()) - 1)),
    "no exp": ("no_expiry", lambda issuer, url: issuer.token(exp=None)),
    "exp that is no number": ("no_expiry", lambda issuer, url: issuer.token(exp=True)),
    "endless exp": ("no_expiry", lambda issuer, url: issuer.token(exp=float("inf"))),
    "future nbf": ("not_yet", lambda issuer, url: issuer.token(nbf=int(time.time()) + 3_600)),
    "nbf that is no number": ("not_yet", lambda issuer, url: issuer.token(nbf="now")),
    "issued in the future": ("not_yet", lambda issuer, url: issuer.token(iat=int(time.time()) + 3_600)),
    "ten-year": ("too_long", lambda issuer, url: issuer.token(exp=int(time.time()) + 10 * YEAR)),
    "ten-year without iat": ("too_long", lambda issuer, url: issuer.token(iat=None, exp=int(time.time()) + 10 * YEAR)),
    "ten-year from the future": (
        "not_yet",
        lambda issuer, url: issuer.token(iat=int(time.time()) + 10 * YEAR - 60, exp=int(time.time()) + 10 * YEAR),
    ),
    "wrong issuer": ("issuer", lambda issuer, url: issuer.token(iss="https://evil.example")),
    "issuer as a list": ("issuer", lambda issuer, url: issuer.token(iss=[issuer.project])),
    "sibling server's issuer": ("issuer", lambda issuer, url: issuer.token(iss=issuer.of_server(SIBLING))),
    "own server's issuer, where only the project is configured": (
        "issuer",
        lambda issuer, url: issuer.token(iss=issuer.of_server(SERVER)),
    ),
    "alg none": ("algorithm", lambda issuer, url: issuer.unsigned()),
    "HS256 confusion": ("algorithm", lambda issuer, url: issuer.confused()),
    "forged kid": ("signature", lambda issuer, url: issuer.token(key=issuer.forger)),
    "unknown kid": ("signature", lambda issuer, url: issuer.token(kid="second")),
    "tampered": ("signature", lambda issuer, url: issuer.tampered()),
    "no sub": ("subject", lambda issuer, url: issuer.token(sub=None)),
    "empty sub": ("subject", lambda issuer, url: issuer.token(sub="")),
    "sub that is no text": ("subject", lambda issuer, url: issuer.token(sub=["alice"])),
    "garbage": ("unreadable", lambda issuer, url: "garbage"),
    "three parts of garbage": ("unreadable", lambda issuer, url: "a.b.c"),
    "huge": ("unreadable", lambda issuer, url: "a" * 17_000),
}


def every(tokens: dict[str, object]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "make", [pytest.param(make, id=name.replace(" ", "-")) for name, make in tokens.items()]
    )


@pytest.mark.parametrize("era", ["auto", "legacy"])
@every(GOOD)
async def test_a_good_token_is_let_in(served: Served, issuer: Issuer, make: Make, era: str) -> None:
    """Whoever it is meant for may be one of several, and clocks may be half a minute apart."""
    async with served.client(make(issuer, served.url), era=era) as client:
        answer = await client.call_tool("validate_authentication", {})

    assert answer.structured_content["valid"] is True
    assert answer.structured_content["subject"] == "alice"


@pytest.mark.parametrize("era", ["auto", "legacy"])
@every({name: make for name, (_, make) in BAD.items()})
async def test_a_bad_token_is_refused(served: Served, issuer: Issuer, make: Make, era: str) -> None:
    """With 401, and where to sign in; nothing of the token comes back."""
    token = make(issuer, served.url)
    answer = await ask(served, token, era)

    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert "/.well-known/oauth-protected-resource/mcp" in answer.headers["www-authenticate"]
    assert token not in answer.text + str(answer.headers)


@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_no_token_is_told_where_to_sign_in(served: Served, era: str) -> None:
    """A client that has none yet finds out from the answer, without being told of an error (RFC 6750, section 3.1)."""
    answer = await ask(served, None, era)

    assert answer.status_code == 401
    assert "error" not in answer.headers["www-authenticate"]
    assert f"{served.address}/.well-known/oauth-protected-resource/mcp" in answer.headers["www-authenticate"]


@pytest.mark.parametrize(
    ("fault", "make"), [pytest.param(*bad, id=name.replace(" ", "-")) for name, bad in BAD.items() if name != "huge"]
)
async def test_what_is_wrong_with_a_token_is_told(served: Served, issuer: Issuer, fault: str, make: Make) -> None:
    """To whoever has signed in and asks, in words, and without anything that the token says."""
    async with served.client(issuer.token()) as client:
        answer = (
            await client.call_tool("validate_authentication", {"token": make(issuer, served.url)})
        ).structured_content

    assert answer["valid"] is False
    assert answer["reason"] == f"The token is refused: {WORDS[fault]}."
    assert [answer[name] for name in ("kind", "subject", "client", "issuer", "expires")] == [None] * 5
    assert answer["scopes"] == []


@pytest.mark.parametrize(
    ("claims", "kind"),
    [
        pytest.param({}, "human", id="human"),
        pytest.param({"sub": "desktop", "amr": None}, "machine", id="machine"),
        pytest.param({"sub": "cron", "client_id": "cron", "azp": None, "amr": None}, "machine", id="machine-client_id"),
        pytest.param({"act": {"sub": "agent-7"}}, "delegated", id="delegated"),
        pytest.param({"act": None, "amr": None}, "unknown", id="unknown"),
        pytest.param({"amr": []}, "unknown", id="amr-that-says-nothing"),
        pytest.param({"mendbox_kind": "human", "amr": None}, "unknown", id="a-claim-of-our-own"),
    ],
)
async def test_principals_are_told_apart(served: Served, issuer: Issuer, claims: dict[str, object], kind: str) -> None:
    """A person, a program, a program for a person; of any other nothing is assumed. Only the first two administer."""
    async with served.client(issuer.token(**claims)) as client:
        answer = (await client.call_tool("validate_authentication", {})).structured_content

    assert answer["kind"] == kind
    assert answer["yours"] is True
    assert ("mendbox:admin" in answer["scopes"]) is (kind in {"human", "machine"})
    assert {"mendbox:read", "mendbox:run"} <= set(answer["scopes"])


async def ask(served: Served, token: str | None, era: str) -> httpx2.Response:
    """One request of *era* by hand, as a client that fails makes it."""
    version = "2026-07-28" if era == "auto" else "2025-11-25"
    headers = {
        "Accept": "application/json, text/event-stream",
        "Content-Type": "application/json",
        "MCP-Protocol-Version": version,
        "MCP-Method": "tools/list",
    }
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    async with httpx2.AsyncClient() as web:
        return await web.post(served.url, headers=headers, json=body)
