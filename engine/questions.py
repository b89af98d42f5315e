"""A run's questions to the model of a client that comes and goes: each waits here for whoever brings the answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping

from agents.borrowed import Declined, Question, Said

LENT_SECONDS = 120.0
"""How long whoever took a question may be away with it, before another call may take it."""


class Questions:
    """Those of one run; it asks one at a time, and an answer counts once."""

    def __init__(
        self, wake: Callable[[], None] = lambda: None, *, brought: Mapping[str, Said | Declined] | None = None
    ) -> None:
        """*wake* is called whenever there is something to take. *brought* are answers that were there before their
        questions, by id: of a run that goes on in another process than asked them.
        """
        self._wake = wake
        self._brought = dict(brought or {})
        self._asked: Question | None = None
        self._answer: asyncio.Future[Said] | None = None
        self._lent = float("-inf")
        self._turn = asyncio.Lock()

    async def ask(self, question: Question) -> Said:
        """What the model said, as soon as somebody brings it; see `agents.borrowed.Ask`."""
        if (said := self._brought.pop(question.id, None)) is not None:
            if isinstance(said, Declined):
                raise said
            return said
        async with self._turn:  # several who build may want to ask at the same time
            self._asked, self._answer = question, asyncio.get_running_loop().create_future()
            self.give_back()
            try:
                return await self._answer
            finally:
                self._asked = self._answer = None

    @property
    def open(self) -> bool:
        """Whether the run waits for an answer."""
        return self._asked is not None

    @property
    def waiting(self) -> bool:
        """Whether there is a question, and nobody is away with it."""
        return self._asked is not None and time.monotonic() - self._lent >= LENT_SECONDS

    def take(self) -> Question | None:
        """The question that waits, for whoever can carry it; None where there is none, or another call has it."""
        if not self.waiting:
            return None
        self._lent = time.monotonic()
        return self._asked

    def give_back(self) -> None:
        """Whoever took the question could not bring it to the model."""
        self._lent = float("-inf")
        self._wake()

    def answer(self, question_id: str, said: Said | Declined) -> bool:
        """Whether *said* was waited for: an answer to an earlier question, or a second one, is passed over."""
        if self._asked is None or self._answer is None or self._answer.done() or self._asked.id != question_id:
            return False
        if isinstance(said, Declined):
            self._answer.set_exception(said)
        else:
            self._answer.set_result(said)
        return True
