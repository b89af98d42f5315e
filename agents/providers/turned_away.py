"""From an HTTP error of a model's API to one of ours: what may pass, what will not, and never a key in a message."""

from __future__ import annotations

import re
from typing import NoReturn

from pydantic import SecretStr

from agents.base import Value
from agents.errors import KeyRejected, ProviderUnavailable
from agents.retrying import CallFailed

PASSING_STATUSES = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})
PASSING_KINDS = frozenset({"overloaded_error", "rate_limit_error", "api_error", "timeout_error", "server_error"})
"""What vendors call such a failure in a body, also in one that came with status 200."""
OUT_OF_MONEY = frozenset({"insufficient_quota", "billing_error", "billing_hard_limit_reached", "billing_not_active"})
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,39}")
_SAID = 300
"""Characters of the server's own words that are shown."""
_LOOKS_SECRET = re.compile(r"(?i)(bearer\s+\S+|\b(?:sk|pk|rk|key|token)[-_][\w*.-]{6,}|[A-Za-z0-9_-]{32,})")


class Door(Value):
    """Which provider it is, and which of its settings a person can mend."""

    author: str
    model: str
    key_variable: str
    url_variable: str
    model_variable: str


class Rejection(Value):
    """An error answer, as far as it is the same with every vendor."""

    error: str
    """Class of the client's exception."""
    status: int
    kind: str = ""
    """`type` or `code` of the error in the body."""
    said: str = ""
    """The server's own words; shown only bounded and with anything like a key taken out."""
    after: float | None = None


def kind_of(*names: object) -> str:
    """The most telling of the *names* a body gives its error; one that is no plain word is left out."""
    words = [
        name for name in names if isinstance(name, str) and _WORD.fullmatch(name) and not _LOOKS_SECRET.search(name)
    ]
    return next((word for word in words if word in OUT_OF_MONEY), words[0] if words else "")


def without_secrets(text: str, *keys: SecretStr | None) -> str:
    """*text* on one line and bounded, without *keys* and without what only looks like one."""
    for key in keys:
        if key and key.get_secret_value():
            text = text.replace(key.get_secret_value(), "[key]")
    text = _LOOKS_SECRET.sub("[key]", " ".join(text.split()))
    return text[:_SAID] + (" ..." if len(text) > _SAID else "")


def turn_away(door: Door, rejection: Rejection, key: SecretStr | None) -> NoReturn:
    """Raise what *rejection* means.

    Raises:
        CallFailed: It may pass.
        KeyRejected: The key is wrong, or not allowed to do this.
        ProviderUnavailable: It will not pass.
    """
    what = f"{rejection.error} (HTTP {rejection.status}{f', {rejection.kind}' if rejection.kind else ''})"
    if rejection.kind in OUT_OF_MONEY or rejection.status == 402:
        raise ProviderUnavailable(
            door.author,
            f"the account has no quota left: {what}",
            hint=f"check the plan and billing of the key in {door.key_variable}, or use --author offline",
        )
    if rejection.status in (401, 403):
        # The server's words are left out: some vendors repeat the key in them.
        raise KeyRejected(
            door.author,
            f"the key was turned away: {what}",
            hint=f"set {door.key_variable} to a key that may use {door.model!r}",
        )
    if rejection.status in PASSING_STATUSES or rejection.kind in PASSING_KINDS:
        raise CallFailed(what, after=rejection.after)
    said = without_secrets(rejection.said, key)
    if rejection.status == 404:
        raise ProviderUnavailable(
            door.author,
            f"there is no model {door.model!r} at this address: {what}",
            hint=f"set {door.model_variable} to a model that your account has, or check {door.url_variable}",
        )
    raise ProviderUnavailable(
        door.author,
        f"the request was turned away: {what}{f': {said}' if said else ''}",
        hint=f"check {door.model_variable} and {door.url_variable}",
    )
