"""A team at work, with somebody beside it who hears what it is told."""

from __future__ import annotations

from collections import Counter

from agents.building import Assignment, Builder, Delivery, Team
from agents.plans.commission import Architect, Commission, Proposal
from agents.plans.plan import Role
from engine.events import Event, Noted


class Overhearing:
    """What was said while a project was built: to its authors, and to whoever watched."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        """How often each was asked, by the key of a session."""
        self._heard: list[str] = []

    @property
    def all_said(self) -> str:
        return "\n".join(self._heard)

    def watch(self, event: Event) -> None:
        if isinstance(event, Noted):
            self._heard.append(event.message)

    def beside(self, team: Team) -> Team:
        """*team*, heard."""
        return Team(
            [_Planner(architect, self) for architect in team.architects],
            lambda role, component: _Worker(team.builder(role, component), role, component, self),
        )

    def hear(self, key: str, *said: str) -> None:
        self.asked[key] += 1
        self._heard += said


class _Planner:
    def __init__(self, architect: Architect, to: Overhearing) -> None:
        self.name = architect.name
        self._architect = architect
        self._to = to

    async def plan(self, commission: Commission) -> Proposal:
        self._to.hear("architect", *(fault for refusal in commission.refused for fault in refusal.faults))
        return await self._architect.plan(commission)


class _Worker:
    def __init__(self, builder: Builder, role: Role, component: str, to: Overhearing) -> None:
        self.name = builder.name
        self._builder = builder
        self._key = f"{role}:{component}" if component else role
        self._to = to

    async def deliver(self, assignment: Assignment) -> Delivery:
        self._to.hear(self._key, *assignment.findings, assignment.failure)
        return await self._builder.deliver(assignment)
