"""How much a file, and a part of a file, has to do with the failing tests."""

from __future__ import annotations

from collections.abc import Mapping

from agents.context.evidence import Evidence
from agents.context.parts import Part

OF_FRAME = 40.0
OF_SUSPECT = 30.0
OF_MENTION = 25.0
OF_IMPORT = 16.0
FARTHER = 0.75
"""What is left of a weight with each import, or each call, between."""
OF_CALL = 14.0
OF_EXECUTED = 10.0
OF_WORD = 5.0
OF_RECENT = 6.0
OF_MANIFEST = 12.0
"""These are no measurement: an order of how much each kind of evidence tells, with room between the kinds."""

MANIFESTS = ("pyproject.toml", "requirements.txt", "setup.cfg", "setup.py", "package.json", "Pipfile")
_MISSING = frozenset({"ModuleNotFoundError", "PackageNotFoundError", "MODULE_NOT_FOUND"})


def weigh_part(path: str, part: Part, evidence: Evidence) -> float:
    """Of one part; 0 where nothing points at it."""
    weight = OF_FRAME * _most_within(evidence.frames.get(path), part)
    weight += OF_SUSPECT * _most_within(evidence.suspects.get(path), part)
    if (away := evidence.reached.get((path, part.first))) is not None:
        weight += OF_CALL * FARTHER**away
    if part.name and part.word in evidence.words:
        weight += OF_WORD
    ran = evidence.executed.get(path)
    if ran is not None and part.name and any(part.first < line <= part.last for line in ran):
        weight += OF_EXECUTED
    return weight


def weigh_file(path: str, parts: tuple[Part, ...], evidence: Evidence) -> float:
    """Of one file: its best part, and what is known of all of it; 0 where nothing points at it."""
    weight = max((weigh_part(path, part, evidence) for part in parts), default=0.0)
    if path in evidence.mentioned:
        weight += OF_MENTION
    if (away := evidence.distances.get(path)) is not None:
        weight += OF_IMPORT * FARTHER ** max(0, away - 1)
    if path.rpartition("/")[2] in MANIFESTS and _MISSING & evidence.words:
        weight += OF_MANIFEST
    # that a file changed lately is no reason to show it, where nothing else is
    return weight + OF_RECENT * evidence.recent.get(path, 0.0) if weight else weight


def _most_within(lines: Mapping[int, float] | None, part: Part) -> float:
    return max((weight for line, weight in (lines or {}).items() if part.first <= line <= part.last), default=0.0)
