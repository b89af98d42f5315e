"""Why an author has no draft.

AuthorError
├── NothingToOffer          no (further) idea; ask another author
│   └── TooDear             what is left of the budget pays for no answer
├── Refused                 the model declined
├── UnusableReply           it answered, but in no usable shape; billed
└── ProviderUnavailable     it could not be reached within the budget
    └── KeyRejected         it turned the key away
"""

from __future__ import annotations

from agents.base import Lead, Usage


class AuthorError(Exception):
    """Base of everything an author raises.

    Attributes:
        author: Who it is.
        what: What happened, in one sentence, without secrets.
        hint: What the person can do next.
        usage: What was billed all the same.
        candidates: How many candidates were searched through before, by this author or one that was asked first.
        lead: What was learnt on the way.
    """

    candidates: int = 0
    lead: Lead | None = None

    def __init__(self, author: str, what: str, *, hint: str = "", usage: Usage | None = None) -> None:
        super().__init__(f"{author}: {what}" + (f" ({hint})" if hint else ""))
        self.author = author
        self.what = what
        self.hint = hint
        self.usage = usage or Usage()


class NothingToOffer(AuthorError):
    """No (further) idea. `candidates` says how many were tried, `lead` what was learnt on the way."""

    def __init__(
        self,
        author: str,
        what: str,
        *,
        hint: str = "",
        candidates: int = 0,
        lead: Lead | None = None,
        usage: Usage | None = None,
    ) -> None:
        super().__init__(author, what, hint=hint, usage=usage)
        self.candidates = candidates
        self.lead = lead


class TooDear(NothingToOffer):
    """What is left of the tokens or the money pays for no further answer."""


class Refused(AuthorError):
    """The model declined the request."""


class UnusableReply(AuthorError):
    """The model answered, but not in the shape it was asked for. `reply` is what it said, bounded."""

    def __init__(self, author: str, what: str, *, reply: str = "", usage: Usage | None = None) -> None:
        super().__init__(author, what, usage=usage)
        self.reply = reply[:4_000]


class ProviderUnavailable(AuthorError):
    """The model could not be reached, or kept failing, within the budget."""


class KeyRejected(ProviderUnavailable):
    """The provider turned the key away."""
