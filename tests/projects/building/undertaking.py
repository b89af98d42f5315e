"""A build as a run of a real journal, with doubles for all else."""

from __future__ import annotations

from engine.domain import Budget
from engine.journal import Journal
from engine.owner import this_process
from engine.projects.building.building import Building, Kept
from engine.projects.building.outcome import Project
from engine.projects.building.request import BuildRequest
from engine.projects.building.undertaking import ended, run_of, undertake
from tests.projects.building.doubles import Site

REQUEST = BuildRequest(description="A greeter.", author="scripted:x", budget=Budget(attempts=60, seconds=600))


async def undertaken(journal: Journal, site: Site, request: BuildRequest = REQUEST) -> Project:
    """The build ``b`` in *journal*, begun or gone on with, to its end."""
    building = Building(request, site.company.team, site.ground.proving, Kept(journal, "b"), agents=4)
    await journal.begin(run_of(request, "b"), author="build:scripted:x", owner=this_process())
    project = await undertake(journal, "b", request, building.build)
    await journal.save(ended(run_of(request, "b"), project))
    return project
