"""What is remembered of one verified run, and what is recalled for another."""

from __future__ import annotations

from agents.base import Lesson, Shift
from engine.domain import Value


class Mended(Value):
    """One change of a verified draft."""

    template: str
    """Kind of repair; `MODEL` where a model wrote it."""
    old: str
    """Words that went, spaced alike; with `new`, empty where only the layout changed, or the change was long."""
    new: str
    within: str = ""
    """Kind of the statement it stands in, such as ``Return`` or ``For``; empty where the file did not parse."""


class Remembered(Value):
    """One repair that was verified."""

    id: str
    """Of the files before and after, so that the same repair is remembered once, however often it is made."""
    at: float
    """Seconds since 1970."""
    run_id: str
    author: str
    failure: str
    """Kind of the failure, such as ``IndexError``."""
    mended: tuple[Mended, ...]
    before: str
    """The function or statement around the first change, without secrets."""
    after: str
    names: tuple[str, ...] = ()
    """Names that occur in it, by which a similar program is known."""


class Recalled(Value):
    """What earlier runs say to this one."""

    shifts: tuple[Shift, ...] = ()
    lessons: tuple[Lesson, ...] = ()


MODEL = "model"
"""Template of a change that was not made by a template."""
