"""Where the planted line stands among those that Mendbox suspects, after it has tried to mend the project."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from agents.base import Suspect
from engine.domain import Budget, Value
from engine.repository.healing import Plan
from engine.repository.result import RepositoryResult
from tests.publics.counting import mend
from tests.publics.planting import Bug


class Localised(Value):
    """What became of one planted bug."""

    path: str
    kind: str
    lines: tuple[int, ...]
    rank: int | None
    """1 for the most suspicious line; None where the bug is not among those that are told."""
    suspects: tuple[str, ...] = ()
    """``path:line`` of those that are."""
    outcome: str
    red: int
    seconds: float


async def localise(bug: Bug, root: Path, data: Path, *, seconds: float) -> Localised:
    """Have the project at *root*, in which *bug* is planted, mended without a model within *seconds* after its suite was
    looked at, and see which lines are suspected on the way.
    """
    budget = Budget(attempts=1, seconds=seconds)
    began = time.monotonic()
    result = await mend(root, data, Plan(author="offline", budget=budget, most_causes=1))
    suspects = suspects_of(result)
    return Localised(
        path=bug.path,
        kind=bug.kind,
        lines=bug.lines,
        rank=rank(bug, suspects),
        suspects=tuple(f"{each.path}:{each.line}" for each in suspects),
        outcome=result.outcome if result.outcome != "environment" else f"environment: {result.summary[:200]}",
        red=len(result.red),
        seconds=time.monotonic() - began,
    )


def suspects_of(result: RepositoryResult) -> tuple[Suspect, ...]:
    """Those that were told of the first cause, the likeliest first."""
    return result.healed[0].run.suspects if result.healed else ()


def rank(bug: Bug, suspects: Sequence[Suspect]) -> int | None:
    """The place of the first line that is wrong."""
    places = (number for number, each in enumerate(suspects, 1) if each.path == bug.path and each.line in bug.lines)
    return next(places, None)
