"""One token gone, twice, or before its neighbour; a name where none stands."""

from __future__ import annotations

import keyword
import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from .fault import RowEdit, Spot

_BINARY = frozenset(
    "+ - * / // % ** == != <= >= < > = . and or not in is if else return for lambda , ( [ : import from def as".split()
)
MOST_NAMES = 12


def edits(spot: Spot) -> Iterator[RowEdit]:
    tokens = list(spot.tokens())
    for at, found in enumerate(tokens):
        text = found.group()
        far = spot.far(found.start(), 0.15)
        again = at > 0 and tokens[at - 1].group() == text
        end = found.end()
        if not spot.row[: found.start()].strip() or spot.row[: found.start()].endswith(" "):
            end += len(spot.code[end:]) - len(spot.code[end:].lstrip(" "))
        if set(text) == {"s"} and spot.row[found.start() : found.end()] != text:
            yield RowEdit(spot.cut(found.start(), end), "string too many", 2.5 + far)
        else:
            yield RowEdit(spot.cut(found.start(), end), f"`{text}` too many", (0.5 if again else 2.2) + far)
    for one, other in pairwise(tokens):
        swapped = (
            spot.row[: one.start()] + spot.row[other.start() : other.end()] + spot.row[one.end() : other.start()]
            + spot.row[one.start() : one.end()] + spot.row[other.end() :]
        )  # fmt: skip
        yield RowEdit(swapped, "two tokens the other way round", 2.4 + spot.far(other.start()))
    for found in re.finditer(r"(?<=\w) (?=\w)", spot.code):
        far = spot.far(found.start())
        yield RowEdit(spot.cut(*found.span(), "_"), "one name", 3.0 + far)
        yield RowEdit(spot.cut(*found.span()), "one word", 3.2 + far)
    if spot.here:
        yield from _names(spot, tokens)


def _names(spot: Spot, tokens: list[re.Match[str]]) -> Iterator[RowEdit]:
    """A name of the surroundings where Python would have gone on with a value."""
    gaps = []
    for one, other in zip(tokens, [*tokens[1:], None], strict=False):
        nothing = (
            other is None
            or other.group() in ")]}:,.=+*/"
            or other.group() in ("==", "!=", "and", "or", "in", "if", "else")
        )
        if one.group() in _BINARY and nothing:
            gaps.append(one.end())
    counts = Counter(
        name
        for row in spot.whole.code[max(0, spot.at - 15) : spot.at + 10]
        for name in re.findall(r"(?<![\w.])[A-Za-z_]\w*", row)
        if not keyword.iskeyword(name) and set(name) != {"s"}
    )
    gaps = sorted((at for at in gaps if abs(at - spot.column) < 12), key=lambda at: abs(at - spot.column))[:2]
    for at in gaps:
        for rank, (name, _) in enumerate(counts.most_common(MOST_NAMES)):
            bits = 3.0 + 0.5 * math.log2(1 + rank) + spot.far(at)
            blank = "" if spot.code[at - 1] in "([.{" else " "
            yield RowEdit(spot.cut(at, at, blank + name), f"missing `{name}`", bits)
