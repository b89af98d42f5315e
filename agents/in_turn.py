"""Several who could be asked for the same: the next one is, where one is down, out of quota, turns us away or declines."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import Protocol, TypeVar

from agents.base import Allowance, Usage
from agents.building import Assignment, Builder, Delivery
from agents.errors import AuthorError, ProviderUnavailable, TooDear
from agents.plans.commission import Architect, Commission, Proposal

LONGEST = 300.0
"""Seconds that anybody but the last is waited for: whoever is down is asked again and again for as long as that."""
_SHARE = 1 / 3
"""Part of the time that is left, which is theirs where that is less."""


class _Named(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=_Named)
T = TypeVar("T", Delivery, Proposal)


class Roster:
    """Who is out, for all who ask: one who could not be reached, or turned us away, is not asked again."""

    def __init__(self) -> None:
        self.out: dict[str, str] = {}
        """Why, by name."""

    async def first(self, those: Sequence[N], ask: Callable[[N, Allowance], Awaitable[T]], allowance: Allowance) -> T:
        """The answer of the first of *those* who has one, with what was spent on the others, and why they have none.

        Raises:
            TooDear: As the first raised it who is not out: others would not be paid for either.
            AuthorError: Nobody has one. It is the last one's, and says what each of them said.
        """
        began = monotonic()
        spent = Usage()
        said: list[str] = []
        last: AuthorError | None = None
        there = [each for each in those if each.name not in self.out] or list(those)
        for each in there:
            try:
                answer = await ask(each, _left(allowance, monotonic() - began, spent, alone=each is there[-1]))
            except AuthorError as error:
                spent += error.usage
                if isinstance(error, TooDear):
                    error.usage = spent
                    raise
                if isinstance(error, ProviderUnavailable):
                    self.out[each.name] = error.what
                said.append(f"{error.author}: {error.what}")
                last = error
            else:
                return answer.model_copy(update={"usage": spent + answer.usage, "passed_on": tuple(said)})
        if last is None:
            raise ValueError("there has to be somebody who can be asked")
        last.what, last.usage = "; ".join([*said[:-1], last.what]), spent
        raise last


def _left(allowance: Allowance, seconds: float, spent: Usage, *, alone: bool) -> Allowance:
    left = max(1.0, allowance.seconds - seconds)
    return allowance.model_copy(
        update={
            "seconds": left if alone else min(LONGEST, left * _SHARE),
            "tokens": None if allowance.tokens is None else max(1, allowance.tokens - spent.tokens),
            "usd": None if allowance.usd is None else max(1e-9, allowance.usd - spent.usd),
        }
    )


class ArchitectsInTurn:
    """An `Architect` that is the first of *architects* who can plan."""

    def __init__(self, architects: Sequence[Architect], roster: Roster) -> None:
        self.name = architects[0].name
        self._architects = architects
        self._roster = roster

    async def plan(self, commission: Commission) -> Proposal:
        """As `Architect.plan` promises; who planned is in the proposal."""

        def ask(architect: Architect, allowance: Allowance) -> Awaitable[Proposal]:
            return architect.plan(commission.model_copy(update={"allowance": allowance}))

        return await self._roster.first(self._architects, ask, commission.allowance)


class BuildersInTurn:
    """A `Builder` that is the first of *builders* who can build."""

    def __init__(self, builders: Sequence[Builder], roster: Roster) -> None:
        self.name = builders[0].name
        self._builders = builders
        self._roster = roster

    async def deliver(self, assignment: Assignment) -> Delivery:
        """As `Builder.deliver` promises; who delivered is in the delivery."""

        def ask(builder: Builder, allowance: Allowance) -> Awaitable[Delivery]:
            return builder.deliver(assignment.model_copy(update={"allowance": allowance}))

        return await self._roster.first(self._builders, ask, assignment.allowance)
