"""The author that asks several in their order: the one that costs nothing first, a model only for what is left."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence

from agents.base import Author, Brief, Draft, Foretelling, Lead, Readying, Searching, Usage
from agents.errors import AuthorError, NothingToOffer, TooDear


class Auto:
    """Passes on to the next author when one has nothing (more) to offer, and does not ask that one again.

    What that one learnt goes into the brief of the next, now and whenever it is asked again. A draft carries the name
    of the author who wrote it. All this is in memory: where a run goes on in another process, authors are asked again,
    and one who searches has to keep what it found (`agents.base.Steps`).
    """

    name = "auto"

    def __init__(self, authors: Sequence[Author], *, share: float = 1 / 3) -> None:
        """Ask *authors* in their order; each but the last may use the *share* of the seconds that are left."""
        if not authors:
            raise ValueError("auto needs at least one author")
        self._authors = tuple(authors)
        self._share = share
        self._done: set[tuple[str, str]] = set()
        self._leads: dict[str, Lead] = {}
        self._latest: Lead | None = None

    async def write(self, brief: Brief) -> Draft:
        """As `Author.write` promises; `NothingToOffer` says what each of them said, and is `TooDear` where the last's was."""
        task = _task_of(brief)
        said: list[str] = []
        hint = ""
        kind = NothingToOffer
        candidates = 0
        spent = Usage()
        for author in self._authors:
            if (author.name, task) in self._done:
                said.append(f"{author.name}: nothing further")
                continue
            lead = self._leads.get(task, brief.lead)
            told = brief.model_copy(update={"lead": lead})
            try:
                draft = await author.write(told if author is self._authors[-1] else self._shortened(told))
            except NothingToOffer as error:
                self._done.add((author.name, task))
                said.append(f"{author.name}: {error.what}")
                candidates += error.candidates
                spent += error.usage
                hint = error.hint
                kind = TooDear if isinstance(error, TooDear) else NothingToOffer
                if error.lead is not None:
                    self._leads[task] = self._latest = error.lead
            except AuthorError as error:
                error.candidates += candidates
                error.usage += spent
                error.lead = error.lead or lead
                raise
            else:
                return _credited(draft, lead, candidates, spent)
        lead = self._leads.get(task, brief.lead)
        what = "; ".join(said) if len(said) > 1 else said[0].partition(": ")[2]
        raise kind(self.name, what, hint=hint, candidates=candidates, lead=lead, usage=spent)

    def make_ready(self) -> None:
        """Let the first author begin: the others may not be asked at all. See `agents.base.Readying`."""
        if isinstance(self._authors[0], Readying):
            self._authors[0].make_ready()

    def foretell(self, heard: Callable[[Mapping[str, str]], None]) -> None:
        """What its authors say of it; see `agents.base.Foretelling`."""
        for author in self._authors:
            if isinstance(author, Foretelling):
                author.foretell(heard)

    def so_far(self) -> Lead | None:
        """What its authors have learnt until now; see `agents.base.Searching`."""
        learnt = [author.so_far() for author in self._authors if isinstance(author, Searching)]
        return next((lead for lead in learnt if lead is not None), self._latest)

    def _shortened(self, brief: Brief) -> Brief:
        seconds = brief.allowance.seconds * self._share
        return brief.model_copy(update={"allowance": brief.allowance.model_copy(update={"seconds": seconds})})


def _credited(draft: Draft, lead: Lead | None, candidates: int, spent: Usage) -> Draft:
    """*draft* with what the authors before its own have tried, learnt and spent."""
    learnt = lead or Lead(author=draft.author)
    return draft.model_copy(
        update={
            "candidates": draft.candidates + candidates,
            "usage": draft.usage + spent,
            "suspects": draft.suspects or learnt.suspects,
            "kinds": draft.kinds or learnt.kinds,
        }
    )


def _task_of(brief: Brief) -> str:
    """The same for every brief of one task."""
    parts = [brief.goal, *(f"{path}\0{text}" for path, text in sorted({**brief.files, **brief.tests}.items()))]
    return hashlib.sha256("\0\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
