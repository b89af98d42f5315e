"""Tables as they stand in data, and the plain form in which keys and values are compared."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from engine.checks.source import MOST_DEPTH

MOST_TOKENS = 200_000
_TOKEN = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|[^\W\d_]+")
Key = object
"""A value in its plain form: lists as tuples, sets and mappings as frozensets, so that it can be looked up."""


@dataclass
class Table:
    """Keys with their values, from one place."""

    path: str
    line: int
    kind: Literal["table", "chain"]
    entries: list[tuple[Key, Key]]
    packed: bool = False
    """Whether it is no table to the eye: it had to be unpacked."""


def plain(value: object, depth: int = 0) -> Key:
    """*value* in a form that can be looked up and compared."""
    if depth > MOST_DEPTH:
        return "..."
    if isinstance(value, (list, tuple)):
        return tuple(plain(inner, depth + 1) for inner in value)
    if isinstance(value, (set, frozenset)):
        return frozenset(plain(inner, depth + 1) for inner in value)
    if isinstance(value, dict):
        return frozenset((plain(key, depth + 1), plain(inner, depth + 1)) for key, inner in value.items())
    if isinstance(value, bytearray):
        return bytes(value)
    return "nan" if isinstance(value, float) and value != value else value  # noqa: PLR0124 (only NaN is not itself)


def tokens(text: str) -> tuple[Key, ...]:
    """The numbers and words of *text*."""
    return tuple(_number(match) for match in itertools.islice(_TOKEN.findall(text), MOST_TOKENS))


def _number(text: str) -> Key:
    try:
        return float(text) if "." in text or "e" in text.lower() else int(text[:4_000])
    except ValueError:
        return text


def tables_in(value: object, path: str, line: int) -> Iterator[Table]:
    """The tables that *value* itself is: a mapping, or rows whose last, or first, part is what the others stand for."""
    if isinstance(value, dict) and value:
        yield Table(path, line, "table", [(plain(key), plain(inner)) for key, inner in value.items()])
    if isinstance(value, (list, tuple, set, frozenset)) and value:
        rows = [row for row in value if isinstance(row, (list, tuple)) and len(row) > 1]
        if len(rows) == len(value):
            yield Table(path, line, "table", [(single(row[:-1]), plain(row[-1])) for row in rows])
            yield Table(path, line, "table", [(single(row[1:]), plain(row[0])) for row in rows])
        records = [row for row in value if isinstance(row, dict) and len(row) > 1]
        if len(records) == len(value):
            yield Table(
                path, line, "table", [(single([*row.values()][:-1]), plain([*row.values()][-1])) for row in records]
            )
        items = list(value)
        if not isinstance(value, (set, frozenset)) and len(items) % 2 == 0 and len(items) > 2:
            yield Table(
                path, line, "table", [(plain(a), plain(b)) for a, b in zip(items[::2], items[1::2], strict=True)]
            )


def of_lines(text: str, path: str, line: int) -> Iterator[Table]:
    """The table that the lines, or the parts between semicolons or bars, of *text* are."""
    rows = [tokens(row) for row in re.split(r"[\n;|]", text)[:5_000]]
    entries = [(single(row[:-1]), row[-1]) for row in rows if len(row) > 1]
    if len(entries) > 1:
        yield Table(path, line, "table", entries)


def single(parts: Iterable[object]) -> Key:
    """*parts* in their plain form; one alone is itself."""
    found = plain(tuple(parts))
    return found[0] if isinstance(found, tuple) and len(found) == 1 else found


def inside(value: object) -> Iterator[object]:
    """*value*, and the values inside it."""
    waiting = [value]
    for _ in range(MOST_TOKENS):
        if not waiting:
            return
        value = waiting.pop()
        yield value
        if isinstance(value, dict):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, (list, tuple, set, frozenset)):
            waiting += value
