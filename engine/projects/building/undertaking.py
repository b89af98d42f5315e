"""A build as a run of the journal: what was asked for, what came of it, and how it stands among the runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel

from engine.domain import Ending, Reason, Run, Task
from engine.projects.building.outcome import Project, Why
from engine.projects.building.request import BuildRequest

if TYPE_CHECKING:
    from engine.journal import Journal

AUTHOR = "build:"
"""With this begins whom a run was given to that is a build; the rest says who builds."""
_REQUEST = "what is to be built"
_PROJECT = "what was built"
_REASONS: Mapping[Why, Reason] = MappingProxyType({"budget": "budget", "refused": "refused"})

T = TypeVar("T", bound=BaseModel)


class _NotThere(Exception):
    """Nothing was recorded."""


def run_of(request: BuildRequest, run_id: str) -> Run:
    """The run that a build of *request* begins as."""
    task = Task(goal=request.description, files={}, budget=request.budget)
    return Run(id=run_id, task=task, started=datetime.now(UTC).isoformat(timespec="seconds"))


def ended(run: Run, project: Project) -> Run:
    """*run* as it ended with *project*."""
    reason = _REASONS.get(project.reason, "no_progress") if project.reason else None
    outcome: Ending = project.outcome
    return run.model_copy(
        update={
            "status": "ended",
            "outcome": outcome,
            "reason": reason,
            "summary": project.summary[:2_000],
            "next_step": project.next_step,
            "usage": project.usage,
            "seconds": project.seconds,
        }
    )


async def undertake(
    journal: Journal, run_id: str, request: BuildRequest, build: Callable[[], Awaitable[Project]]
) -> Project:
    """What *build* comes to, recorded beside what was asked for, and under which limits: those given last are in force."""

    async def asked() -> BuildRequest:
        return request

    if await request_of(journal, run_id) != request:
        await journal.step(run_id, _REQUEST, _number(await _count(journal, run_id, _REQUEST)), asked, BuildRequest)
    project = await build()

    async def built() -> Project:
        return project

    await journal.step(run_id, _PROJECT, str(await _count(journal, run_id, _PROJECT)), built, Project)
    return project


async def request_of(journal: Journal, run_id: str) -> BuildRequest | None:
    """What was asked for last; None where the run is no build, or was broken off before that was recorded."""
    asked = await _count(journal, run_id, _REQUEST)
    return await _recorded(journal, run_id, _REQUEST, _number(asked - 1), BuildRequest) if asked else None


async def project_of(journal: Journal, run_id: str) -> Project | None:
    """What the run ended with last; None where it has not ended as a build does."""
    ends = await _count(journal, run_id, _PROJECT)
    return await _recorded(journal, run_id, _PROJECT, str(ends - 1), Project) if ends else None


async def _count(journal: Journal, run_id: str, kind: str) -> int:
    """How often *kind* was recorded of the build."""
    return sum(step.kind == kind for step in await journal.steps(run_id))


def _number(before: int) -> str:
    """What a request is recorded under that comes after so many."""
    return str(before) if before else ""


async def _recorded(journal: Journal, run_id: str, kind: str, inputs: str, model: type[T]) -> T | None:
    async def absent() -> T:
        raise _NotThere

    try:
        return await journal.step(run_id, kind, inputs, absent, model)
    except _NotThere:
        return None
