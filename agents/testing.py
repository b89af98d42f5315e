"""What a tester is: somebody who writes tests for code as it is, and says what they are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Protocol

from pydantic import Field

from agents.base import Usage, Value

_Count = Annotated[int, Field(ge=0, le=10**9)]
_Path = Annotated[str, Field(min_length=1, max_length=500)]
_Words = Annotated[str, Field(max_length=1_000)]


TestType = Literal["unit", "integration", "property", "regression"]
"""unit: one call, and what it answered. integration: calls that go through several parts of the code. property: what holds
of many inputs, tried with hypothesis. regression: records of a whole behaviour, such as calls of one object in a row, or
the examples of a docstring.
"""
Framework = Literal["pytest", "unittest", "vitest"]


class Wanted(Value):
    """What sort of tests is asked for."""

    type: TestType = "unit"
    framework: Framework = "pytest"
    goal: Annotated[str, Field(max_length=20_000)] = ""
    """What the code is for, where whoever asks says it; data for a model, nothing else reads it."""


class Mutation(Value):
    """One file with one small change, by which it is seen whether a test tests anything."""

    path: _Path
    line: int = Field(ge=0, le=10**7)
    name: _Words
    text: str


class Survivor(Value):
    """A mutation on which no written test is red; it may do the same as the code."""

    name: _Words
    path: _Path
    text: Annotated[str, Field(max_length=500_000)]
    """The whole changed source."""
    line: int = Field(default=0, ge=0, le=10**7)


class Suspected(Value):
    """Something that looks like a bug of the code, so that no test says that it is right."""

    what: Literal["crash", "no end", "contradiction"]
    path: _Path
    line: int = Field(ge=0, le=10**7)
    """0 where it is not known."""
    call: _Words
    detail: _Words


class Red(Value):
    """A test that is red on the code as it is."""

    name: _Words
    """``function`` or ``Class::function``."""
    why: _Words
    error: Annotated[str, Field(max_length=200)] = ""
    """The exception's type."""
    inside: bool = False
    """Whether it was raised in the code, and not in the test."""
    path: Annotated[str, Field(max_length=500)] = ""
    """Where in the code; empty where that is not known."""
    line: int = Field(default=0, ge=0, le=10**7)


class Written(Value):
    """What a tester wrote, and what was seen of it in its own box."""

    text: Annotated[str, Field(max_length=2_000_000)] = ""
    """A pytest file; empty where no test was worth being kept."""
    cases: _Count = 0
    red: tuple[_Words, ...] = Field(default=(), max_length=5_000)
    """Cases that are red on the code after all."""
    kept: tuple[_Words, ...] = Field(default=(), max_length=5_000)
    """Names of the tests that are worth being kept, where that was asked; the text is whoever wrote it's own."""
    reds: tuple[Red, ...] = Field(default=(), max_length=1_000)
    """Tests that are red on the code, where it was asked which are worth being kept."""
    loaded: bool = True
    """Whether the file of tests could be loaded."""
    mutants: _Count = 0
    survivors: tuple[Survivor, ...] = Field(default=(), max_length=2_000)
    lines: _Count = 0
    all_lines: _Count = 0
    branches: _Count = 0
    all_branches: _Count = 0
    dropped: Mapping[_Words, _Count] = Field(default={}, max_length=20)
    """How many calls became no test, by the reason."""
    suspects: tuple[Suspected, ...] = Field(default=(), max_length=100)
    rate: float = Field(default=0.0, ge=0, le=10**7, allow_inf_nan=False)
    """Mutants a second on which the written file was run, on one core."""
    reason: _Words = ""
    """Why it ended before it was through; empty where it came to its own end."""
    author: Annotated[str, Field(max_length=100)] = "offline"
    model: Annotated[str | None, Field(max_length=200)] = None
    usage: Usage = Usage()


class Tester(Protocol):
    """Somebody who writes tests."""

    async def write(
        self, files: Mapping[str, str], mutations: Sequence[Mutation], *, wanted: Wanted, seconds: float
    ) -> Written:
        """Tests of *files* as they are, of the sort that is *wanted*, written within *seconds*, and which of *mutations*
        they notice.

        Raises:
            AuthorError: A model that is asked has none; see `agents.errors`.
        """

    async def measure(
        self, files: Mapping[str, str], mutations: Sequence[Mutation], text: str, *, seconds: float
    ) -> Written:
        """What the tests *text* are worth on *files*, and which of *mutations* they notice."""
