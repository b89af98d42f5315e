"""The lines that the improver writes, as the host reads them: written by the box, so bounded and checked, or dropped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from agents.base import Value
from agents.improving import Advice, Improvement, Rejected
from agents.told import Ended, Progress, read_line

LONGEST = 2_000_000
"""Characters of one line; a longer one is dropped."""
_Path = Annotated[str, Field(min_length=1, max_length=500)]


class Held(Value):
    """A rewrite held; the files that it and those before it changed, whole."""

    kind: Literal["improvement"]
    improvement: Improvement
    files: Mapping[_Path, Annotated[str, Field(max_length=LONGEST)]] = Field(min_length=1, max_length=200)


class NotHeld(Value):
    kind: Literal["rejected"]
    rejected: Rejected


class Left(Value):
    kind: Literal["advice"]
    advice: Advice


Said = Held | NotHeld | Left | Progress | Ended
_ADAPTER: TypeAdapter[Said] = TypeAdapter(Annotated[Said, Field(discriminator="kind")])


def read(line: str) -> Said | None:
    """What *line* says; None where it is not one of the improver's lines."""
    return read_line(_ADAPTER, line, longest=LONGEST)
