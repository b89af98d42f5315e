"""A Descope of the tests' own: keys, metadata, registration, and both ways to a token, on a port of this machine."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

PROJECT = "P2fake"
SERVER = "M2mine"
SIBLING = "M2sibling"
MACHINE, MACHINE_SECRET = "machine-client", "machine-secret-of-the-tests"
EVERY_SCOPE = "mendbox:read mendbox:run mendbox:admin"


class Issuer:
    """What it has issued nobody else can: its keys are made anew each time."""

    def __init__(self, address: str, audience: str = PROJECT) -> None:
        self.address = address
        self.audience = audience
        self.key = RSAKey.generate_key(2048, {"kid": "first", "use": "sig", "alg": "RS256"})
        self.forger = RSAKey.generate_key(2048, {"kid": "first"})
        self.asked_for_keys = 0
        self._codes: dict[str, dict[str, str]] = {}

    @property
    def project(self) -> str:
        return f"{self.address}/v1/apps/{PROJECT}"

    def of_server(self, server: str) -> str:
        return f"{self.address}/v1/apps/agentic/{PROJECT}/{server}"

    def claims(self, **changed: Any) -> dict[str, Any]:
        """A person's, with what is changed; a claim that is None is left out."""
        now = int(time.time())
        claims = {
            "iss": self.project,
            "aud": self.audience,
            "sub": "alice",
            "azp": "desktop",
            "amr": ["email"],
            "scope": EVERY_SCOPE,
            "iat": now,
            "exp": now + 600,
            **changed,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, *, key: RSAKey | None = None, kid: str = "first", **changed: Any) -> str:
        return jwt.encode({"alg": "RS256", "kid": kid}, self.claims(**changed), key or self.key)

    def unsigned(self) -> str:
        return f"{_part({'alg': 'none', 'kid': 'first'})}.{_part(self.claims())}."

    def confused(self) -> str:
        """Signed with the public key as if that were a secret that both share."""
        signed = f"{_part({'alg': 'HS256', 'kid': 'first'})}.{_part(self.claims())}"
        mac = hmac.digest(self.key.as_pem(private=False), signed.encode(), "sha256")
        return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"

    def tampered(self) -> str:
        header, _, signature = self.token().split(".")
        return f"{header}.{_part(self.claims(sub='mallory'))}.{signature}"

    # What it answers over HTTP

    def app(self) -> Starlette:
        metadata = [
            f"/v1/apps/{PROJECT}/.well-known/openid-configuration",
            f"/v1/apps/{PROJECT}/.well-known/oauth-authorization-server",
            f"/.well-known/oauth-authorization-server/v1/apps/{PROJECT}",
            f"/.well-known/openid-configuration/v1/apps/{PROJECT}",
        ]
        return Starlette(
            routes=[
                *(Route(path, self._metadata) for path in metadata),
                Route(f"/{PROJECT}/.well-known/jwks.json", self._keys),
                Route("/register", self._register, methods=["POST"]),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
            ]
        )

    async def _metadata(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.project,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "registration_endpoint": f"{self.address}/register",
                "jwks_uri": f"{self.address}/{PROJECT}/.well-known/jwks.json",
                "scopes_supported": EVERY_SCOPE.split(),
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code", "client_credentials"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def _keys(self, _: Request) -> Response:
        self.asked_for_keys += 1
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def _register(self, request: Request) -> Response:
        asked = await request.json()
        known = {"client_id": f"client-{secrets.token_hex(4)}", "client_id_issued_at": int(time.time())}
        return JSONResponse({**asked, **known, "token_endpoint_auth_method": "none"}, status_code=201)

    async def _authorize(self, request: Request) -> Response:
        """Whoever comes here is alice, and she agrees."""
        asked = dict(request.query_params)
        if asked.get("code_challenge_method") != "S256" or not asked.get("code_challenge"):
            return JSONResponse({"error": "invalid_request"}, status_code=400)
        code = secrets.token_hex(16)
        self._codes[code] = asked
        back = urlencode({"code": code, "state": asked.get("state", ""), "iss": self.project})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", status_code=302)

    async def _token(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        if form.get("grant_type") == "client_credentials":
            return self._to_a_machine(request, form)
        asked = self._codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if asked is None or asked["code_challenge"] != challenge.rstrip(b"=").decode():
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        return self._answer(sub="alice", azp=asked["client_id"], scope=asked.get("scope") or EVERY_SCOPE)

    def _to_a_machine(self, request: Request, form: dict[str, str]) -> Response:
        basic = request.headers.get("authorization", "").removeprefix("Basic ")
        said = base64.b64decode(basic).decode() if basic else f"{form.get('client_id')}:{form.get('client_secret')}"
        if said != f"{MACHINE}:{MACHINE_SECRET}":
            return JSONResponse({"error": "invalid_client"}, status_code=401)
        return self._answer(sub=MACHINE, azp=MACHINE, amr=None, scope=form.get("scope") or EVERY_SCOPE)

    def _answer(self, **claims: Any) -> Response:
        token = self.token(**claims)
        return JSONResponse(
            {"access_token": token, "token_type": "Bearer", "expires_in": 600, "scope": claims["scope"]}
        )


@asynccontextmanager
async def issuing() -> AsyncIterator[Issuer]:
    """An issuer that answers at a free port."""
    listener = socket.create_server(("127.0.0.1", 0))
    issuer = Issuer(f"http://127.0.0.1:{listener.getsockname()[1]}")
    server = Quiet(uvicorn.Config(issuer.app(), lifespan="off", log_config=None, access_log=False))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield issuer
    finally:
        server.should_exit = True
        await serving


class Quiet(uvicorn.Server):
    def install_signal_handlers(self) -> None: ...


def _part(said: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()
