"""Several authors in their order: what costs nothing first, a model for what is left."""

from __future__ import annotations

import pytest

from agents.auto import Auto
from agents.base import Brief, Draft
from agents.errors import KeyRejected, NothingToOffer
from tests.agents.models import RIGHT, brief


class Gives:
    """An author with a fixed number of ideas."""

    def __init__(self, name: str, drafts: int, *, candidates: int = 0) -> None:
        self.name = name
        self.candidates = candidates
        self.asked: list[Brief] = []
        self._left = drafts

    async def write(self, brief: Brief) -> Draft:
        self.asked.append(brief)
        if not self._left:
            raise NothingToOffer(self.name, "no idea", hint="set a key", candidates=self.candidates)
        self._left -= 1
        return Draft(files={"gcd.py": RIGHT}, author=self.name, candidates=1)


class Rejects:
    name = "openai"

    async def write(self, brief: Brief) -> Draft:
        raise KeyRejected(self.name, "no")


async def test_the_next_is_asked_when_one_has_nothing_more() -> None:
    """The draft carries its real author's name, and the candidates tried on the way."""
    offline, model = Gives("offline", 1, candidates=40), Gives("openai", 3)
    auto = Auto([offline, model])

    drafts = [await auto.write(brief()) for _ in range(3)]

    assert [draft.author for draft in drafts] == ["offline", "openai", "openai"]
    assert [draft.candidates for draft in drafts] == [1, 41, 1]
    assert len(offline.asked) == 2, "who has nothing more is not asked again"


async def test_another_task_begins_with_the_first_again() -> None:
    """One author may serve several runs."""
    offline = Gives("offline", 0)
    auto = Auto([offline, Gives("openai", 9)])

    await auto.write(brief())
    await auto.write(brief(files={"other.py": ""}))

    assert len(offline.asked) == 2


async def test_nobody_but_the_last_uses_up_all_the_time() -> None:
    """A search that finds nothing leaves most of the time to the model."""
    offline, model = Gives("offline", 0), Gives("openai", 1)

    await Auto([offline, model], share=0.25).write(brief())

    whole = brief().allowance.seconds
    assert offline.asked[0].allowance.seconds == whole / 4
    assert model.asked[0].allowance.seconds == whole


async def test_when_nobody_has_an_idea_all_of_them_are_named() -> None:
    """With the hint of the last one, and all candidates."""
    auto = Auto([Gives("offline", 0, candidates=3), Gives("openai", 0, candidates=4)])

    with pytest.raises(NothingToOffer, match="offline: no idea; openai: no idea") as raised:
        await auto.write(brief())
    with pytest.raises(NothingToOffer, match="offline: nothing further"):
        await auto.write(brief())

    assert (raised.value.candidates, raised.value.hint) == (7, "set a key")


async def test_a_failure_is_not_hidden_by_the_next_author() -> None:
    """A key that is wrong has to be mended, not worked around silently."""
    with pytest.raises(KeyRejected):
        await Auto([Rejects(), Gives("anthropic", 1)]).write(brief())


def test_there_has_to_be_somebody() -> None:
    """An empty order is a mistake of who made it."""
    with pytest.raises(ValueError, match="at least one"):
        Auto([])
