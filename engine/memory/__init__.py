"""What verified repairs teach the next ones. It is kept on this machine, and shapes what is tried first, never a verdict."""

from __future__ import annotations

from typing import Protocol

from engine.case import Case
from engine.domain import Run
from engine.memory.entry import Recalled

__all__ = ["NoMemory", "Recalled", "Remembering"]


class Remembering(Protocol):
    """Somebody who knows earlier repairs. Neither method raises: a run goes on as well without."""

    def recall(self, case: Case) -> Recalled:
        """What may help with *case*."""

    def learn(self, run: Run) -> None:
        """Keep what the ended *run* teaches, if it teaches anything."""


class NoMemory:
    """Knows nothing and learns nothing."""

    def recall(self, case: Case) -> Recalled:
        del case
        return Recalled()

    def learn(self, run: Run) -> None:
        """Forget it at once."""
