"""One line each for what the journal holds: a run among runs, a step among a run's steps."""

from __future__ import annotations

from engine.domain import Value


class RunLine(Value):
    """A run in a list of runs."""

    id: str
    status: str
    outcome: str | None
    reason: str | None
    summary: str
    started: str
    seconds: float
    part_of: str = ""
    """The build of which it judged a component."""


class StepLine(Value):
    """A recorded effect of a run."""

    kind: str
    key: str
    """SHA-256 of its kind and inputs."""
    at: str
    """When it was recorded: ISO 8601, UTC."""
    bytes: int
    """Size of the result, what it shares with others counted in full, before compression."""
