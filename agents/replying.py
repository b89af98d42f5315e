"""The provider that reads its replies from a file: for demonstrations, tests and replays, with no model and no key.

The file is a JSON list. An item is what a model would have said: text, or an object that stands for its JSON text.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Self, TypeVar

from pydantic import JsonValue, TypeAdapter, ValidationError

from agents.base import Allowance, Completion, Message, S, Usage
from agents.errors import NothingToOffer, UnusableReply
from agents.providers.replies import NoAnswer, extract

_LONGEST = 16 * 2**20
"""Bytes of a file."""
_REPLIES: TypeAdapter[list[JsonValue]] = TypeAdapter(list[JsonValue])


T = TypeVar("T")


class RepliesUnreadable(ValueError):
    """The file cannot be used; says which one it is and why."""


def read_recorded(path: Path, adapter: TypeAdapter[T], *, what: str, form: str, longest: int) -> T:
    """What the file *path* holds, of at most so many bytes; *what* it is and its *form* are words for whoever gave it.

    Raises:
        RepliesUnreadable: There is no such file, or it is of another form.
    """
    try:
        if path.stat().st_size > longest:
            raise RepliesUnreadable(f"{what} {str(path)!r} is longer than {longest} bytes")
        return adapter.validate_json(path.read_bytes())
    except OSError as error:
        raise RepliesUnreadable(f"{what} {str(path)!r} cannot be read: {error}") from error
    except ValidationError as error:
        raise RepliesUnreadable(f"{what} {str(path)!r} is no JSON {form}") from error


def as_text(reply: JsonValue) -> str:
    """*reply* as a model would have said it: an object stands for its JSON text."""
    return reply if isinstance(reply, str) else json.dumps(reply)


class ScriptedProvider:
    """A `Provider` that gives one reply after another, and has nothing to offer then."""

    name = "scripted"
    model = "a script"

    def __init__(self, replies: Sequence[str]) -> None:
        self._replies = replies
        self.asked: list[tuple[Message, ...]] = []
        """What it was asked, in order."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """The provider of the replies in the file *path*.

        Raises:
            RepliesUnreadable: There is no such file, or it is no list.
        """
        replies = read_recorded(path, _REPLIES, what="script", form="list of replies", longest=_LONGEST)
        return cls(list(map(as_text, replies)))

    async def complete(self, messages: Sequence[Message], schema: type[S], *, allowance: Allowance) -> Completion[S]:  # noqa: ARG002  # the protocol's
        """As `Provider.complete` promises; `NothingToOffer` after the last reply."""
        if len(self.asked) >= len(self._replies):
            raise NothingToOffer(self.name, f"the script has no reply after number {len(self._replies)}")
        reply = self._replies[len(self.asked)]
        self.asked.append(tuple(messages))
        usage = Usage(calls=1)
        try:
            answer = extract(reply, schema)
        except NoAnswer as error:
            raise UnusableReply(self.name, str(error), reply=reply, usage=usage) from error
        return Completion(answer=answer, model=self.model, usage=usage)
