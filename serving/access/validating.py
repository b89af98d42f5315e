"""`validate_authentication`: what a token says and whether it would be let in, told to those who may know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Self

from fastmcp import Context, FastMCP
from fastmcp.server.dependencies import get_access_token
from mcp.types import ToolAnnotations
from pydantic import Field

from engine.signin import ADMIN
from serving.access.principals import Kind, facts, principal
from serving.access.verifying import LONGEST_TOKEN, STEPS, WORDS, Judge, Judged
from serving.parts import Answer

Token = Annotated[
    str,
    Field(
        max_length=LONGEST_TOKEN,
        description=(
            "The bearer token to look at, with or without the word Bearer. Leave it empty for the one that this very "
            "call was signed in with: a token that is not sent as an argument cannot be read from one."
        ),
    ),
]


class AuthenticationAnswer(Answer):
    """What is known of a token; never the token itself."""

    configured: bool
    """Whether this server has a sign-in at all. Without one it takes calls of its own machine only."""
    valid: bool
    """Whether the token would be let in now."""
    reason: str
    """Why not, or what else there is to know, in one sentence."""
    yours: bool
    """Whether it is the caller's own. Of a token of somebody else only `valid` and `reason` are told, unless the caller
    may administer the server."""
    kind: Kind | None
    """`human`, `machine` (a program by itself), `delegated` (a program on behalf of somebody), or `unknown`."""
    subject: str | None
    client: str | None
    scopes: tuple[str, ...]
    """Those that it is granted here, which may be fewer than it says."""
    issuer: str | None
    expires: str | None
    """When it ends, ISO 8601, UTC; null where it does not by itself."""

    @classmethod
    def bare(cls, *, configured: bool, valid: bool, reason: str) -> Self:
        return cls(
            configured=configured,
            valid=valid,
            reason=reason,
            yours=False,
            kind=None,
            subject=None,
            client=None,
            scopes=(),
            issuer=None,
            expires=None,
        )

    @classmethod
    def of(cls, judged: Judged, *, caller: str, administers: bool) -> Self:
        if judged.access is None:
            return cls.bare(configured=True, valid=False, reason=f"The token is refused: {WORDS[judged.fault]}.")
        told = facts(judged.access)
        yours = told.name == caller
        if not (yours or administers):
            return cls.bare(configured=True, valid=True, reason="The token is good, and somebody else's.")
        return cls(
            configured=True,
            valid=True,
            reason="The token is good.",
            yours=yours,
            kind=told.kind,
            subject=told.subject,
            client=told.client,
            scopes=told.scopes,
            issuer=told.issuer,
            expires=None if told.expires is None else datetime.fromtimestamp(told.expires, UTC).isoformat(),
        )


class Validating:
    """The tool, over those who know tokens: the first to let one in decides."""

    def __init__(self, judges: Sequence[Judge]) -> None:
        self._judges = judges

    def __call__(self, server: FastMCP[Any]) -> None:
        server.tool(
            self.validate_authentication,
            title="Look at a token",
            annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False),
        )

    async def validate_authentication(self, *, ctx: Context, token: Token = "") -> AuthenticationAnswer:
        """Whether a bearer token would be let in, whose it is and what it may do: facts, never the token itself."""
        if not self._judges:
            return AuthenticationAnswer.bare(
                configured=False, valid=False, reason="This server has no sign-in: no token is looked at."
            )
        own = get_access_token()
        said = token.strip()
        if said[:7].lower() == "bearer ":
            said = said[7:].strip()
        if not said and own is None:
            return AuthenticationAnswer.bare(
                configured=True, valid=False, reason="This call was made without a token, and has none as an argument."
            )
        who = principal(ctx)
        judged = await self._judge(said or own.token if own is not None else said)
        return AuthenticationAnswer.of(judged, caller=who.name, administers=ADMIN in who.scopes)

    async def _judge(self, token: str) -> Judged:
        judged = [await judge.judge(token) for judge in self._judges]
        # The one that let it in; or else the one that got furthest, who knows best what is wrong.
        return max(judged, key=lambda one: (one.access is not None, STEPS.index(one.fault)))
