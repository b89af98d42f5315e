"""What an improver is: somebody who makes green code faster or safer, and shows of each change what it did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Protocol

from pydantic import Field

from agents.base import Value

Kind = Literal["performance", "security"]
KINDS: tuple[Kind, ...] = ("performance", "security")
_Count = Annotated[int, Field(ge=0, le=10**12)]
_Path = Annotated[str, Field(min_length=1, max_length=500)]
_Words = Annotated[str, Field(max_length=1_000)]


class Work(Value):
    """What some calls cost, counted and never timed: the same on every machine."""

    instructions: _Count = 0
    """Bytecode instructions that ran, of this program and of every library written in Python."""
    elements: _Count = 0
    """Elements that operations written in C looked at, copied or moved, by the model in `counting`."""

    @property
    def steps(self) -> int:
        return self.instructions + self.elements


class Evidence(Value):
    """What was compared between the code before and after one improvement, in the improver's own box."""

    compared: _Count = 0
    """Calls, made from those of the tests, whose results, errors, changed arguments, output and module state were compared."""
    skipped: _Count = 0
    """Calls of the tests, or made from them, that could not be compared: not repeatable, not replayable or too long."""
    changed: tuple[_Words, ...] = Field(default=(), max_length=10)
    """Some of the calls on which the result changed on purpose."""
    changes: _Count = 0
    """How many those are in all."""
    scaled: _Count = 0
    """Larger calls on which the work was counted."""
    scale: _Count = 0
    """How many times larger at most."""
    before: Work = Work()
    after: Work = Work()
    rule_gone: bool = False
    """Ruff reports the rule at that place no longer, and no other rule of its kind instead."""


class Improvement(Value):
    """One rewrite that held."""

    kind: Kind
    pattern: _Words
    rule: str = Field(default="", max_length=20)
    path: _Path
    line: int = Field(ge=1, le=10**7)
    note: _Words
    on_purpose: _Words = ""
    """How the behaviour changes on purpose; empty where it has to stay as it was."""
    evidence: Evidence


class Rejected(Value):
    """One rewrite that did not hold."""

    kind: Kind
    pattern: _Words
    path: _Path
    line: int = Field(ge=1, le=10**7)
    note: _Words
    why: _Words


class Advice(Value):
    """A finding of the security rules that was not rewritten."""

    rule: str = Field(max_length=20)
    path: _Path
    line: int = Field(ge=1, le=10**7)
    message: _Words
    advice: _Words
    waived: bool = False
    """The line says `noqa`: somebody looked at it, and it is left as it is."""


class Looked(Value):
    """What one look at the code for one kind of improvement brought."""

    files: Mapping[str, str]
    """The code with all `improvements` made."""
    improvements: tuple[Improvement, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    advice: tuple[Advice, ...] = ()
    reason: str = ""
    """Why it ended before it was through; empty where it came to its own end."""


class Improver(Protocol):
    """Somebody who improves green code."""

    async def look(self, files: Mapping[str, str], tests: Mapping[str, str], *, kind: Kind, seconds: float) -> Looked:
        """*files* with the improvements of one *kind* that held, found within *seconds*."""
