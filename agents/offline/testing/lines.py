"""The lines that the tester writes in its box, as the host reads them: bounded and checked, or dropped."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from agents.testing import Written
from agents.told import Ended, Progress, read_line

LONGEST = 8_000_000
"""Characters of one line; a longer one is dropped."""


class Said(Written):
    """The file, with all that is known of it."""

    kind: Literal["written"]
    runs: int = Field(ge=0, le=10**9)
    """Mutants that were run while calls were chosen."""
    kill_seconds: float = Field(ge=0, le=10**6)
    seconds: float = Field(ge=0, le=10**6)


Line = Progress | Said | Ended
_ADAPTER: TypeAdapter[Line] = TypeAdapter(Annotated[Line, Field(discriminator="kind")])


def read(line: str) -> Line | None:
    """What *line* says; None where it is not one of the tester's lines."""
    return read_line(_ADAPTER, line, longest=LONGEST)
