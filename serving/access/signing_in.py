"""The sign-in that the settings ask for, put together: who verifies tokens, who issues them, what is told of both."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from urllib.parse import urlsplit

from fastmcp.server.auth import AuthProvider, MultiAuth, RemoteAuthProvider, TokenVerifier
from fastmcp.server.auth.providers.descope import DescopeProvider
from pydantic import AnyHttpUrl
from starlette.middleware import Middleware as AsgiMiddleware

from engine.errors import BadSetting
from engine.settings import Settings
from engine.signin import SCOPES
from serving.access.bounds import BoundedArguments, BoundedBodies
from serving.access.quotas import Quotas
from serving.access.scopes import Scopes
from serving.access.validating import Validating
from serving.access.verifying import BearerTokens, Judge, SignedTokens
from serving.face import Face

PATH = "/mcp"
CALLS_PER_MINUTE = 600
CALLS_AT_ONCE = 64
"""Of a principal that has signed in, where the settings say nothing. Whoever needs no sign-in is at the machine itself,
and may load it as he likes."""
NAME = "Mendbox"


def access(settings: Settings, *, over_http: bool) -> Face:
    """What guards a server with *settings*.

    Over stdio whoever holds the pipe is the one principal, and has every scope: the sign-in, quotas and bounds of
    messages are HTTP's, but for the bounds of arguments.

    Raises:
        BadSetting: A setting is missing that another one asks for.
    """
    verifiers = _verifiers(settings)
    judges: Sequence[Judge] = tuple(verifiers.values())
    guarded = over_http and settings.guarded
    per_minute = _or(settings.calls_per_minute, CALLS_PER_MINUTE if guarded else 0)
    at_once = _or(settings.calls_at_once, CALLS_AT_ONCE if guarded else 0)
    if not over_http:
        return Face(middleware=(BoundedArguments(),), parts=(Validating(judges),))
    # It would tell a log, at every token of another source, what it expected of it.
    logging.getLogger("fastmcp.server.auth.providers.jwt").setLevel(logging.ERROR)
    return Face(
        auth=_provider(settings, verifiers) if guarded else None,
        middleware=(Quotas(per_minute=per_minute, at_once=at_once), Scopes(), BoundedArguments()),
        asgi=(AsgiMiddleware(BoundedBodies, most_bytes=settings.body_kib * 1_024, guarded=guarded),),
        parts=(Validating(judges),),
        allowed_hosts=(*_host_of(settings.public_url), *settings.allowed_hosts),
        allowed_origins=settings.allowed_origins,
    )


def _or(said: int | None, otherwise: int) -> int:
    return otherwise if said is None else said


def _host_of(url: str | None) -> tuple[str, ...]:
    host = urlsplit(url).hostname if url else None
    return (host,) if host else ()


def _verifiers(settings: Settings) -> dict[str, SignedTokens | BearerTokens]:
    verifiers: dict[str, SignedTokens | BearerTokens] = {}
    if settings.descope:
        verifiers["descope"] = _descope(settings)
    if settings.oidc_issuer is not None:
        verifiers["oidc"] = _oidc(settings, settings.oidc_issuer)
    if settings.bearers:
        verifiers["bearer"] = BearerTokens(settings.bearers)
    return verifiers


def _descope(settings: Settings) -> SignedTokens:
    provider = _descope_provider(settings, None, base_url=settings.public_url or "http://127.0.0.1")
    base, project = provider.descope_base_url, provider.project_id
    configured = provider.openid_configuration_url.removesuffix("/.well-known/openid-configuration")
    return _signed(
        settings,
        jwks_url=f"{base}/{project}/.well-known/jwks.json",
        issuers=settings.descope_issuers or tuple({f"{base}/v1/apps/{project}", configured}),
        audiences=settings.descope_audiences or (project, *_resource(settings)),
    )


def _oidc(settings: Settings, issuer: str) -> SignedTokens:
    if settings.oidc_jwks_url is None:
        raise BadSetting(
            "MENDBOX_OIDC_JWKS_URL",
            "MENDBOX_OIDC_JWKS_URL is not set, so nobody could tell the issuer's signature",
            hint=f"set it to what {issuer}/.well-known/openid-configuration calls jwks_uri",
        )
    audiences = settings.oidc_audiences or _resource(settings)
    if not audiences:
        raise BadSetting(
            "MENDBOX_OIDC_AUDIENCES",
            "MENDBOX_OIDC_AUDIENCES is not set, so nobody could tell which tokens are meant for this server",
            hint="set it, or MENDBOX_PUBLIC_URL for PUBLIC_URL/mcp",
        )
    return _signed(
        settings,
        jwks_url=settings.oidc_jwks_url,
        # Some write their own name with a slash at its end.
        issuers=(issuer, f"{issuer}/"),
        audiences=audiences,
        algorithm=settings.oidc_algorithm,
    )


def _signed(
    settings: Settings, *, jwks_url: str, issuers: Sequence[str], audiences: Sequence[str], algorithm: str = "RS256"
) -> SignedTokens:
    return SignedTokens(
        jwks_url=jwks_url,
        issuers=issuers,
        audiences=audiences,
        algorithm=algorithm,
        most_seconds=settings.token_seconds,
        human_claim=settings.human_claim,
        unknown_scopes=settings.unknown_scopes,
    )


def _provider(settings: Settings, verifiers: dict[str, SignedTokens | BearerTokens]) -> AuthProvider:
    """All of them as one, with the metadata by which a client finds out where to sign in (RFC 9728)."""
    server: RemoteAuthProvider | None = None
    others: dict[str, TokenVerifier] = dict(verifiers)
    oidc = None if settings.oidc_issuer is None else AnyHttpUrl(settings.oidc_issuer)
    if settings.descope:
        server = _descope_provider(settings, others.pop("descope"), base_url=_public_url(settings))
        server.authorization_servers += [oidc] if oidc else []
    elif oidc is not None:
        server = RemoteAuthProvider(
            token_verifier=others.pop("oidc"),
            authorization_servers=[oidc],
            base_url=_public_url(settings),
            scopes_supported=list(SCOPES),
            resource_name=NAME,
        )
    if server is None:
        return others["bearer"]
    return MultiAuth(server=server, verifiers=others, required_scopes=[]) if others else server


def _descope_provider(settings: Settings, verifier: TokenVerifier | None, *, base_url: str) -> DescopeProvider:
    try:
        return DescopeProvider(
            base_url=base_url,
            config_url=settings.descope_config_url,
            project_id=settings.descope_project_id,
            descope_base_url=settings.descope_base_url,
            scopes_supported=list(SCOPES),
            resource_name=NAME,
            token_verifier=verifier,
        )
    except ValueError as error:
        raise BadSetting(
            "DESCOPE_CONFIG_URL",
            f"DESCOPE_CONFIG_URL: {error}",
            hint="it looks like https://api.descope.com/v1/apps/P.../.well-known/openid-configuration",
        ) from None


def _resource(settings: Settings) -> tuple[str, ...]:
    return () if settings.public_url is None else (f"{settings.public_url}{PATH}",)


def _public_url(settings: Settings) -> str:
    if settings.public_url is None:
        raise BadSetting(
            "MENDBOX_PUBLIC_URL",
            "MENDBOX_PUBLIC_URL is not set, so nobody could tell which tokens are meant for this server",
            hint="set it to where clients reach the server, such as https://mendbox.example.com, without /mcp",
        )
    return settings.public_url
