"""Who may sign in at a server over HTTP, and how much they may ask of it: the settings for it, a part of all of them."""

from __future__ import annotations

import ipaddress
import json
import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from engine.domain import Value

READ, RUN, ADMIN = "mendbox:read", "mendbox:run", "mendbox:admin"
SCOPES = (READ, RUN, ADMIN)
"""Look at one's own runs; begin and stop them; see what everybody does."""
SHORTEST_TOKEN = 20
"""Characters of a static bearer token: what a person would make up is shorter."""
OWNER = "owner"
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Bearer(Value):
    """A token that whoever holds it signs in with, until it is taken out of the settings."""

    name: str
    """Whose it is; their runs are theirs by it."""
    token: SecretStr
    scopes: tuple[str, ...]


def _parted(said: object) -> object:
    return tuple(said.replace(",", " ").split()) if isinstance(said, str) else said


def _web_address(said: str) -> str:
    parts = urlsplit(said)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("must be an address such as https://mendbox.example.com")
    if parts.scheme == "http" and not is_this_machine(parts.hostname):
        raise ValueError("must begin with https://, but for addresses of this machine")
    return said.rstrip("/")


def _scopes(said: tuple[str, ...]) -> tuple[str, ...]:
    if set(said) - set(SCOPES):
        raise ValueError(f"must be of {', '.join(SCOPES)}")
    return said


def is_this_machine(host: str) -> bool:
    """Whether *host* names nothing but this machine, as far as can be told without asking anybody."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def read_bearers(text: str) -> tuple[Bearer, ...]:
    """The tokens in a JSON object: ``{"name": "TOKEN"}`` or ``{"name": {"token": "TOKEN", "scopes": ["mendbox:read"]}}``.

    Raises:
        ValueError: It is no such object; the sentence shows none of the tokens.
    """
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError('must be JSON such as {"alice": {"token": "...", "scopes": ["mendbox:read"]}}') from None
    if not isinstance(said, dict):
        raise ValueError("must be a JSON object with a token by each name")  # noqa: TRY004 (pydantic tells of no TypeError)
    bearers = tuple(_bearer(name, one) for name, one in said.items())
    if len({bearer.token.get_secret_value() for bearer in bearers}) < len(bearers):
        raise ValueError("must have another token for each name")
    return bearers


def _bearer(name: str, said: object) -> Bearer:
    if not _NAME.fullmatch(name):
        raise ValueError("names have 1 to 64 letters, digits, dots, dashes and underscores")
    if name == OWNER:
        raise ValueError(f"{OWNER} is the name of whoever has MENDBOX_BEARER_TOKEN")
    token = said.get("token") if isinstance(said, dict) else said
    scopes = said.get("scopes", [READ, RUN]) if isinstance(said, dict) else [READ, RUN]
    if not isinstance(token, str):
        raise ValueError(f"{name} has no token")  # noqa: TRY004 (as above)
    if not isinstance(scopes, list) or not all(isinstance(scope, str) for scope in scopes):
        raise ValueError(f"the scopes of {name} are no list of words")
    return Bearer(name=name, token=_long_enough(SecretStr(token)), scopes=_scopes(tuple(scopes)))


def _long_enough(said: SecretStr) -> SecretStr:
    token = said.get_secret_value()
    if len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
        raise ValueError(
            f"a token has {SHORTEST_TOKEN} characters or more and no spaces, as `openssl rand -hex 24` makes them"
        )
    return said


def _well_formed(said: SecretStr) -> SecretStr:
    read_bearers(said.get_secret_value())
    return said


Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_parted)]
"""Separated by commas or blanks."""
Scopes = Annotated[Words, AfterValidator(_scopes)]
Web = Annotated[str, AfterValidator(_web_address)]


class SignIn(BaseSettings):
    """The part of `engine.settings.Settings` that a server over HTTP is guarded by."""

    model_config = SettingsConfigDict(
        env_prefix="MENDBOX_", frozen=True, extra="ignore", env_ignore_empty=True, populate_by_name=True
    )

    public_url: Web | None = None
    """Where clients reach the server, without ``/mcp``: what tokens are meant for, and what its metadata names."""
    allowed_hosts: Words = ()
    """Names by which the server may be called, beside the public one and this machine's own; for health probes, say."""
    allowed_origins: Words = ()
    """Origins of web pages that may call it, such as ``https://app.example.com``."""

    descope_project_id: str | None = Field(
        default=None, pattern=r"^[A-Za-z0-9_-]{1,128}$", validation_alias=AliasChoices("DESCOPE_PROJECT_ID")
    )
    descope_base_url: Web = Field(default="https://api.descope.com", validation_alias=AliasChoices("DESCOPE_BASE_URL"))
    descope_config_url: Web | None = Field(default=None, validation_alias=AliasChoices("DESCOPE_CONFIG_URL"))
    """The OpenID configuration of a Descope project or of one of its MCP servers; instead of the two above."""
    descope_audiences: Words = Field(default=(), validation_alias=AliasChoices("DESCOPE_AUDIENCES"))
    """Whom a token must be meant for, one of these; the project's id or ``PUBLIC_URL/mcp`` where unset."""
    descope_issuers: Words = Field(default=(), validation_alias=AliasChoices("DESCOPE_ISSUERS"))
    """Who may have issued a token; the project itself, and the MCP server of the configuration's address, where unset."""

    oidc_issuer: Web | None = None
    """Any other issuer of signed tokens; `oidc_jwks_url` and `oidc_audiences` go with it."""
    oidc_jwks_url: Web | None = None
    oidc_audiences: Words = ()
    oidc_algorithm: Literal[
        "RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "EdDSA"
    ] = "RS256"

    bearer_token: Annotated[SecretStr, AfterValidator(_long_enough)] | None = None
    """One token for whoever runs the server, with every scope."""
    bearer_tokens: Annotated[SecretStr, AfterValidator(_well_formed)] | None = None
    """A token for each of a small team, as JSON: ``{"alice": {"token": "...", "scopes": ["mendbox:read"]}}``, or for
    ``mendbox:read mendbox:run`` just ``{"alice": "..."}``."""

    token_seconds: int = Field(default=86_400, ge=60)
    """Longest life of a signed token."""
    human_claim: str = Field(default="amr", min_length=1)
    """A claim that only people's tokens have."""
    unknown_scopes: Scopes = (READ, RUN)
    """The most that is granted to a token that does not show whether a person or a program holds it."""

    calls_per_minute: int | None = Field(default=None, ge=0)
    """Calls of tools that each principal has in a minute; 0 for any number. Where unset: 600 after a sign-in."""
    calls_at_once: int | None = Field(default=None, ge=0)
    """Calls of tools that each principal has going on at a time; 0 for any number. Where unset: 64 after a sign-in."""
    body_kib: int = Field(default=4_096, ge=64, le=65_536)
    """Largest message that is taken over HTTP."""

    @property
    def bearers(self) -> tuple[Bearer, ...]:
        """Every static token."""
        one = () if self.bearer_token is None else (Bearer(name=OWNER, token=self.bearer_token, scopes=SCOPES),)
        return (*one, *(read_bearers(self.bearer_tokens.get_secret_value()) if self.bearer_tokens else ()))

    @property
    def descope(self) -> bool:
        return self.descope_project_id is not None or self.descope_config_url is not None

    @property
    def guarded(self) -> bool:
        """Whether whoever calls over HTTP has to sign in."""
        return self.descope or self.oidc_issuer is not None or bool(self.bearers)
