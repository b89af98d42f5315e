"""Edits around the place where Python stopped, the likeliest first, until a text parses."""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass

from . import brackets, colons, indentation, quotes, rows, signs, tokens, words
from .errors import Broken, parse_error
from .fault import RowEdit, Spot, TextEdit, Whole

DEEPEST = 6
"""Edits of one region."""
SAME_PLACE = 2
"""Edits after which Python still stops no further down."""
LEAD = 0.35
"""Share of its own bits that an edit still counts when what it mended lies behind."""
RIVAL = 0.5
"""Bits that each further way past the same fault costs: the first ways are followed up first."""
FRUITLESS = 2.0
"""Bits for going on where the last edit did not get Python further."""
_FAMILIES = (colons.edits, brackets.edits, quotes.edits, words.edits, signs.edits, tokens.edits, rows.split)
_OVER_ROWS = (brackets.over_rows, quotes.over_rows, indentation.edits, rows.edits, words.reserved)


@dataclass(frozen=True)
class Found:
    """A text that parses; None in its place where one more stretch of the search brought none."""

    text: str
    notes: tuple[str, ...]
    line: int
    bits: float


@dataclass(frozen=True)
class _State:
    text: str
    notes: tuple[str, ...]
    line: int
    bits: float
    """What all edits cost together."""
    before: Broken
    """Where Python stopped before the last edit."""
    paid: float
    """What the edits count in the order of the search, but for the last one."""
    stuck: int


def search(text: str, header: str = "", *, stretch: int = 200) -> Iterator[Found | None]:
    """Texts that parse behind *header*, and None after each *stretch* of texts that were compiled."""
    offset = header.count("\n")
    first = parse_error(header + text)
    if first is None:
        yield Found(text, (), 1, 0.0)
        return
    count = itertools.count()
    start = _State(text, (), 1, 0.0, Broken(0, 0, ""), 0.0, 0)
    queue: list[tuple[float, int, _State]] = [(0.0, next(count), start)]
    seen = {text}
    passed: dict[tuple[int, int], int] = {}
    compiles = 0
    while queue:
        cost, _, state = heapq.heappop(queue)
        broken = parse_error(header + state.text)
        compiles += 1
        if compiles % stretch == 0:
            yield None
        if broken is None:
            yield Found(state.text, state.notes, state.line, state.bits)
            continue
        broken = Broken(max(1, broken.line - offset), broken.column, broken.message)
        paid, stuck = cost, 0
        if state.notes:
            further = (broken.line, broken.column) > (state.before.line, state.before.column + 1)
            last = cost - state.paid
            if further and broken.line > state.line:
                rank = passed[(state.before.line, len(state.notes))] = (
                    passed.get((state.before.line, len(state.notes)), -1) + 1
                )
                paid = state.paid + LEAD * last + RIVAL * rank
            else:
                paid, stuck = cost + (0.0 if further else FRUITLESS), state.stuck + 1
        if len(state.notes) >= DEEPEST or stuck > SAME_PLACE:
            continue
        for edit in proposals(Whole(state.text, broken)):
            if edit.text not in seen:
                seen.add(edit.text)
                new = _State(
                    edit.text, (*state.notes, edit.note), edit.line, state.bits + edit.bits, broken, paid, stuck
                )
                heapq.heappush(queue, (paid + edit.bits, next(count), new))


def proposals(whole: Whole) -> Iterator[TextEdit]:
    """Edited texts, each with what was done, its price and its line."""
    for at, cost in _places(whole).items():
        spot = Spot(whole, at)
        ending = whole.rows[at - 1][len(spot.row) :]
        for family in _FAMILIES:
            for edit in family(spot):
                if edit.row != spot.row:
                    yield _placed(whole, spot, edit, ending, cost)
    for over_rows in _OVER_ROWS:
        for change in over_rows(whole):
            if change.text != whole.text:
                yield change


def _placed(whole: Whole, spot: Spot, edit: RowEdit, ending: str, cost: float) -> TextEdit:
    row = edit.row + ending if edit.row.strip() or spot.row.strip() else edit.row
    return TextEdit(whole.replaced(spot.at, spot.at, [row]), f"line {spot.at}: {edit.note}", edit.bits + cost, spot.at)


def _places(whole: Whole) -> dict[int, float]:
    """The lines that may be at fault, and the bits for their being so."""
    number = whole.number
    above = whole.above(number)
    places = {number: 0.0}
    if not whole.code[number - 1].strip() and above:
        # Python stops at the end of what is missing something
        places = {above: 0.0, number: 1.0}
    higher = whole.above(above) if above else 0
    candidates = [(above, 0.8), *((line, 0.5) for line in whole.broken.named)]
    candidates += [(line, 0.8 + 0.4 * rank) for rank, (line, _) in enumerate(whole.opened[:3])]
    candidates += [(higher, 2.5), (whole.below(number), 2.5)]
    for line, bits in candidates:
        if 1 <= line <= len(whole.rows):
            places[line] = min(bits, places.get(line, bits))
    return places


def bounded(found: Iterator[Found | None], until: float) -> Iterator[Found]:
    """What is found before *until*, a time of `time.monotonic`."""
    for one in found:
        if one is not None:
            yield one
        if time.monotonic() >= until:
            return
