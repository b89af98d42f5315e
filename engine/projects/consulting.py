"""Whoever plans is told what is wrong with the plan, and asked again, until one holds together or the rounds are over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from agents.base import Allowance, Usage
from agents.errors import AuthorError
from agents.plans.commission import Architect, Commission, Proposal, Refusal
from engine.errors import NoPlan

MOST_FAULTS = 40
"""Faults of one plan that its architect is told."""
_SAID = 8_000

Faults = Callable[[Proposal], tuple[str, ...]]


class Consulting:
    """One commission before several architects, in this order, each for so many *rounds*.

    *faults* says what is wrong with a proposal, and *left* what may still be spent, given what was.
    """

    def __init__(
        self,
        architects: Sequence[Architect],
        *,
        rounds: int,
        faults: Faults,
        left: Callable[[Usage], Allowance],
    ) -> None:
        self.usage = Usage()
        self.tried: list[str] = []
        """What came of the architects before, a sentence each."""
        self.refused: list[str] = []
        """What was wrong with the plans that were not taken."""
        self.errors: list[AuthorError] = []
        """Why architects had no plan at all."""
        self._architects = architects
        self._rounds = rounds
        self._faults = faults
        self._left = left
        self._hint = ""

    async def ask(self, commission: Commission) -> Proposal:
        """The first proposal without a fault.

        Raises:
            NoPlan: There is none.
        """
        for architect in self._architects:
            try:
                proposal = await self._ask(architect, commission)
            except AuthorError as error:
                self.usage += error.usage
                self._hint = error.hint
                self.errors.append(error)
                self.tried.append(f"{architect.name}: {error.what}")
                continue
            if proposal is not None:
                return proposal
        raise NoPlan(
            f"no plan for this: {'; '.join(self.tried) or 'there is nobody to ask'}",
            hint=self._hint or "ask again, or ask the rule base: offline",
            refused=tuple(self.refused[:MOST_FAULTS]),
        )

    async def _ask(self, architect: Architect, commission: Commission) -> Proposal | None:
        """Its first plan without a fault; None where it has used up its rounds."""
        refused: tuple[Refusal, ...] = ()
        while len(refused) < self._rounds:
            left = self._left(self.usage)
            if refused and left.seconds <= 0:
                break
            told = commission.model_copy(update={"refused": refused, "allowance": left})
            proposal = await architect.plan(told)
            self.usage += proposal.usage
            faults = await asyncio.to_thread(self._faults, proposal)
            if not faults:
                return proposal
            self.refused += [f"{architect.name}, plan {len(refused) + 1}: {fault}" for fault in faults]
            said = proposal.said or (proposal.plan.model_dump_json() if proposal.plan else "")
            refused = (*refused, Refusal(said=said[:_SAID], faults=faults))
        plans = "1 plan" if len(refused) == 1 else f"{len(refused)} plans"
        self.tried.append(f"{architect.name}: {plans}, none of which held together")
        return None


def bounded(faults: tuple[str, ...]) -> tuple[str, ...]:
    """At most `MOST_FAULTS` of *faults*, and how much more there are."""
    if len(faults) <= MOST_FAULTS:
        return faults
    return (*faults[:MOST_FAULTS], f"and {len(faults) - MOST_FAULTS} more")
