"""A fix as the replacements that turn one text into the other, by line and column as SARIF counts them."""

from __future__ import annotations

import difflib

from engine.ci.rows import rows
from engine.domain import Value


class Replacement(Value):
    """The text between two places, the second not included, and what stands there instead. Places are counted from 1."""

    start_line: int
    start_column: int
    end_line: int
    end_column: int
    text: str


def replacements(before: str, after: str) -> tuple[Replacement, ...]:
    """What has to be done to *before*, in its own lines, for it to become *after*; in order, none overlapping."""
    old, new = rows(before), rows(after)
    made = []
    for kind, first, last, start, end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            (start_line, start_column), (end_line, end_column) = _place(old, first), _place(old, last)
            made.append(
                Replacement(
                    start_line=start_line,
                    start_column=start_column,
                    end_line=end_line,
                    end_column=end_column,
                    text="".join(new[start:end]),
                )
            )
    return tuple(made)


def _place(lines: list[str], index: int) -> tuple[int, int]:
    """Where the line of this index begins; behind the last character where there is none."""
    if index < len(lines) or not lines or lines[-1].endswith("\n"):
        return index + 1, 1
    return index, len(lines[-1]) + 1
