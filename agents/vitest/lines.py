"""What the explorer of JavaScript writes in its box, as the host reads it: bounded and checked, or dropped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Protocol

from pydantic import Field, JsonValue, TypeAdapter

from agents.base import Value
from agents.testing import TestType
from agents.told import Ended, Progress, read_line

ENDINGS = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
"""Of files that are explored."""
LONGEST = 8_000_000
"""Characters of one line; a longer one is dropped."""
_Name = Annotated[str, Field(pattern=r"^[A-Za-z_$][\w$]{0,80}$")]
_Path = Annotated[str, Field(min_length=1, max_length=500)]
_Few = Annotated[tuple[JsonValue, ...], Field(max_length=12)]


class Step(Value):
    """A method that is called, or an attribute that is read."""

    name: _Name
    reads: bool = False
    args: _Few = ()


class Call(Value):
    """A function that is called, or an object that is made and used step by step."""

    path: _Path
    name: _Name
    exported: Literal["named", "default", "required"] = Field(alias="as")
    kind: Literal["function", "class"]
    args: _Few = ()
    made_with: _Few = Field(default=(), alias="construct")
    steps: tuple[Step, ...] = Field(default=(), max_length=10)


class Outcome(Value):
    """What a call, or one step of several, did."""

    kind: Literal["returns", "resolves", "yields", "throws", "rejects", "tells", "crashes", "hangs"]
    value: JsonValue = None
    unspeakable: bool = False
    iterated: bool = False
    """Whether it was refused only while it was gone through."""
    changed: tuple[tuple[int, JsonValue], ...] = Field(default=(), max_length=12)
    """Arguments that are others afterwards, by their place."""
    name: str = Field(default="", max_length=60)
    message: str = Field(default="", max_length=200)
    steps: tuple[Outcome, ...] = Field(default=(), max_length=10)


class Case(Value):
    """One test."""

    call: Call
    outcome: Outcome
    names: tuple[str, ...] = Field(default=(), max_length=40)
    kills: tuple[int, ...] = Field(default=(), max_length=5_000)
    """Numbers of the changes of the code that it notices."""


class Alive(Value):
    """A change of the code that no test notices."""

    path: _Path
    line: int = Field(ge=0, le=10**7)
    name: str = Field(max_length=1_000)
    text: str = Field(max_length=500_000)


class Crash(Value):
    path: _Path
    line: int = Field(ge=0, le=10**7)
    kind: Literal["crash", "no end"]
    call: Call
    detail: str = Field(max_length=500)


class Explored(Value):
    """All that was found."""

    kind: Literal["explored"] = "explored"
    cases: tuple[Case, ...] = Field(default=(), max_length=2_000)
    mutants: int = Field(default=0, ge=0, le=10**6)
    survivors: tuple[Alive, ...] = Field(default=(), max_length=2_000)
    dropped: Mapping[str, int] = Field(default={}, max_length=20)
    crashes: tuple[Crash, ...] = Field(default=(), max_length=50)
    rate: float = Field(default=0.0, ge=0, le=10**7, allow_inf_nan=False)


Line = Progress | Explored | Ended
_ADAPTER: TypeAdapter[Line] = TypeAdapter(Annotated[Line, Field(discriminator="kind")])


def read(line: str) -> Line | None:
    """What *line* says; None where it is not one of the explorer's lines."""
    return read_line(_ADAPTER, line, longest=LONGEST)


class JavaScriptExplorer(Protocol):
    """Somebody who calls what is exported, and says what it does."""

    async def explore(self, files: Mapping[str, str], *, type_: TestType, seconds: float) -> tuple[Explored, str]:
        """What was found in *files* within *seconds*, for tests of that type, and why it ended before it was through; that
        is empty otherwise.
        """
