"""From a commission to an architecture: whoever plans is told what is wrong with the plan, and asked again, within bounds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from time import monotonic

from pydantic import Field

from agents.base import Allowance, Usage
from agents.errors import AuthorError
from agents.plans.commission import Architect, Commission, Proposal, Refusal
from agents.plans.plan import Plan
from engine.domain import Value
from engine.errors import NoPlan
from engine.projects.architecture import Architecture
from engine.projects.contract import faults_of
from engine.projects.deploying.files import deployment_files
from engine.projects.diagram import diagram

MOST_FAULTS = 40
"""Faults of one plan that its architect is told."""
_SAID = 8_000
RULES = "offline"
"""Name of the architect that asks no model."""


class Bounds(Value):
    """How long, how often and for how much it is asked, all architects together."""

    rounds: int = Field(default=3, ge=1, le=50)
    """Plans of one architect."""
    seconds: float = Field(default=300.0, gt=0)
    tokens: int | None = None
    usd: float | None = None


class Designing:
    """One commission at work: what was spent on it, and what went wrong."""

    def __init__(
        self, architects: Sequence[Architect], bounds: Bounds, *, clock: Callable[[], float] = monotonic
    ) -> None:
        """Ask *architects* in this order; *clock* tells seconds."""
        self._architects = architects
        self._bounds = bounds
        self._clock = clock
        self._end = clock() + bounds.seconds
        self._usage = Usage()
        self._tried: list[str] = []
        """What came of the architects before, a sentence each."""
        self._refused: list[str] = []
        self._hint = ""

    async def design(self, commission: Commission) -> Architecture:
        """The first plan that holds together, and what follows from it.

        Raises:
            NoPlan: There is none.
        """
        for architect in self._architects:
            try:
                proposal = await self._ask(architect, commission)
            except AuthorError as error:
                self._usage += error.usage
                self._hint = error.hint
                self._tried.append(f"{architect.name}: {error.what}")
                continue
            if proposal is not None:
                return await asyncio.to_thread(self._finished, commission, proposal)
        raise NoPlan(
            f"no plan for this: {'; '.join(self._tried) or 'there is nobody to ask'}",
            hint=self._hint or "ask again, or ask the rule base: offline",
            refused=tuple(self._refused[:MOST_FAULTS]),
        )

    async def _ask(self, architect: Architect, commission: Commission) -> Proposal | None:
        """Its first plan without a fault; None where it has used up its rounds."""
        refused: tuple[Refusal, ...] = ()
        while len(refused) < self._bounds.rounds:
            left = self._left()
            if refused and left.seconds <= 0:
                break
            told = commission.model_copy(update={"refused": refused, "allowance": left})
            proposal = await architect.plan(told)
            self._usage += proposal.usage
            faults = await asyncio.to_thread(_faults, proposal)
            if not faults:
                return proposal
            self._refused += [f"{architect.name}, plan {len(refused) + 1}: {fault}" for fault in faults]
            said = proposal.said or (proposal.plan.model_dump_json() if proposal.plan else "")
            refused = (*refused, Refusal(said=said[:_SAID], faults=faults))
        plans = "1 plan" if len(refused) == 1 else f"{len(refused)} plans"
        self._tried.append(f"{architect.name}: {plans}, none of which held together")
        return None

    def _left(self) -> Allowance:
        bounds, spent = self._bounds, self._usage
        return Allowance(
            seconds=max(0.0, self._end - self._clock()),
            tokens=None if bounds.tokens is None else bounds.tokens - spent.tokens,
            usd=None if bounds.usd is None else max(0.0, bounds.usd - spent.usd),
        )

    def _finished(self, commission: Commission, proposal: Proposal) -> Architecture:
        plan = proposal.plan
        assert plan is not None  # noqa: S101  # it has no faults
        by_rules = proposal.architect == RULES
        return Architecture(
            project_type=commission.project_type,
            scale=commission.scale,
            cloud=commission.cloud,
            basis="rules" if by_rules else "model",
            architect=proposal.architect,
            model=proposal.model,
            made=self._made(proposal),
            refused=tuple(self._refused[:MOST_FAULTS]),
            usage=self._usage,
            plan=plan,
            diagram=diagram(plan),
            deployment=deployment_files(plan, commission.cloud),
        )

    def _made(self, proposal: Proposal) -> str:
        before = f" Before it was asked: {'; '.join(self._tried)}." if self._tried else ""
        if proposal.architect == RULES:
            return f"Made by the rule base, without a model; its assumptions are named among the numbers.{before}"
        return f"Made by the model {proposal.model}, and checked by the contract of plans.{before}"


def _faults(proposal: Proposal) -> tuple[str, ...]:
    if proposal.plan is None:
        return (proposal.unusable or "there is no plan",)
    return faults_of_plan(proposal.plan)


def faults_of_plan(plan: Plan) -> tuple[str, ...]:
    """What is wrong with *plan*, at most `MOST_FAULTS`, and how much more."""
    faults = faults_of(plan)
    if len(faults) <= MOST_FAULTS:
        return faults
    return (*faults[:MOST_FAULTS], f"and {len(faults) - MOST_FAULTS} more")
