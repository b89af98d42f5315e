"""TOML as somebody wrote it: parts that have another type than they should have are as if they were not there."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping

Table = Mapping[str, object]


def read_toml(text: str) -> Table | str:
    """The document, or why it is none, in one line."""
    try:
        # what a byte order mark or a carriage return alone does to it is not the project's fault
        return tomllib.loads(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        return str(error)[:200] or type(error).__name__


def table(value: object) -> Table:
    return value if isinstance(value, dict) else {}


def below(value: object, *names: str) -> Table:
    """The table that stands at a dotted name."""
    for name in names:
        value = table(value).get(name)
    return table(value)


def items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def text(value: object) -> str:
    return value if isinstance(value, str) else ""
