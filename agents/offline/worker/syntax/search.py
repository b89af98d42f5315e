"""Edits around the place where Python stopped, the likeliest first, until a text parses."""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from . import brackets, colons, indentation, interpolations, quotes, rows, signs, tokens, words
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
_FAMILIES = (
    colons.edits,
    brackets.edits,
    quotes.edits,
    words.edits,
    signs.edits,
    tokens.edits,
    rows.split,
    interpolations.edits,
)
_OVER_ROWS = (brackets.over_rows, quotes.over_rows, indentation.edits, rows.edits, words.reserved)


@dataclass(frozen=True)
class Found:
    """A text that parses, and what made it so."""

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


@dataclass(frozen=True)
class _Branch:
    """A text that did not parse either, to be edited further."""

    state: _State
    broken: Broken
    stuck: int
    """Edits up to here that did not get Python further down."""

    def grown(self, paid: float, seen: set[str]) -> Iterator[_State]:
        state = self.state
        for edit in proposals(Whole(state.text, self.broken)):
            if edit.text not in seen:
                seen.add(edit.text)
                bits, notes = state.bits + edit.bits, (*state.notes, edit.note)
                yield _State(edit.text, notes, edit.line, bits, self.broken, paid, self.stuck)


def search(text: str, header: str = "", *, stretch: int = 200) -> Iterator[Found | None]:
    """Texts that parse behind *header*, and None after each *stretch* of texts that were compiled."""
    offset = header.count("\n")
    first = parse_error(header + text)
    if first is None:
        yield Found(text, (), 1, 0.0)
        return
    count = itertools.count()
    queue: list[tuple[float, int, _State | _Branch]] = []
    heapq.heappush(queue, (0.0, next(count), _State(text, (), 1, 0.0, Broken(0, 0, ""), 0.0, 0)))
    seen = {text}
    passed: Counter[tuple[int, int]] = Counter()
    compiles = 0
    while queue:
        cost, _, item = heapq.heappop(queue)
        if isinstance(item, _Branch):
            for new in item.grown(cost, seen):
                heapq.heappush(queue, (cost + new.bits - item.state.bits, next(count), new))
            continue
        broken = parse_error(header + item.text)
        compiles += 1
        if compiles % stretch == 0:
            yield None
        if broken is None:
            yield Found(item.text, item.notes, item.line, item.bits)
            continue
        broken = Broken(max(1, broken.line - offset), broken.column, broken.message)
        branch, paid = _followed(item, broken, cost, passed)
        if len(item.notes) < DEEPEST and branch.stuck <= SAME_PLACE:
            # making the edits costs more than compiling: it waits until it is its turn
            heapq.heappush(queue, (paid, next(count), branch))


def _followed(state: _State, broken: Broken, cost: float, passed: Counter[tuple[int, int]]) -> tuple[_Branch, float]:
    """How *state*, which stops at *broken*, is gone on from, and what it counts in the order of the search."""
    if not state.notes:
        return _Branch(state, broken, 0), cost
    further = (broken.line, broken.column) > (state.before.line, state.before.column + 1)
    if not further or broken.line <= state.line:
        return _Branch(state, broken, state.stuck + 1), cost + (0.0 if further else FRUITLESS)
    past = (state.before.line, len(state.notes))
    paid = state.paid + LEAD * (cost - state.paid) + RIVAL * passed[past]
    passed[past] += 1
    return _Branch(state, broken, 0), paid


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
