"""Where the planted line stands among those that Mendbox suspects after one look at the suite in a box."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from agents.base import Suspect
from engine.domain import Value
from tests.publics.counting import look_inside
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


async def localise(bug: Bug, root: Path, data: Path) -> Localised:
    """Have the project at *root*, in which *bug* is planted, looked at, and see which lines are suspected."""
    began = time.monotonic()
    inside, result = await look_inside(root, data)
    suspects = result.before.suspects
    return Localised(
        path=bug.path,
        kind=bug.kind,
        lines=bug.lines,
        rank=rank(bug, suspects),
        suspects=tuple(f"{each.path}:{each.line}" for each in suspects),
        outcome=inside.said or result.outcome,
        red=len(result.red),
        seconds=time.monotonic() - began,
    )


def rank(bug: Bug, suspects: Sequence[Suspect]) -> int | None:
    """The place of the first line that is wrong."""
    places = (number for number, each in enumerate(suspects, 1) if each.path == bug.path and each.line in bug.lines)
    return next(places, None)
