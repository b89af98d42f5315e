"""What a model may ask for, and the reply that either asks or answers."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from agents.answering import Answer, Edit, Text, WholeFile
from agents.base import Value

MOST_REQUESTS = 6
"""Requests of one round that are answered."""
LONGEST_PATTERN = 200
LONGEST_CODE = 8_000


class Read(Value):
    """Lines of one file."""

    ask: Literal["read"]
    path: Text
    first: int | None = None
    """Counted from 1; the first one where None."""
    last: int | None = None


class Search(Value):
    """Lines of all files, or of those under one path, that hold a text or match a regular expression."""

    ask: Literal["search"]
    text: Text
    regex: bool = False
    under: Text = ""


class List(Value):
    """What one folder holds."""

    ask: Literal["list"]
    path: Text


class _Trial(Value):
    edits: tuple[Edit, ...] = ()
    files: tuple[WholeFile, ...] = ()
    """Changes that are made before, only for this; as in an answer."""


class Test(_Trial):
    """A run of one test, or of one test file, in a box."""

    __test__ = False

    ask: Literal["test"]
    node: Text


class Python(_Trial):
    """A run of a short program in a box, in the folder of the project."""

    ask: Literal["python"]
    code: Text


Request = Annotated[Read | Search | List | Test | Python, Field(discriminator="ask")]


class Turn(Value):
    """A reply while there may be looked: it asks for something, or it answers."""

    note: Text = ""
    requests: tuple[Request, ...] = ()
    edits: tuple[Edit, ...] = ()
    files: tuple[WholeFile, ...] = ()

    @model_validator(mode="after")
    def _asks_or_answers(self) -> Self:
        if self.requests and (self.edits or self.files):
            raise ValueError("it asks to look and answers at the same time: leave one of them empty")
        if not self.requests:
            self.answer  # noqa: B018 (says what is wrong with it)
        return self

    @property
    def answer(self) -> Answer:
        """The answer that it is, where it asks for nothing."""
        return Answer(note=self.note, edits=self.edits, files=self.files)


class LastTurn(Answer):
    """A change to the files, and why."""

    # a model that was asked for one in every round before may still say that it has no request
    @model_validator(mode="before")
    @classmethod
    def _asks_for_nothing(cls, said: object) -> object:
        if isinstance(said, dict) and said.get("requests") == []:
            return {name: value for name, value in said.items() if name != "requests"}
        return said


def in_words(request: Request) -> str:
    """*request* on one short line."""
    match request:
        case Read():
            lines = f" {request.first or 1}-{request.last or ''}" if request.first or request.last else ""
            return f"read {request.path[:200]}{lines}"
        case Search():
            kind = "regular expression" if request.regex else "text"
            under = f" under {request.under[:200]}" if request.under else ""
            return f"search for the {kind} {request.text[:80]!r}{under}"
        case List():
            return f"list {request.path[:200] or '.'}"
        case Test():
            return f"test {request.node[:200]}{_changed(request)}"
        case Python():
            return f"python{_changed(request)}"


def _changed(trial: Test | Python) -> str:
    return " with changes" if trial.edits or trial.files else ""
