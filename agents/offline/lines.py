"""The lines that the search writes, as its author reads them: written by the box, so bounded and checked, or dropped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from agents.base import EditMade, Suspect, Value
from agents.told import read_line

LONGEST = 2_000_000
"""Characters of one line; a longer one is dropped."""
_Path = Annotated[str, Field(min_length=1, max_length=500)]
_Count = Annotated[int, Field(ge=0, le=10**9)]
_Kinds = Annotated[Mapping[Annotated[str, Field(min_length=1, max_length=100)], _Count], Field(max_length=500)]
"""Candidates tried, by family of edits."""
_Bits = Annotated[float, Field(ge=-100, le=10_000, allow_inf_nan=False)]


class Suspects(Value):
    """The most suspicious lines, first one first."""

    kind: Literal["suspects"]
    lines: tuple[Suspect, ...] = Field(max_length=20)
    failure: str = Field(default="", max_length=100)
    """Kind of the first failure, by the name of its exception."""


class Progress(Value):
    kind: Literal["progress"]
    tried: _Count
    found: _Count
    kinds: _Kinds = Field(default={})
    message: str = Field(default="", max_length=500)


class Plausible(Value):
    """A patch with which all tests passed in the search's own box."""

    kind: Literal["plausible"]
    files: Mapping[_Path, Annotated[str, Field(max_length=LONGEST)]] = Field(min_length=1, max_length=50)
    """The changed files' whole text."""
    edits: tuple[EditMade, ...] = Field(min_length=1, max_length=20)
    bits: _Bits
    """Its rank: the lower, the likelier."""
    tried: _Count
    """Candidates tried by then."""
    seconds: float = Field(ge=0, le=10**6)
    """Since the search began."""


_Sha = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""Content hash of all files with a patch made."""


class Partial(Value):
    """A patch with which some failing test passed, and none that had passed failed."""

    kind: Literal["partial"]
    files: Mapping[_Path, Annotated[str, Field(max_length=LONGEST)]] = Field(min_length=1, max_length=50)
    green: _Count
    """Failing tests that it turned green."""


class Place(Value):
    """Where one patch stands after all."""

    patch: _Sha
    bits: _Bits
    cluster: int | None = Field(default=None, ge=0, le=10**6)
    """Equal for patches that did the same on all inputs tried; None where that was not looked at."""
    reasons: tuple[Annotated[str, Field(max_length=200)], ...] = Field(default=(), max_length=10)
    """What made it likelier or less likely than its price, in words."""


class Ranked(Value):
    """The plausible patches, likeliest first."""

    kind: Literal["ranked"]
    order: tuple[Place, ...] = Field(max_length=500)
    compared: _Count
    """Inputs on which they were compared."""


class Answer(Value):
    """What one patch does with a question's call."""

    patch: _Sha
    answer: str = Field(min_length=1, max_length=400)


class Question(Value):
    """A call to which patches that are about equally likely answer differently."""

    kind: Literal["question"]
    call: str = Field(min_length=1, max_length=400)
    """As source text."""
    answers: tuple[Answer, ...] = Field(min_length=2, max_length=5)


class Ended(Value):
    kind: Literal["ended"]
    tried: _Count
    found: _Count
    kinds: _Kinds = Field(default={})
    reason: str = Field(max_length=1_000)
    seconds: float = Field(ge=0, le=10**6)


Said = Suspects | Progress | Plausible | Partial | Ranked | Question | Ended
_ADAPTER: TypeAdapter[Said] = TypeAdapter(Annotated[Said, Field(discriminator="kind")])


def read(line: str) -> Said | None:
    """What *line* says; None where it is not one of the search's lines."""
    return read_line(_ADAPTER, line, longest=LONGEST)
