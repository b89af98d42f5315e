"""Changes of a source text by the places of its syntax tree; all else stays as it was, byte for byte."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from engine.domain import Value


class Edit(Value):
    """One piece of text in the place of another. Offsets are in bytes of the UTF-8 text."""

    start: int
    end: int
    text: str


class Text:
    """A source text whose nodes can be replaced."""

    def __init__(self, source: str) -> None:
        self.source = source.encode()
        self._starts = [0]
        for line in source.encode().splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def replace(self, node: ast.expr | ast.stmt, text: str) -> Edit:
        start, end = self.place(node)
        return Edit(start=start, end=end, text=text)

    def around(self, node: ast.expr, before: str, after: str) -> Edit:
        start, end = self.place(node)
        return Edit(start=start, end=end, text=f"{before}{self.source[start:end].decode()}{after}")

    @property
    def lines(self) -> int:
        """How many lines there are; a last one without its end counts."""
        return len(self._starts) - 1

    def line(self, number: int) -> int:
        """Where line *number*, counted from 1, begins, in bytes; the end of the text for those behind the last."""
        return self._starts[min(number, len(self._starts)) - 1]

    def place(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Where *node* starts and ends, in bytes."""
        # the end is there for everything that was parsed from text
        last, column = node.end_lineno or node.lineno, node.end_col_offset or 0
        return self._starts[node.lineno - 1] + node.col_offset, self._starts[last - 1] + column


def applied(source: str, edits: Iterable[Edit]) -> str | None:
    """*source* with *edits* made; None where two overlap or the result does not parse."""
    text, last = source.encode(), len(source.encode()) + 1
    for edit in sorted(set(edits), key=lambda edit: edit.start, reverse=True):
        if edit.end > last:
            return None
        text = text[: edit.start] + edit.text.encode() + text[edit.end :]
        last = edit.start
    try:
        changed = text.decode()
        ast.parse(changed)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return changed
