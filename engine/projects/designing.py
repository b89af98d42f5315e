"""From a commission to an architecture: whoever plans is told what is wrong with the plan, and asked again, within bounds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from time import monotonic

from pydantic import Field

from agents.base import Allowance, Usage
from agents.plans.commission import Architect, Commission, Proposal
from agents.plans.plan import Plan
from engine.domain import Value
from engine.projects.architecture import Architecture
from engine.projects.consulting import MOST_FAULTS, Consulting, bounded
from engine.projects.contract import faults_of
from engine.projects.deploying.files import deployment_files
from engine.projects.diagram import diagram

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
        self._bounds = bounds
        self._clock = clock
        self._end = clock() + bounds.seconds
        self._consulting = Consulting(architects, rounds=bounds.rounds, faults=_faults, left=self._left)

    async def design(self, commission: Commission) -> Architecture:
        """The first plan that holds together, and what follows from it.

        Raises:
            NoPlan: There is none.
        """
        proposal = await self._consulting.ask(commission)
        return await asyncio.to_thread(self._finished, commission, proposal)

    def _left(self, spent: Usage) -> Allowance:
        bounds = self._bounds
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
            refused=tuple(self._consulting.refused[:MOST_FAULTS]),
            usage=self._consulting.usage,
            plan=plan,
            diagram=diagram(plan),
            deployment=deployment_files(plan, commission.cloud),
        )

    def _made(self, proposal: Proposal) -> str:
        before = f" Before it was asked: {'; '.join(self._consulting.tried)}." if self._consulting.tried else ""
        if proposal.architect == RULES:
            return f"Made by the rule base, without a model; its assumptions are named among the numbers.{before}"
        return f"Made by the model {proposal.model}, and checked by the contract of plans.{before}"


def _faults(proposal: Proposal) -> tuple[str, ...]:
    if proposal.plan is None:
        return (proposal.unusable or "there is no plan",)
    return faults_of_plan(proposal.plan)


def faults_of_plan(plan: Plan) -> tuple[str, ...]:
    """What is wrong with *plan*, at most `MOST_FAULTS`, and how much more."""
    return bounded(faults_of(plan))
