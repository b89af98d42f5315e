"""Whether a token is good, and where it is not, why: signed by whom it says, for us, now, and not for ever."""

from __future__ import annotations

import hmac
import math
import time
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Literal, NamedTuple, Protocol, TypeGuard

from fastmcp.server.auth import AccessToken, TokenVerifier
from fastmcp.server.auth.providers.jwt import JWTVerifier
from fastmcp.utilities.auth import decode_jwt_header
from joserfc import jwk, jwt
from joserfc.errors import JoseError

from engine.signin import READ, RUN, Bearer
from serving.access.principals import Claims, granted

LEEWAY_SECONDS = 30
"""How far two clocks may be apart."""
LONGEST_TOKEN = 16_384
LONGEST_NAME = 512

Fault = Literal[
    "unreadable",
    "algorithm",
    "signature",
    "issuer",
    "audience",
    "no_expiry",
    "expired",
    "not_yet",
    "too_long",
    "subject",
]
WORDS: Mapping[Fault, str] = {
    "unreadable": "it is no token that this server knows",
    "algorithm": "it is not signed in the way that its issuer signs",
    "signature": "its signature is not its issuer's",
    "issuer": "it was issued by somebody whose tokens are not taken here",
    "audience": "it is meant for another server",
    "no_expiry": "it never expires",
    "expired": "it has expired",
    "not_yet": "it is not valid yet",
    "too_long": "it is valid for longer than tokens may be here",
    "subject": "it does not say whose it is",
}
"""What is wrong with a token, as the end of a sentence."""
STEPS: Sequence[Fault] = tuple(WORDS)
"""What is looked at, in order."""


class Judged(NamedTuple):
    """What became of a token."""

    access: AccessToken | None
    """None where it is refused, for the *fault* that it has."""
    fault: Fault = "unreadable"


class Judge(Protocol):
    """Knows tokens of one kind."""

    async def judge(self, token: str) -> Judged:
        """Whether *token* is good, and if not, why not; `unreadable` where it is of another kind."""


class SignedTokens(JWTVerifier):
    """Signed tokens of the *issuers*, held to more than their signature: they expire, within *most_seconds*, and say
    whose they are.

    Source of the stricter rules: RFC 9068, section 2.2 (claims that an access token must have), and RFC 8725, section
    3 (algorithm, issuer and audience fixed beforehand).
    """

    def __init__(
        self,
        *,
        jwks_url: str,
        issuers: Sequence[str],
        audiences: Sequence[str],
        algorithm: str = "RS256",
        most_seconds: int,
        human_claim: str,
        unknown_scopes: Sequence[str],
    ) -> None:
        super().__init__(jwks_uri=jwks_url, issuer=list(issuers), audience=list(audiences), algorithm=algorithm)
        self._most_seconds = most_seconds
        self._human_claim = human_claim
        self._unknown_scopes = unknown_scopes

    def get_challenge_scopes(self, required_scopes: list[str] | None = None) -> list[str]:  # noqa: ARG002  # its signature
        """What a client that has not signed in is told to ask for: to administer the server it has to want by itself."""
        return [READ, RUN]

    async def load_access_token(self, token: str) -> AccessToken | None:
        return (await self.judge(token)).access

    async def judge(self, token: str) -> Judged:
        if len(token) > LONGEST_TOKEN:
            return Judged(None)
        try:
            access = await super().load_access_token(token)
        except (OverflowError, RecursionError):
            # Numbers and depths that JSON can write and Python cannot take.
            access = None
        if access is None:
            return Judged(None, await self._why_not(token))
        fault = self._beyond_the_signature(access.claims)
        if fault is not None:
            return Judged(None, fault)
        return Judged(granted(access, human_claim=self._human_claim, unknown_scopes=self._unknown_scopes))

    def _beyond_the_signature(self, claims: Claims) -> Fault | None:
        subject = claims.get("sub")
        named = isinstance(subject, str) and 0 < len(subject) <= LONGEST_NAME
        return self._time_is_wrong(claims) or (None if named else "subject")

    def _time_is_wrong(self, claims: Claims) -> Fault | None:
        now = time.time()
        expires, begins, issued = (claims.get(name) for name in ("exp", "nbf", "iat"))
        if not _is_time(expires):
            return "no_expiry"
        if expires < now:
            return "expired"
        for said in (begins, issued):
            if said is not None and not (_is_time(said) and said <= now + LEEWAY_SECONDS):
                return "not_yet"
        # One that does not say when it was issued must not be good for longer from now on either.
        since = min(issued, now) if _is_time(issued) else now
        return "too_long" if expires - since > self._most_seconds else None

    async def _why_not(self, token: str) -> Fault:
        """Why one was refused that the usual verification refuses; nothing is taken for true but what is signed."""
        try:
            if decode_jwt_header(token).get("alg") != self.algorithm:
                return "algorithm"
        except (ValueError, AttributeError, RecursionError):
            return "unreadable"
        try:
            key = jwk.import_key(await self._get_verification_key(token), key_type=_key_type(self.algorithm))
            claims = jwt.decode(token, key, algorithms=[self.algorithm]).claims
        except (JoseError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
            return "signature"
        if claims.get("iss") not in (self.issuer or ()):
            return "issuer"
        meant_for = claims.get("aud")
        if not any(one in (self.audience or ()) for one in (meant_for if isinstance(meant_for, list) else [meant_for])):
            return "audience"
        return self._beyond_the_signature(claims) or "unreadable"


class BearerTokens(TokenVerifier):
    """The static tokens of the settings. Only their digests are kept here."""

    ISSUER = "mendbox"

    def __init__(self, bearers: Sequence[Bearer]) -> None:
        super().__init__(required_scopes=[])
        self._by_digest = [(sha256(one.token.get_secret_value().encode()).digest(), one) for one in bearers]

    async def verify_token(self, token: str) -> AccessToken | None:
        return (await self.judge(token)).access

    async def judge(self, token: str) -> Judged:
        digest = sha256(token.encode("utf-8", "surrogatepass")).digest()
        # Every one of them, whichever fits: how long it takes must not tell which.
        found = [bearer for known, bearer in self._by_digest if hmac.compare_digest(known, digest)]
        if not found:
            return Judged(None)
        name = found[0].name
        access = AccessToken(
            token=token,
            client_id=name,
            subject=name,
            scopes=list(found[0].scopes),
            claims={"iss": self.ISSUER, "sub": name},
        )
        return Judged(granted(access, static=True))


def _is_time(said: object) -> TypeGuard[float]:
    return isinstance(said, int | float) and not isinstance(said, bool) and math.isfinite(said)


def _key_type(algorithm: str) -> Literal["RSA", "EC", "OKP"]:
    return "OKP" if algorithm == "EdDSA" else "EC" if algorithm.startswith("ES") else "RSA"
