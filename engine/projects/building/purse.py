"""What all who build may spend together: nobody is asked before what it may cost at most has been set aside for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Literal, TypeVar

from agents.base import Allowance, Usage
from agents.errors import AuthorError, TooDear
from engine.clock import RunClock
from engine.domain import Budget, Value

Limit = Literal["attempts", "tokens", "usd", "seconds"]
_WORDS = {"attempts": "question{s} to agents", "tokens": "token{s}", "usd": "US dollar{s}", "seconds": "second{s}"}

T = TypeVar("T")


class OutOfBudget(Exception):
    """Nobody may be asked any more. `limit` is which part of the budget is used up, and `what` says it in a sentence."""

    def __init__(self, limit: Limit, budget: Budget) -> None:
        most = getattr(budget, limit)
        self.limit = limit
        of = _WORDS[limit].format(s="" if most == 1 else "s")
        self.what = f"The budget of {most:,g} {of} is used up."
        super().__init__(self.what)


class _Share(Value):
    tokens: int | None
    usd: float | None
    whole: bool
    """It is all that is left: nobody else has any."""


class Purse:
    """One budget, and at most *agents* who are asked at a time."""

    def __init__(self, budget: Budget, *, agents: int, clock: RunClock) -> None:
        self.budget = budget
        self.usage = Usage()
        """What was spent until now."""
        self.attempts = 0
        """Questions that were asked."""
        self._agents = agents
        self._clock = clock
        self._parties = 1
        self._shares: list[_Share] = []
        self._freed = asyncio.Event()

    @contextmanager
    def shared_by(self, parties: int) -> Iterator[None]:
        """So many ask side by side: each is given its part of what is left, rather than the first one all of it."""
        before, self._parties = self._parties, max(1, parties)
        try:
            yield
        finally:
            self._parties = before

    async def pay(self, asked: Callable[[Allowance], Awaitable[T]], cost: Callable[[T], Usage]) -> T:
        """The answer of *asked*, who is told what it may spend; *cost* says what it has spent.

        Who finds its part too small is asked again with all that is left, once nobody else is being asked.

        Raises:
            OutOfBudget: It may not be asked.
            AuthorError: As *asked* raised it; what was billed is counted.
        """
        share = await self._set_aside(alone=False)
        try:
            return await self._ask(share, asked, cost)
        except TooDear as error:
            if share.whole or error.usage.tokens:
                raise
            self.attempts -= 1  # it was not asked
        return await self._ask(await self._set_aside(alone=True), asked, cost)

    async def _ask(self, share: _Share, asked: Callable[[Allowance], Awaitable[T]], cost: Callable[[T], Usage]) -> T:
        try:
            allowance = Allowance(seconds=self.seconds_left, tokens=share.tokens, usd=share.usd)
            answer = await asked(allowance)
        except AuthorError as error:
            self.usage += error.usage
            raise
        else:
            self.usage += cost(answer)
            return answer
        finally:
            self._shares.remove(share)
            self._freed.set()

    @property
    def seconds_left(self) -> float:
        return max(1.0, self.budget.seconds - self._clock.seconds)

    async def _set_aside(self, *, alone: bool) -> _Share:
        """What the next one may spend, as soon as it may be asked."""
        while True:
            if self.attempts >= self.budget.attempts:
                raise OutOfBudget("attempts", self.budget)
            if len(self._shares) < (1 if alone else self._agents):
                share = self._share(alone=alone)
                if share is not None:
                    self.attempts += 1
                    self._shares.append(share)
                    return share
            # what others do not spend of theirs comes back
            self._freed.clear()
            await self._freed.wait()

    def _share(self, *, alone: bool) -> _Share | None:
        """Its part of what nobody has set aside; None where others have all of it.

        Raises:
            OutOfBudget: There is nothing left, and nobody who could give anything back.
        """
        parties = 1 if alone else max(1, min(self._agents, self._parties) - len(self._shares))
        tokens: int | None = None
        usd: float | None = None
        if self.budget.tokens is not None:
            left = self.budget.tokens - self.usage.tokens
            tokens = (left - sum(share.tokens or 0 for share in self._shares)) // parties
            if tokens < 1:
                self._wait("tokens", left=left > 0)
                return None
        if self.budget.usd is not None:
            money = self.budget.usd - self.usage.usd
            usd = (money - sum(share.usd or 0.0 for share in self._shares)) / parties
            if usd <= 0:
                self._wait("usd", left=money > 0)
                return None
        return _Share(tokens=tokens, usd=usd, whole=parties == 1 and not self._shares)

    def _wait(self, limit: Limit, *, left: bool) -> None:
        """Something may come back of what others have set aside; raises where nothing can."""
        if not left or not self._shares:
            raise OutOfBudget(limit, self.budget)
