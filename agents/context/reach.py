"""Which functions a failing test may come to: from the names it uses to what defines them, and on from there.

A call graph by names alone, as no program is run here. It is bounded to files that the test imports, at whatever
distance, and to what was seen to run where that is known; a name that very many define says nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from agents.context.parts import Part, parts_of

Reached = Mapping[tuple[str, int], int]
"""How many calls away a part is, by its path and first line."""

_FARTHEST = 6
_COMMON = 8
"""Definitions of one name above which it is not followed."""
_MOST_FILES = 1_500


def reach(
    texts: Mapping[str, str],
    failing: Mapping[str, frozenset[str]],
    distances: Mapping[str, int],
    executed: Mapping[str, frozenset[int]],
) -> Reached:
    """What the *failing* tests reach in the files of *distances*."""
    defined = _defined(texts, distances, executed)
    reached: dict[tuple[str, int], int] = {}
    waiting: deque[tuple[str, Part]] = deque()
    for path, names in failing.items():
        for part in parts_of(path, texts[path]):
            if not names or part.name in names:
                reached[path, part.first] = 0
                waiting.append((path, part))
    while waiting:
        path, part = waiting.popleft()
        away = reached[path, part.first]
        for name in sorted(part.names) if away < _FARTHEST else ():
            found = defined.get(name, [])
            for other, target in found if len(found) <= _COMMON else ():
                if (other, target.first) not in reached:
                    reached[other, target.first] = away + 1
                    waiting.append((other, target))
    return reached


def _defined(
    texts: Mapping[str, str], distances: Mapping[str, int], executed: Mapping[str, frozenset[int]]
) -> dict[str, list[tuple[str, Part]]]:
    """What each name may stand for; a class's for its making too."""
    near = sorted(distances, key=lambda path: (distances[path], path))[:_MOST_FILES]
    defined: dict[str, list[tuple[str, Part]]] = {}
    for path in near:
        for part in parts_of(path, texts[path]):
            if part.name and _ran(path, part, executed):
                defined.setdefault(part.word, []).append((path, part))
                if part.word == "__init__":
                    defined.setdefault(part.name.split(".")[-2], []).append((path, part))
    return defined


def _ran(path: str, part: Part, executed: Mapping[str, frozenset[int]]) -> bool:
    lines = executed.get(path)
    # its first line runs by being imported
    return lines is None or any(part.first < line <= part.last for line in lines) or part.first == part.last
