"""The plan that a build works by: sound by the contract of plans, buildable here, and with all that the person requires."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agents.base import Allowance, Usage
from agents.plans.commission import Commission, Proposal
from agents.plans.plan import Plan, Requirement
from engine.errors import NoPlan
from engine.projects.agreeing import command_faults
from engine.projects.building.crew import Crew
from engine.projects.consulting import Consulting, bounded
from engine.projects.contract import faults_of

ROUNDS = 4
"""Plans that one architect is asked for at most."""


class Planned(NamedTuple):
    """A plan, and who made it."""

    plan: Plan
    architect: str
    model: str | None


async def make_plan(crew: Crew, commission: Commission) -> Planned:
    """A plan for *commission* without a fault.

    Raises:
        NoPlan: There is none.
        AuthorError: Nobody had one at all; what the last who was asked raised.
        OutOfBudget: Nobody may be asked any more.
    """

    def left(_: Usage) -> Allowance:
        return Allowance(seconds=crew.purse.seconds_left)

    def faults(proposal: Proposal) -> tuple[str, ...]:
        if proposal.plan is None:
            return (proposal.unusable or "there is no plan",)
        return bounded(faults_to_build(proposal.plan, commission.wanted))

    consulting = Consulting(crew.architects, rounds=ROUNDS, faults=faults, left=left)
    try:
        proposal = await consulting.ask(commission)
    except NoPlan:
        if consulting.errors and not consulting.refused:
            raise consulting.errors[-1] from None
        raise
    assert proposal.plan is not None  # noqa: S101  # it has no faults
    return Planned(proposal.plan, proposal.architect, proposal.model)


def faults_to_build(plan: Plan, wanted: Sequence[Requirement] = ()) -> tuple[str, ...]:
    """What is wrong with *plan* as one that is built from now on, and that has to meet *wanted*."""
    return (*faults_of(plan), *_wanted(plan, wanted), *_buildable(plan), *command_faults(plan))


def _wanted(plan: Plan, wanted: Sequence[Requirement]) -> Iterator[str]:
    planned = {requirement.id: requirement.text for requirement in plan.requirements}
    for requirement in wanted:
        if requirement.id not in planned:
            yield f"{requirement.id} is required and not planned: {requirement.text}"
        elif _plain(planned[requirement.id]) != _plain(requirement.text):
            yield f"{requirement.id} has to read, word for word: {requirement.text}"


def _buildable(plan: Plan) -> Iterator[str]:
    tested = {file.owner for file in plan.files if file.role == "qa"}
    for component in plan.components:
        folder = f"services/{component.name}/"
        if component.name not in tested:
            yield f"component {component.name} has no file of the role qa, such as {folder}tests/..., to be held to"
        if component.role == "qa":
            yield f"component {component.name} is qa's, who writes tests and no component"
    for file in plan.files:
        if not file.path.startswith(f"services/{file.owner}/"):
            yield f"{file.path} lies outside of the folder of its component, services/{file.owner}/"
        elif (file.role == "qa") != file.path.startswith(f"services/{file.owner}/tests/"):
            yield f"{file.path} belongs to the role {file.role}: qa writes what lies in tests/, and nobody else does"
        elif file.role != "qa" and file.path.endswith("/conftest.py"):
            yield f"{file.path} takes part in the tests: it is qa's, and lies in services/{file.owner}/tests/"


def _plain(text: str) -> str:
    return " ".join(text.split())
