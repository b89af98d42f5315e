"""What an architect is asked for."""

from __future__ import annotations

from typing import Literal, Protocol

from pydantic import Field

from agents.base import Allowance, Usage, Value
from agents.plans.plan import Plan, Requirement

ProjectType = Literal["web-app", "api", "data-pipeline", "e-commerce", "chat", "ml-service", "mobile-backend"]
Cloud = Literal["aws", "gcp", "azure", "self-hosted"]
Measure = Literal["users", "requests"]


class Scale(Value):
    """How much it has to bear."""

    name: str = Field(max_length=60)
    """As it was asked for."""
    measure: Measure
    """`users`: people who use it in a day. `requests`: requests a second at the peak."""
    amount: float = Field(gt=0, le=1e9, allow_inf_nan=False)


class Refusal(Value):
    """A plan that could not be used, and why."""

    said: str = Field(max_length=8_000)
    """The plan, or what came instead, bounded."""
    faults: tuple[str, ...]


class Commission(Value):
    """What is to be planned."""

    project_type: ProjectType | None
    """None where *description* says what it is, and it is to be built."""
    scale: Scale
    cloud: Cloud
    description: str = Field(default="", max_length=20_000)
    """What the person wants, in their own words."""
    wanted: tuple[Requirement, ...] = ()
    """Requirements that the plan has to have, word for word, under these ids."""
    stack: tuple[str, ...] = ()
    """What it has to be made of, such as ``fastapi`` and ``react``."""
    packages: tuple[str, ...] = ()
    """Packages of Node.js that there are where it is run; no others."""
    refused: tuple[Refusal, ...] = ()
    """What was wrong with the plans until now."""
    allowance: Allowance = Allowance()


class Proposal(Value):
    """One architect's answer."""

    plan: Plan | None
    unusable: str = ""
    """Why there is no plan, and `said` what came instead."""
    said: str = Field(default="", max_length=8_000)
    architect: str
    model: str | None = None
    usage: Usage = Usage()
    passed_on: tuple[str, ...] = ()
    """Who was asked before, and why each of them had nothing."""


class Architect(Protocol):
    """Somebody who plans."""

    name: str

    async def plan(self, commission: Commission) -> Proposal:
        """A plan for *commission*, which nobody has checked yet.

        Raises:
            NothingToOffer: What is left of the budget pays for no answer.
            Refused: The model declined.
            ProviderUnavailable: It could not be reached.
        """
