"""How clients sign in: a person's by OAuth 2.1 with PKCE, a program's by its own credentials, a small team's by tokens."""

from __future__ import annotations

import httpx2
import pytest
from fastmcp import Client
from fastmcp.client.auth import ClientCredentialsOAuthProvider, OAuth
from mcp.client.auth import AuthorizationCodeResult

from tests.server.access.conftest import Served
from tests.server.access.issuer import MACHINE, MACHINE_SECRET, Issuer

pytestmark = pytest.mark.asyncio(loop_scope="module")

CODE = {"code": "def add(a, b):\n    return a - b\n", "error_message": "wrong"}


class Person(OAuth):
    """Somebody at a browser, who follows the issuer's redirect back to the client."""

    def __init__(self, url: str) -> None:
        super().__init__(url, scopes=["mendbox:read", "mendbox:run"], client_name="test")
        self._back: httpx2.URL | None = None

    async def redirect_handler(self, authorization_url: str) -> None:
        async with httpx2.AsyncClient() as browser:
            answer = await browser.get(authorization_url)
        self._back = httpx2.URL(answer.headers["location"])

    async def callback_handler(self) -> AuthorizationCodeResult:
        assert self._back is not None
        said = self._back.params
        return AuthorizationCodeResult(code=said["code"], state=said["state"], iss=said["iss"])


@pytest.mark.filterwarnings("ignore:Using in-memory token storage")
@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_a_person_signs_in_by_oauth_with_pkce(served: Served, era: str) -> None:
    """From nothing but the server's address: its metadata, the issuer's, registration, code, token, call."""
    async with Client(served.url, auth=Person(served.url), mode=era) as client:
        told = (await client.call_tool("validate_authentication", {})).structured_content
        run = (await client.call_tool("auto_fix_code", CODE)).structured_content

    assert (told["kind"], told["subject"]) == ("human", "alice")
    assert told["scopes"] == ["mendbox:read", "mendbox:run"]
    assert run["outcome"] == "verified"


@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_a_program_signs_in_by_its_own_credentials(served: Served, issuer: Issuer, era: str) -> None:
    """Client credentials, found the same way."""
    auth = ClientCredentialsOAuthProvider(
        client_id=MACHINE, client_secret=MACHINE_SECRET, scopes="mendbox:read mendbox:run", issuer=issuer.project
    )
    async with Client(served.url, auth=auth, mode=era) as client:
        told = (await client.call_tool("validate_authentication", {})).structured_content
        run = (await client.call_tool("auto_fix_code", CODE)).structured_content

    assert (told["kind"], told["subject"], told["client"]) == ("machine", MACHINE, MACHINE)
    assert run["outcome"] == "verified"


@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_a_small_team_signs_in_by_tokens(served: Served, era: str) -> None:
    """Beside the issuer; each has a name and scopes."""
    async with served.client("token-of-carl-0123456789", era=era) as client:
        told = (await client.call_tool("validate_authentication", {})).structured_content

    assert (told["subject"], told["issuer"], told["expires"]) == ("carl", "mendbox", None)
    assert told["scopes"] == ["mendbox:read", "mendbox:run"]


@pytest.mark.parametrize(
    "token", ["token-of-carl-012345678", "token-of-carl-01234567890", "TOKEN-OF-CARL-0123456789", "-"]
)
async def test_a_token_that_is_nearly_right_is_wrong(served: Served, token: str) -> None:
    """Whole, or not at all."""
    async with httpx2.AsyncClient() as web:
        answer = await web.post(served.url, headers={"Authorization": f"Bearer {token}"}, json={})

    assert answer.status_code == 401


async def test_the_metadata_names_the_issuer_and_the_scopes(served: Served, issuer: Issuer) -> None:
    """RFC 9728; without any sign-in, as that is what it is for."""
    async with httpx2.AsyncClient() as web:
        answer = (await web.get(f"{served.address}/.well-known/oauth-protected-resource/mcp")).json()
        proxied = (await web.get(f"{served.address}/.well-known/oauth-authorization-server")).json()

    assert answer["resource"] == served.url
    assert answer["authorization_servers"] == [issuer.project]
    assert answer["scopes_supported"] == ["mendbox:read", "mendbox:run", "mendbox:admin"]
    assert proxied["token_endpoint"] == f"{issuer.address}/token"


async def test_what_needs_no_sign_in_tells_nothing(served: Served) -> None:
    """A health probe learns that the server is up."""
    async with httpx2.AsyncClient() as web:
        health = await web.get(f"{served.address}/health")

    assert health.json() == {"status": "ok"}


async def test_a_token_of_somebody_else_is_good_or_not_and_that_is_all(served: Served, issuer: Issuer) -> None:
    """Unless the caller may administer the server."""
    alice, team = issuer.token(), "token-of-bea-0123456789"
    async with served.client("token-of-carl-0123456789") as carl:
        of_alice = (await carl.call_tool("validate_authentication", {"token": alice})).structured_content
        of_bea = (await carl.call_tool("validate_authentication", {"token": team})).structured_content
    async with served.client(alice) as administrator:
        to_alice = await administrator.call_tool("validate_authentication", {"token": f"Bearer {team}"})

    for told in (of_alice, of_bea):
        assert (told["valid"], told["yours"]) == (True, False)
        assert [told[name] for name in ("kind", "subject", "client", "issuer", "expires")] == [None] * 5
    assert to_alice.structured_content["subject"] == "bea"
    for answer in (of_alice, of_bea, to_alice):
        assert alice not in str(answer)
        assert team not in str(answer)
