"""How much the journal keeps; a record that grows for ever fills somebody's disk."""

from __future__ import annotations

from pydantic import Field

from engine.domain import Value


class Retention(Value):
    """Runs beyond this are forgotten, oldest first, a bounded number each time the journal is opened.

    A run that goes on is never forgotten, and the ten newest are not forgotten for their size.
    """

    days: float = Field(default=90.0, gt=0, le=36_500)
    mib: int = Field(default=1_024, ge=1, le=1_048_576)
    """Of the whole journal, MiB on disk."""
