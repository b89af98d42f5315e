"""A model that somebody else runs and pays for: what it is asked, what it said, and whoever carries that to and fro."""

from __future__ import annotations

import hashlib
from typing import Protocol

from agents.base import Message, Value


class Question(Value):
    """One question to it."""

    messages: tuple[Message, ...]
    most_tokens: int
    """Of the reply."""

    @property
    def id(self) -> str:
        """The same for the same question, so that an answer finds it again."""
        return hashlib.sha256(self.model_dump_json().encode("utf-8", "surrogatepass")).hexdigest()[:32]


class Said(Value):
    """Its reply: anything at all, from somewhere out of our sight."""

    text: str
    model: str
    cut: bool = False
    """It ended at the token limit."""


class Declined(Exception):
    """There is no reply, and asking again would bring none: the client or its user said no, or it went wrong there.

    Attributes:
        what: What is known of it, in one sentence.
    """

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Ask(Protocol):
    """Carries a question to the model and comes back with what it said."""

    async def __call__(self, question: Question) -> Said:
        """The reply, whenever there is one: the caller sets the deadline. Raises `Declined`."""
