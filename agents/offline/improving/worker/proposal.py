"""What a pattern proposes, and how it says that a place does not suit it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ...worker.edits import Edit
from .program import Program


class Unsuitable(Exception):
    """A rewrite that looked possible cannot be made at this place."""


@dataclass(frozen=True)
class Proposal:
    """One rewrite of one file, not yet tried."""

    pattern: str
    path: str
    line: int
    note: str
    edits: tuple[Edit, ...]
    unit: str | None
    """Qualified name of the outermost function around the place; None at module level."""
    warm: bool = False
    """Its work is counted on a second call, because the first one fills a cache of the library on either side."""
    rule: str = ""
    on_purpose: str = ""
    """How the behaviour changes on purpose; empty where nothing may change."""


Propose = Callable[[Program], Iterator[Proposal]]
"""A pattern: all that it proposes in one file."""
