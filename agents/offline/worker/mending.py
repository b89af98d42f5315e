"""From a job to its end: files that do not parse first, ruff's safe fixes, then the search."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from . import lint, syntax
from .edits import Change
from .localise import Suspicion
from .search import Search
from .workplace import Workplace

FIRST_COMPILES = 60
"""Texts that compile, tried at the start."""
WAYS = 10
"""Texts that compile, of each of several files that do not."""
RIVALS = 4
"""Ways to make the files parse that are searched on from: the wrong one ends everything."""
PARSING_SHARE = 0.45
"""Share of the time in which texts that compile are looked for."""


@dataclass(frozen=True)
class Parsed:
    """Files that all parse, and how the tests liked them."""

    files: dict[str, str]
    changes: tuple[Change, ...]
    score: tuple[int, int, float] = (0, 0, 0.0)
    """More tests collected and passed first, and the cheaper of equals."""

    @property
    def bits(self) -> float:
        return sum(change.bits for change in self.changes)


def mend(place: Workplace) -> str:
    """Do the job; why it ended, in words."""
    broken = sorted(place.unparsed)
    ways = [Parsed(dict(place.job.files), ())]
    if broken:
        ways = parsing(place, broken)
        if not ways:
            return f"no small edit makes {', '.join(broken)} parse"
        faults = {(change.path, change.line): 1.0 for change in ways[0].changes}
        place.suspects(Suspicion(faults))
        if place.found:
            return "the files parse and the tests pass"
    elif place.job.suite is None:
        # of a project they would change much that has nothing to do with what is red
        safe_fixes(place)
    if place.found and not place.job.known:
        return "ruff's safe fixes were enough"
    known = place.found
    for at, way in enumerate(ways):
        place.lay({path: way.files[path] for path in broken})
        left = place.end - time.monotonic()
        Search(place, way.files, place.end if at == len(ways) - 1 else time.monotonic() + left / 2, way.changes).run()
        if place.found > known or time.monotonic() >= place.end:
            break
    return "time" if time.monotonic() >= place.end else "exhausted"


def parsing(place: Workplace, broken: Sequence[str]) -> list[Parsed]:
    """Ways to make the files parse, those first that the tests like best; one that they are content with is offered."""
    best: list[Parsed] = []
    first: float | None = None
    until = time.monotonic() + PARSING_SHARE * (place.end - time.monotonic())
    for way in islice(_ways(place, broken, until), FIRST_COMPILES):
        changed = {path: way.files[path] for path in broken}
        result = place.sessions.run(changed, seconds=5.0, cpu=3.0)
        place.count("syntax")
        if result is not None and result.green and place.offer(changed, way.changes, way.bits):
            first = way.bits if first is None else first
        score = (-int(result.collected) if result else 0, -len(result.passed) if result else 0, way.bits)
        best = sorted([*best, replace(way, score=score)], key=lambda way: way.score)[:RIVALS]
        place.progress()
        if (first is not None and way.bits > first + 1.5) or time.monotonic() >= until:
            break
    return best


def _ways(place: Workplace, broken: Sequence[str], until: float) -> Iterator[Parsed]:
    """Every file made to parse, the cheapest together first; for several files some ways of each are found beforehand."""
    files = place.job.files
    if len(broken) == 1:
        for mended in syntax.mend(files[broken[0]], until=until):
            yield _parsed(place, {broken[0]: mended})
        return
    found = []
    for left, path in zip(range(len(broken), 0, -1), broken, strict=True):
        share = (until - time.monotonic()) / (left + 1)
        ways = list(islice(syntax.mend(files[path], until=time.monotonic() + share), WAYS))
        if not ways:
            return
        found.append(ways)
        place.progress()
    for chosen in syntax.cheapest([[way.bits for way in ways] for ways in found]):
        yield _parsed(place, {path: ways[at] for path, ways, at in zip(broken, found, chosen, strict=True)})


def _parsed(place: Workplace, mended: Mapping[str, syntax.Mended]) -> Parsed:
    changes = tuple(Change(path, m.line, "syntax", m.note, (), m.bits, 1.0) for path, m in mended.items())
    return Parsed({**place.job.files, **{path: m.text for path, m in mended.items()}}, changes)


def safe_fixes(place: Workplace) -> None:
    """What ruff mends by itself, where that is all that is wrong."""
    changed = {}
    for path in (path for path, looked in place.linted.items() if looked.mends):
        text = place.job.files[path]
        fixed = lint.fixed(path, text)
        if fixed != text:
            changed[path] = fixed
    if not changed:
        return
    result = place.sessions.run(changed, seconds=5.0, cpu=4.0)
    place.count("ruff")
    if result is not None and result.green:
        edits = tuple(Change(path, 1, "ruff", "ruff's safe fixes", (), 1.0) for path in changed)
        place.offer(changed, edits, 1.0)
