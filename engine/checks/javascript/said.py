"""What our programs for JavaScript say on the report pipe: the shapes, and the reading of them.

What the survey says is ours: no submitted code had run. What a session says of the tests are claims of a process that runs
the submitted code.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from engine.checks.said import (
    Done,
    Executed,
    LineNumber,
    Lines,
    Name,
    NamesIn,
    Started,
    Text,
    Unparsable,
    read_as,
)
from sandboxes.base import Outcome

Frames = list[tuple[Name, LineNumber, Name]]


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Unread(_Said):
    """Node.js takes the file, and the parser that looks for its tests and lines does not."""

    event: Literal["unread"]
    path: Name


class Framework(_Said):
    """What runs the tests of a file, as it imports it; empty where it imports none that is known."""

    event: Literal["framework"]
    path: Name
    name: Name


class Twin(_Said):
    """An edit of a frozen file, by UTF-16 units, after which one of its tests has to be red."""

    event: Literal["twin"]
    path: Name
    test: Name
    variant: Annotated[int, Field(ge=0, le=100)]
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    text: Text
    method: bool
    """It is a function of assert that is called there, and not the module itself."""


class Looks(_Said):
    """What new code of a file reaches for."""

    event: Literal["looks"]
    path: Name
    words: list[Name]


class Table(_Said):
    """New code of a file carries answers of the tests."""

    event: Literal["table"]
    path: Name
    answered: Annotated[int, Field(ge=0)]
    asked: Annotated[int, Field(ge=0)]


class Ended(_Said):
    event: Literal["ended"]
    node: Name
    ended: Literal["passed", "failed", "error", "skipped", "xfailed", "xpassed"]
    seconds: float
    hung: bool = False
    below: bool = False
    """It failed because one of those below it did."""
    rule: Name = ""
    message: Text = ""
    text: Text = ""
    frames: Frames = []


class FileFailed(_Said):
    """A file of tests ended badly as a whole: it could not be loaded, was killed, or failed between its tests."""

    event: Literal["file_failed"]
    path: Name
    hung: bool
    running: Name
    """Names of the test that was begun last in it, and of what it is in, with `` > `` between them."""
    rule: Name
    message: Text
    text: Text
    frames: Frames
    error: Text
    """The end of what its process wrote to standard error."""


class Vanished(_Said):
    """The process of a file was gone before our part of it could say how it ended."""

    event: Literal["vanished"]
    path: Name


class Replaced(_Said):
    """What was another at the end of a file's process than before its first line."""

    event: Literal["replaced"]
    path: Name
    left: bool
    """Somebody asked for the process to end."""
    what: list[Name]


class Typed(_Said):
    """A type error."""

    event: Literal["typed"]
    path: Name
    line: LineNumber
    rule: Name
    message: Text


class Components(_Said):
    """Whether single file components were read with the rest."""

    event: Literal["components"]
    read: bool


class Linted(_Said):
    """What eslint found."""

    event: Literal["linted"]
    path: Name
    line: LineNumber
    rule: Name
    message: Text


Surveyed = Unparsable | NamesIn | Lines | Unread | Framework | Twin | Looks | Table | Done
Told = Started | Ended | FileFailed | Executed | Vanished | Replaced | Done

OfTypes = Typed | Components | Done
OfLint = Linted | Done

_SURVEYED: TypeAdapter[Surveyed] = TypeAdapter(Annotated[Surveyed, Field(discriminator="event")])
_TOLD: TypeAdapter[Told] = TypeAdapter(Annotated[Told, Field(discriminator="event")])
_TYPES: TypeAdapter[OfTypes] = TypeAdapter(Annotated[OfTypes, Field(discriminator="event")])
_LINT: TypeAdapter[OfLint] = TypeAdapter(Annotated[OfLint, Field(discriminator="event")])


def survey(outcome: Outcome, nonce: str) -> list[Surveyed]:
    """All lines of a survey. Raises `Garbled`."""
    return read_as(_SURVEYED, outcome, nonce)


def session(outcome: Outcome, nonce: str) -> list[Told]:
    """All lines of a session. Raises `Garbled`."""
    return read_as(_TOLD, outcome, nonce)


def types(outcome: Outcome, nonce: str) -> list[OfTypes]:
    """All lines of a look at the types. Raises `Garbled`."""
    return read_as(_TYPES, outcome, nonce)


def lint(outcome: Outcome, nonce: str) -> list[OfLint]:
    """All lines of eslint's. Raises `Garbled`."""
    return read_as(_LINT, outcome, nonce)
