"""From a job to its end: files that do not parse first, ruff's safe fixes, then the search."""

from __future__ import annotations

import time

from . import lint, syntax
from .edits import Change
from .search import Search
from .session import Result
from .workplace import Workplace

FIRST_COMPILES = 40
"""Texts that compile, tried for each file that does not."""


def mend(place: Workplace) -> str:
    """Do the job; why it ended, in words."""
    files = dict(place.job.files)
    broken = sorted(place.unparsed)
    base: tuple[Change, ...] = ()
    if broken:
        answer = parsing(place, files, broken)
        if answer is None:
            return f"no small edit makes {', '.join(broken)} parse"
        files, base = answer
        if place.found:
            return "the files parse and the tests pass"
    else:
        safe_fixes(place)
    if place.found and not place.job.known:
        return "ruff's safe fixes were enough"
    place.lay({path: text for path, text in files.items() if text != place.job.files[path]})
    Search(place, files, place.end, base).run()
    return "time" if time.monotonic() >= place.end else "exhausted"


def parsing(
    place: Workplace, files: dict[str, str], broken: list[str]
) -> tuple[dict[str, str], tuple[Change, ...]] | None:
    """The files made to parse, the best of those that the tests like; None where nothing compiles."""
    done: tuple[Change, ...] = ()
    for last, path in ((path == broken[-1], path) for path in broken):
        until = min(place.end, time.monotonic() + max(2.0, 0.5 * (place.end - time.monotonic())))
        chosen = _best(place, files, path, until, tests=last, done=done)
        if chosen is None:
            return None
        files = {**files, path: chosen[0]}
        done = (*done, chosen[1])
    return files, done


def _best(
    place: Workplace, files: dict[str, str], path: str, until: float, *, tests: bool, done: tuple[Change, ...]
) -> tuple[str, Change] | None:
    best: tuple[tuple[int, int, float], str, Change] | None = None
    first: float | None = None
    for count, mended in enumerate(syntax.mend(files[path], until=until), start=1):
        change = Change(path, mended.line, "syntax", mended.note, (), mended.bits, 1.0)
        changed = {**{p: t for p, t in files.items() if t != place.job.files[p]}, path: mended.text}
        result: Result | None = None
        if tests:
            result = place.sessions.run(changed, seconds=5.0, cpu=4.0)
            place.count(change.template)
            if result is not None and result.green and place.offer(changed, (*done, change), mended.bits):
                first = mended.bits if first is None else first
        # more tests collected and passed first, and the cheaper of equals
        score = (-int(result.collected) if result else 0, -len(result.passed) if result else 0, mended.bits)
        if best is None or score < best[0]:
            best = (score, mended.text, change)
        place.progress()
        if not tests or count >= FIRST_COMPILES or (first is not None and mended.bits > first + 1.5):
            break
    return (best[1], best[2]) if best is not None else None


def safe_fixes(place: Workplace) -> None:
    """What ruff mends by itself, where that is all that is wrong."""
    changed = {}
    for path, text in place.job.python.items():
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
