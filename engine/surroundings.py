"""What a draft is judged in, where it may change what its project needs; asked by the judge, kept by `engine.dependencies`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from agents.base import Suite
from engine.case import Case
from engine.domain import Report, Value


class Surrounded(Value):
    """What a draft is judged in."""

    environment: str
    """For `sandboxes.base.Limits.environment`."""
    suite: Suite | None = None
    """How the tests are run there: with the plugins that it has."""
    report: Report | None = None
    """On what the draft says that it needs, where it says something new. Where it did not pass, no box is opened."""


class Surroundings(Protocol):
    """Whoever knows what a draft needs to have around it; only asked where a task says what its project needs."""

    async def of(self, files: Mapping[str, str], case: Case) -> Surrounded:
        """The environment for *files*.

        Raises:
            SandboxError: The machinery failed; nothing was learnt about the code.
        """

    def missing(self, reports: tuple[Report, ...], files: Mapping[str, str], case: Case) -> Report | None:
        """On what is red for want of a package, so that its author knows where to ask for it."""
