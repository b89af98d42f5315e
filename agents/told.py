"""What programs of ours tell from inside a box, a line each. Their code may have been replaced there: what does not fit is
dropped.
"""

from __future__ import annotations

from typing import Literal, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from agents.base import Value

T = TypeVar("T")


class Progress(Value):
    """How far the program is, for whoever watches."""

    kind: Literal["progress"]
    message: str = Field(max_length=500)


class Ended(Value):
    """The program has ended, and why."""

    kind: Literal["ended"]
    reason: str = Field(max_length=1_000)


def read_line(adapter: TypeAdapter[T], line: str, *, longest: int) -> T | None:
    """*line* in the form that *adapter* asks for; None where it has another, or more than *longest* characters."""
    if len(line) > longest:
        return None
    try:
        return adapter.validate_json(line)
    except (ValidationError, RecursionError):
        return None
