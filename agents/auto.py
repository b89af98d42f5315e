"""The author that asks several in their order: the one that costs nothing first, a model only for what is left."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from agents.base import Author, Brief, Draft
from agents.errors import NothingToOffer


class Auto:
    """Passes on to the next author when one has nothing (more) to offer, and does not ask that one again.

    A draft carries the name of the author who wrote it.
    """

    name = "auto"

    def __init__(self, authors: Sequence[Author], *, share: float = 1 / 3) -> None:
        """Ask *authors* in their order; each but the last may use the *share* of the seconds that are left."""
        if not authors:
            raise ValueError("auto needs at least one author")
        self._authors = tuple(authors)
        self._share = share
        self._done: set[tuple[str, str]] = set()

    async def write(self, brief: Brief) -> Draft:
        """As `Author.write` promises; `NothingToOffer` says what each of them said."""
        task = _task_of(brief)
        said: list[str] = []
        hint, lead = "", brief.lead
        candidates = 0
        for author in self._authors:
            if (author.name, task) in self._done:
                said.append(f"{author.name}: nothing further")
                continue
            try:
                draft = await author.write(brief if author is self._authors[-1] else self._shortened(brief))
            except NothingToOffer as error:
                self._done.add((author.name, task))
                said.append(f"{author.name}: {error.what}")
                candidates += error.candidates
                hint, lead = error.hint, error.lead or lead
            else:
                return draft.model_copy(update={"candidates": draft.candidates + candidates})
        raise NothingToOffer(self.name, "; ".join(said), hint=hint, candidates=candidates, lead=lead)

    def _shortened(self, brief: Brief) -> Brief:
        seconds = brief.allowance.seconds * self._share
        return brief.model_copy(update={"allowance": brief.allowance.model_copy(update={"seconds": seconds})})


def _task_of(brief: Brief) -> str:
    """The same for every brief of one task."""
    parts = [brief.goal, *(f"{path}\0{text}" for path, text in sorted({**brief.files, **brief.tests}.items()))]
    return hashlib.sha256("\0\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
