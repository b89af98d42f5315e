"""A file that does not parse, from its translations and regions to whole texts that do."""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator
from dataclasses import dataclass

from .dialects import translations
from .errors import parse_error
from .fault import TextEdit
from .masking import rows_of
from .order import cheapest
from .regions import Region, regions
from .search import Found, search

WAYS = 12
"""Texts of each region that are put together with those of the others."""
FURTHER = 5
"""Stretches of the search that a region is given beyond its first text."""
MOST_STRETCHES = 40
"""Stretches, of 200 texts each, for any one search."""


@dataclass(frozen=True)
class Mended:
    """A text that compiles, what was done to it, and how dear that is in bits."""

    text: str
    note: str
    line: int
    bits: float


def mend(text: str, *, until: float = float("inf"), stretches: int = MOST_STRETCHES) -> Iterator[Mended]:
    """Texts that compile, the likeliest first, no two with the same tree; *until* is a time of `time.monotonic`."""
    if parse_error(text) is None:
        return
    seen: set[str] = set()
    for mended in _all(text, until, stretches):
        tree = _tree(mended.text)
        if tree is not None and tree not in seen:
            seen.add(tree)
            yield mended


def _tree(text: str) -> str | None:
    try:
        return ast.dump(ast.parse(text))
    except (SyntaxError, ValueError, RecursionError):
        return None


def _all(text: str, until: float, stretches: int) -> Iterator[Mended]:
    bases = []
    for base in translations(text):
        if parse_error(base.text) is None:
            yield Mended(base.text, base.note, base.line, base.bits)
        else:
            bases.append(base)
    bases.append(TextEdit(text, "", 0.0, 1))
    streams = [_mended(base, until, stretches) for base in bases]
    # the translations in turn, so that a wrong one takes only its share
    while streams and time.monotonic() < until:
        for stream in tuple(streams):
            try:
                found = next(stream)
            except StopIteration:
                streams.remove(stream)
            else:
                if found is not None:
                    yield found


def _mended(base: TextEdit, until: float, stretches: int) -> Iterator[Mended | None]:
    """The texts, with None where the search for the next went on for long."""
    faulty = regions(base.text)
    whole = [Region(1, max(1, len(rows_of(base.text))))]
    for group in [faulty] if faulty == whole else [faulty, whole]:
        for found in _together(base.text, group, until, stretches):
            if found is None:
                yield None
            elif parse_error(found.text) is None:
                notes = [base.note, *found.notes] if base.note else list(found.notes)
                yield Mended(found.text, "; ".join(notes), found.line, base.bits + found.bits)


def _together(text: str, faulty: list[Region], until: float, stretches: int) -> Iterator[Found | None]:
    """Whole texts with every region mended, those first that cost least in all."""
    rows = rows_of(text)
    searches = [search("".join(rows[region.first - 1 : region.last]), region.header) for region in faulty]
    if len(faulty) == 1:
        for one in _at_most(searches[0], stretches):
            yield one if one is None else _whole(rows, faulty, (one,))
        return
    ways: list[list[Found]] = []
    for left, stream in zip(range(len(faulty), 0, -1), searches, strict=True):
        now = time.monotonic()
        end = until if until == float("inf") else now + max(0.0, until - now) / (left + 1)
        ways.append([])
        for one in _first_ways(stream, end, stretches):
            if one is None:
                yield None
            else:
                ways[-1].append(one)
        if not ways[-1]:
            return
    for chosen in cheapest([[way.bits for way in some] for some in ways]):
        yield _whole(rows, faulty, tuple(some[at] for some, at in zip(ways, chosen, strict=True)))


def _at_most(found: Iterator[Found | None], stretches: int) -> Iterator[Found | None]:
    for one in found:
        yield one
        stretches -= one is None
        if stretches <= 0:
            return


def _first_ways(found: Iterator[Found | None], until: float, stretches: int) -> Iterator[Found | None]:
    """The first ways to mend a region, and what a little more searching brings."""
    count, further = 0, FURTHER
    for one in _at_most(found, stretches):
        yield one
        if one is not None:
            count += 1
        elif count:
            further -= 1
        if count >= WAYS or not further or time.monotonic() >= until:
            return


def _whole(rows: list[str], faulty: list[Region], ways: tuple[Found, ...]) -> Found:
    """The file with each region as it was mended; lines are those of the file as it was."""
    pieces, at = [], 0
    notes: list[str] = []
    for region, way in zip(faulty, ways, strict=True):
        ending = "" if way.text.endswith("\n") or region.last >= len(rows) or not way.text else "\n"
        pieces += [*rows[at : region.first - 1], way.text + ending]
        at = region.last
        notes += [_shifted(note, region.first - 1) for note in way.notes]
    line = faulty[0].first - 1 + ways[0].line
    return Found("".join([*pieces, *rows[at:]]), tuple(notes), line, sum(way.bits for way in ways))


def _shifted(note: str, by: int) -> str:
    """The note with its line counted from the top of the file."""
    head, _, rest = note.partition(":")
    number = head.removeprefix("line ")
    return f"line {int(number) + by}:{rest}" if number.isdigit() else note
