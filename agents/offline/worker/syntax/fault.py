"""A place at which something may be amiss, as the families of edits see it, and what they propose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from .errors import Broken
from .masking import lead, paired, rows_of, unclosed

HEADS = frozenset("if elif else for while def class try except finally with async match case".split())


class RowEdit(NamedTuple):
    """Another text for the one row, or several rows in its place."""

    row: str
    note: str
    bits: float


class TextEdit(NamedTuple):
    """Another text for the whole, and the line at which it differs."""

    text: str
    note: str
    bits: float
    line: int


@dataclass(frozen=True)
class Whole:
    """A text that does not parse."""

    text: str
    broken: Broken

    @cached_property
    def rows(self) -> list[str]:
        return rows_of(self.text) or [""]

    @cached_property
    def code(self) -> list[str]:
        """The rows with strings and comments blanked."""
        return [code for _, code in paired(self.text)] or [""]

    @cached_property
    def number(self) -> int:
        """The line at which Python stopped."""
        return min(max(self.broken.line, 1), len(self.rows))

    @cached_property
    def opened(self) -> list[tuple[int, int]]:
        """Line and column of the brackets open before that line, innermost first."""
        return unclosed(self.code, self.number - 1)

    def above(self, at: int) -> int:
        """The last line before *at* that has code; 0 where none has."""
        at -= 1
        while at > 0 and not self.code[at - 1].strip():
            at -= 1
        return at

    def below(self, at: int) -> int:
        """The first line after *at* that has code; 0 where none has."""
        at += 1
        while at <= len(self.rows) and not self.code[at - 1].strip():
            at += 1
        return at if at <= len(self.rows) else 0

    def replaced(self, first: int, last: int, rows: list[str]) -> str:
        """The text with *rows* in place of the lines from *first* to *last*."""
        return "".join([*self.rows[: first - 1], *rows, *self.rows[last:]])


@dataclass(frozen=True)
class Spot:
    """One row that may be at fault."""

    whole: Whole
    at: int

    @cached_property
    def row(self) -> str:
        return self.whole.rows[self.at - 1].rstrip("\r\n")

    @cached_property
    def code(self) -> str:
        return self.whole.code[self.at - 1][: len(self.row)]

    @cached_property
    def body(self) -> str:
        """The row without its comment."""
        return self.row[: len(self.code.rstrip())]

    @cached_property
    def comment(self) -> str:
        return self.row[len(self.body) :]

    @cached_property
    def indent(self) -> str:
        return lead(self.row)

    @property
    def message(self) -> str:
        return self.whole.broken.message

    @property
    def here(self) -> bool:
        """Whether Python stopped in this row."""
        return self.at == self.whole.number

    @cached_property
    def column(self) -> int:
        """Where to look first, from 0: where Python stopped, elsewhere the end."""
        return min(self.whole.broken.column - 1, len(self.row)) if self.here else len(self.body)

    @cached_property
    def word(self) -> str:
        """The row's first word."""
        found = re.match(r"\s*([A-Za-z_]\w*)", self.code)
        return found.group(1) if found else ""

    @property
    def heads(self) -> bool:
        """Whether the row begins as one that opens a block."""
        return self.word in HEADS

    def tokens(self) -> Iterator[re.Match[str]]:
        return re.finditer(r"\w+|==|!=|<=|>=|\*\*|//|->|:=|[-+*/%&|^@]=|[^\w\s]", self.code)

    def far(self, at: int, each: float = 0.1, most: float = 2.0) -> float:
        """Bits for the distance of *at* from where Python stopped."""
        return min(most, each * abs(at - self.column))

    def cut(self, start: int, end: int, new: str = "") -> str:
        """The row with *new* in place of the characters from *start* to *end*."""
        return self.row[:start] + new + self.row[end:]
