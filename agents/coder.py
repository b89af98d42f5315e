"""The author that asks a model: a brief becomes messages, the model's edits become a draft."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from time import monotonic

from agents.base import Allowance, Brief, Draft, Provider, Steps, Workshop
from agents.context.choosing import choose
from agents.conversation import Conversation
from agents.errors import NothingToOffer
from agents.looking.looker import Looker
from agents.telling import CONTEXT_TOKENS, messages, told_of

__all__ = ["Coder", "messages"]

LOOKS = 6
"""How many replies may ask to look, where not all can be seen, or the project has tests of its own to run."""
LEAST_CONTEXT = 2_000
SHARE_OF_TOKENS = 0.4
"""Of the tokens that are left, for what is shown: it is sent again with every round."""


class Coder:
    """An `Author` over a `Provider`.

    A reply that cannot be used is a draft too: the input unchanged, with the reason in `unusable`, so that
    it counts as an attempt and the next brief tells the model.
    """

    def __init__(
        self,
        provider: Provider,
        *,
        room: int = CONTEXT_TOKENS,
        looks: int = LOOKS,
        workshop: Workshop | None = None,
        steps: Steps | None = None,
        tell: Callable[[str], None] | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Show at most *room* tokens of a project, and let the model look *looks* times before it answers, and have
        something run in *workshop*. *steps* keep its replies and what it looked at; *tell* hears of each round. By
        *clock*, in seconds, its looks keep to their share of the time.
        """
        self.name = provider.name
        self._provider = provider
        self._room = room
        self._looks = looks
        self._workshop = workshop
        self._steps = steps
        self._tell = tell
        self._clock = clock

    async def write(self, brief: Brief) -> Draft:
        """As `Author.write` promises."""
        looker = Looker(brief, self._workshop)
        shown = None
        too_dear: NothingToOffer | None = None
        for room in rooms(self._room, brief.allowance):
            before, shown = shown, await asyncio.to_thread(choose, brief, room)
            if too_dear is not None and shown == before:
                continue
            looks = self._looks if brief.suite is not None or not shown.complete else 0
            conversation = Conversation(
                brief,
                self._provider,
                looker=looker,
                most=looks,
                steps=self._steps,
                tell=self._tell,
                clock=self._clock,
            )
            try:
                return await conversation.hold(told_of(brief, shown, looks=looks, runs=looker.runs))
            except NothingToOffer as error:
                # nothing was asked: to show less may be what the budget pays for
                too_dear = error
        assert too_dear is not None  # noqa: S101 (there is always room for something)
        raise too_dear


def rooms(most: int, allowance: Allowance) -> Iterator[int]:
    """How many tokens may be shown, from the most to the least: halves, so that little by little less of a budget
    seldom changes what is shown, and a provider's cache is met.
    """
    room = most
    while allowance.tokens is not None and room > LEAST_CONTEXT and room > SHARE_OF_TOKENS * allowance.tokens:
        room //= 2
    yield room
    while room > LEAST_CONTEXT:
        room //= 2
        yield room
