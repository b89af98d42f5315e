"""Faults within the braces of an f-string, where the row is looked at as if its quotes were not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from . import brackets, tokens
from .fault import RowEdit, Spot

DEARER = 0.4
_INSIDE = re.compile(r"\b[rR]?[fF][rR]?([\"'])((?:(?!\1)[^\\\n]|\\.)*)\1?")


@dataclass(frozen=True)
class _Opened(Spot):
    """The row with the inside of its f-strings laid open, and blanks for their quotes."""

    @cached_property
    def code(self) -> str:
        code = list(super().code)
        for found in _INSIDE.finditer(self.row):
            code[found.start(2) - 1 : found.end()] = [" ", *found.group(2), *" " * (found.end() - found.end(2))]
        return "".join(code)


def edits(spot: Spot) -> Iterator[RowEdit]:
    if not _INSIDE.search(spot.row):
        return
    opened = _Opened(spot.whole, spot.at)
    for family in (brackets.edits, tokens.edits):
        for edit in family(opened):
            yield RowEdit(edit.row, edit.note, edit.bits + DEARER)
    for found in re.finditer(r"(?<![\w.{])(?=[A-Za-z_])", opened.code):
        yield RowEdit(spot.cut(*found.span(), "{"), "missing `{`", 1.2 + spot.far(found.start(), 0.05))
    for found in re.finditer(r"[{}]", opened.code):
        brace = found.group()
        yield RowEdit(spot.cut(*found.span(), brace * 2), f"`{brace}` is text", 1.6)
    for inside in _INSIDE.finditer(spot.row):
        other = "'" if inside.group(1) == '"' else '"'
        for found in re.finditer(rf"(?<=[\[(]){inside.group(1)}(\w*){inside.group(1)}", spot.row):
            # older Pythons end the string at its own quote
            yield RowEdit(spot.cut(*found.span(), f"{other}{found.group(1)}{other}"), "other quotes", 0.8)
