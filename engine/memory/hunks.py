"""Where two texts of one file differ, by whole lines, and what stands around it."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from difflib import SequenceMatcher

from engine.domain import Value

AROUND = 5
"""Lines shown before and behind a change where what it stands in is too long, or does not parse."""
LONGEST_PART = 2_000
"""Characters of a function that is shown whole."""


MOST_COMPARED = 1_000
"""Lines that are compared each with each."""


class Hunk(Value):
    """Lines that were replaced, counted from 0; `end` is the first line behind."""

    start: int
    end: int
    new_start: int
    new_end: int


class Part(Value):
    """A piece of a file, before and after."""

    before: str
    after: str


def hunks(before: str, after: str) -> tuple[Hunk, ...]:
    """The places in which the lines differ, in order; one from the first to the last where they are far apart."""
    was, now = before.splitlines(), after.splitlines()
    rest = min(len(was), len(now))
    head = tail = 0
    while head < rest and was[head] == now[head]:
        head += 1
    while tail < rest - head and was[-1 - tail] == now[-1 - tail]:
        tail += 1
    end, new_end = len(was) - tail, len(now) - tail
    if end - head > MOST_COMPARED or new_end - head > MOST_COMPARED:
        return (Hunk(start=head, end=end, new_start=head, new_end=new_end),)
    matcher = SequenceMatcher(None, was[head:end], now[head:new_end], autojunk=False)
    return tuple(
        Hunk(start=head + start, end=head + end, new_start=head + new_start, new_end=head + new_end)
        for tag, start, end, new_start, new_end in matcher.get_opcodes()
        if tag != "equal"
    )


def joined(found: tuple[Hunk, ...]) -> Hunk:
    """One hunk from the first to the last."""
    first, last = found[0], found[-1]
    return Hunk(start=first.start, end=last.end, new_start=first.new_start, new_end=last.new_end)


def lines(text: str, start: int, end: int) -> str:
    return "\n".join(text.splitlines()[start:end])


def part(before: str, after: str, hunk: Hunk) -> Part:
    """The function around *hunk* as it was and is; some lines around it where that is none, or is long."""
    old, new = _function(before, hunk.start), _function(after, hunk.new_start)
    if old and new and max(len(old), len(new)) <= LONGEST_PART:
        return Part(before=old, after=new)
    first = max(0, hunk.start - AROUND)
    new_first = max(0, hunk.new_start - AROUND)
    return Part(
        before=lines(before, first, hunk.end + AROUND)[:LONGEST_PART],
        after=lines(after, new_first, hunk.new_end + AROUND)[:LONGEST_PART],
    )


def within(text: str, line: int) -> str:
    """Kind of the smallest statement that *line*, counted from 0, stands in; empty where there is none."""
    found = [node for node in _around(text, line) if isinstance(node, ast.stmt)]
    return type(found[-1]).__name__ if found else ""


def _function(text: str, line: int) -> str:
    """Source of the outermost function around *line*, or of the method in a class."""
    for node in _around(text, line):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            start = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            return lines(text, start - 1, node.end_lineno or node.lineno)
    return ""


def _around(text: str, line: int) -> Iterator[ast.AST]:
    """The nodes on that line, outermost first."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if getattr(node, "lineno", line + 2) <= line + 1 <= (getattr(node, "end_lineno", None) or 0):
            yield node
