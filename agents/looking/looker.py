"""Answers what a model asks to look at: each answer is a text, bounded, and nothing but data."""

from __future__ import annotations

from collections.abc import Sequence

from agents.base import Brief, Value, Workshop
from agents.looking import texts, trying
from agents.looking.requests import List, Python, Read, Request, Search, Test, in_words
from agents.prompts import excerpt, fence

MOST_OF_ROUND = 48_000
"""Characters of all answers of one round."""


class Seen(Value):
    """What one request brought."""

    text: str


class Looker:
    """Looks at one brief's files, and runs them in a box where there is one."""

    def __init__(self, brief: Brief, workshop: Workshop | None) -> None:
        self._brief = brief
        self._texts = {**brief.files, **brief.tests}
        # what is run is pytest and Python
        self._workshop = workshop if brief.language == "python" else None

    @property
    def runs(self) -> bool:
        """Whether anything can be run."""
        return self._workshop is not None

    async def see(self, request: Request, *, left: float) -> Seen:
        """What *request* brings; *left* are the seconds of the allowance. Raises what the workshop raises."""
        match request:
            case Read():
                text = texts.read(request, self._texts)
            case List():
                text = texts.list_folder(request, self._texts)
            case Search():
                text = await texts.search(request, self._texts)
            case Test() | Python() if self._workshop is None:
                text = "Nothing can be run here."
            case Test() | Python():
                text = await trying.run(request, self._brief, self._workshop, left=left)
        return Seen(text=text)


def told(requests: Sequence[Request], seen: Sequence[Seen]) -> str:
    """Every request with what it brought, each in a fence; together no longer than one round may be."""
    most = MOST_OF_ROUND // max(1, len(seen))
    return "\n\n".join(
        fence(f"{number}: {in_words(request)}", excerpt(what.text, most))
        for number, (request, what) in enumerate(zip(requests, seen, strict=True), 1)
    )
