"""All that says which parts of a project the failing tests have to do with."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass

from agents.base import Background, Brief
from agents.context.frames import frames_in
from agents.context.imports import Imports
from agents.context.reach import Reached, reach

_WORD = re.compile(r"[A-Za-z_]\w{2,60}")
_COMMON = frozenset(
    """assert Error None True False self test tests def class return import from for and not the that with this line
    make pass without them changing they what when file File Traceback call last most recent AssertionError""".split()
)
"""Words that are in every failure or every goal, and name nothing."""
_MOST_WORDS = 400


@dataclass(frozen=True)
class Evidence:
    """What is known, by path."""

    failing: Mapping[str, frozenset[str]]
    """Functions that fail, by test file, without parameters; empty for the whole file."""
    distances: Mapping[str, int]
    """Imports between a failing test and the file."""
    frames: Mapping[str, Mapping[int, float]]
    """Lines of tracebacks, heavier the nearer to where it was raised."""
    suspects: Mapping[str, Mapping[int, float]]
    executed: Mapping[str, frozenset[int]]
    reached: Reached
    """Functions that a failing test may come to, by the names it uses."""
    words: frozenset[str]
    """Names in what the failing tests said, and in what was asked for."""
    mentioned: frozenset[str]
    """Files that are named there."""
    recent: Mapping[str, float]
    """How lately each file changed: 1 for the latest commit."""


def gather(brief: Brief) -> Evidence:
    """What *brief* says of where to look. The same brief always gives the same."""
    texts = {**brief.files, **brief.tests}
    background = brief.background or Background()
    said = "\n".join((brief.error, background.said or ("" if brief.tried else brief.failure)))
    failing = _failing(brief)
    imports = Imports(texts, brief.suite.path if brief.suite else ())
    start = [*failing, *_conftests(failing, brief.tests)]
    distances = imports.distances(start or sorted(brief.tests))
    executed = {path: frozenset(lines) for path, lines in background.executed.items() if path in texts}
    frames = background.frames or frames_in(said, texts)
    return Evidence(
        failing=failing,
        distances=distances,
        frames=_weighed_frames(frames, texts),
        suspects=_suspects(brief),
        executed=executed,
        reached=reach(texts, failing, distances, executed),
        words=frozenset(dict.fromkeys(_WORD.findall(f"{brief.goal}\n{said}")[:_MOST_WORDS])) - _COMMON,
        mentioned=_mentioned(f"{brief.goal}\n{brief.error}", texts),
        recent=_recent(background),
    )


def _failing(brief: Brief) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    whole: set[str] = set()
    for node in brief.failing:
        path, _, inner = node.partition("::")
        if path in brief.tests or path in brief.files:
            name = ".".join(inner.split("[", 1)[0].split("::"))
            found.setdefault(path, set()).add(name)
            if not name:
                whole.add(path)
    return {path: frozenset() if path in whole else frozenset(names) for path, names in sorted(found.items())}


def _conftests(failing: Mapping[str, object], tests: Mapping[str, str]) -> list[str]:
    """The conftests that pytest loads for these files."""
    found: dict[str, None] = {}
    for path in failing:
        folder = posixpath.dirname(path)
        while True:
            found[posixpath.join(folder, "conftest.py")] = None
            if not folder:
                break
            folder = posixpath.dirname(folder)
    return [path for path in found if path in tests]


def _weighed_frames(frames: tuple[tuple[str, int], ...], texts: Mapping[str, str]) -> dict[str, dict[int, float]]:
    weighed: dict[str, dict[int, float]] = {}
    weight = 1.0
    for path, line in reversed(frames):
        if path in texts:
            lines = weighed.setdefault(path, {})
            lines[line] = max(lines.get(line, 0.0), weight)
            weight = max(0.3, weight * 0.9)
    return weighed


def _suspects(brief: Brief) -> dict[str, dict[int, float]]:
    found: dict[str, dict[int, float]] = {}
    for suspect in brief.lead.suspects if brief.lead else ():
        lines = found.setdefault(suspect.path, {})
        lines[suspect.line] = max(lines.get(suspect.line, 0.0), suspect.score)
    return found


def _mentioned(text: str, texts: Mapping[str, str]) -> frozenset[str]:
    """Files named in *text*, by their path, or by a name that only they have."""
    words = set(re.findall(r"[\w./-]{3,200}", text))
    words |= {word.rstrip(".") for word in words}
    by_name: dict[str, list[str]] = {}
    for path in texts:
        by_name.setdefault(posixpath.basename(path), []).append(path)
    exact = {path for path in texts if path in words}
    alone = {paths[0] for name, paths in by_name.items() if name in words and len(paths) == 1}
    return frozenset(exact | alone)


def _recent(background: Background) -> dict[str, float]:
    found: dict[str, float] = {}
    weight = 1.0
    for _, paths in background.history:
        for path in paths:
            found.setdefault(path, weight)
        weight *= 0.85
    return found
