"""Builds of the rehearsed engine: a plan that is asked for, and a project of two files."""

from __future__ import annotations

import asyncio

from agents.base import Usage
from agents.building import Team
from agents.errors import AuthorError
from engine.builds import Builds
from engine.domain import Budget, Run, Task
from engine.errors import BadInput
from engine.events import Noted, RunEnded, RunStarted, Watcher, nobody
from engine.projects.building.outcome import Delivered, Evidence, Project
from engine.projects.building.request import BuildRequest
from tests.projects.plans import smallest

FILES = {"services/nightly/main.py": "print(1)\n", "services/nightly/tests/test_main.py": "def test_R1(): ...\n"}
ENDLESS = "endless"
PLANNED = "planned"
"""Descriptions that say what is to happen: no end; a plan that the architect is really asked for."""


class RehearsedBuilds(Builds):
    """Builds what is asked for in no time; *known* runs, *whose* they are, their *tasks* and the *log* are those of the
    `RehearsedMendbox` that has it.
    """

    def __init__(
        self, known: dict[str, Run], whose: dict[str, str], tasks: dict[str, asyncio.Task[None]], log: list[str]
    ) -> None:
        self._known, self._whose, self._tasks, self._log = known, whose, tasks, log
        self._requests: dict[str, BuildRequest] = {}
        self._projects: dict[str, Project] = {}

    def start(
        self,
        request: BuildRequest,
        team: Team,
        *,
        watch: Watcher = nobody,
        tenant: str | None = None,
        principal: str = "",
        run_id: str | None = None,
    ) -> str:
        run_id = run_id or f"build-{len(self._requests) + 1:04}"
        self._requests[run_id] = request
        self._known[run_id] = Run(id=run_id, task=Task(goal=request.description, files={}))
        self._whose[run_id] = principal
        self._log.append(f"building for {tenant}")
        self._tasks[run_id] = asyncio.create_task(self._rehearse(run_id, request, team, watch))
        return run_id

    async def has(self, run_id: str) -> bool:
        return run_id in self._requests

    async def request(self, run_id: str) -> BuildRequest:
        return self._requests[run_id]

    async def project(self, run_id: str, *, principal: str | None = None) -> Project:
        if run_id not in self._projects:
            raise BadInput(f"run {run_id} is no build", hint="mendbox runs lists the runs there are")
        return self._projects[run_id]

    async def resume(
        self,
        run_id: str,
        team: Team,
        *,
        budget: Budget | None = None,
        watch: Watcher = nobody,
        tenant: str | None = None,
        principal: str = "",
    ) -> Project:
        self._log.append(f"resumed {run_id}")
        self._known[run_id] = self._known[run_id].model_copy(update={"status": "running"})
        await self._rehearse(run_id, self._requests[run_id], team, watch)
        return self._projects[run_id]

    def add_interrupted(self, run_id: str, request: BuildRequest) -> None:
        """A build whose process has died."""
        self._requests[run_id] = request
        self._known[run_id] = Run(id=run_id, task=Task(goal=request.description, files={}), status="interrupted")

    async def _rehearse(self, run_id: str, request: BuildRequest, team: Team, watch: Watcher) -> None:
        watch(RunStarted(run_id=run_id))
        watch(Noted(message="plan: asked for"))
        project = Project(
            id=run_id,
            description=request.description,
            outcome="verified",
            summary="Every requirement was shown on the running project.",
            next_step="Read its README.",
            plan=smallest(),
            files=FILES,
            parts=(Delivered(component="nightly", role="backend", outcome="verified", summary="2 tests passed"),),
            evidence=(Evidence(requirement="R1", text="It runs.", scenarios=("It runs at night",)),),
            usage=Usage(calls=3, input_tokens=5),
        )
        try:
            if request.description == ENDLESS:
                await asyncio.Event().wait()
            if request.description == PLANNED:
                proposal = await team.architects[0].plan(request.commission())
                self._log.append(f"planned by {proposal.model}")
        except AuthorError as error:
            project = project.model_copy(
                update={"outcome": "no_fix", "reason": "plan", "summary": error.what, "files": {}, "evidence": ()}
            )
        except asyncio.CancelledError:
            project = project.model_copy(update={"outcome": "cancelled", "summary": "cancelled", "files": {}})
            self._log.append(f"cancelled {run_id}")
        self._projects[run_id] = project
        update = {"status": "ended", "outcome": project.outcome, "summary": project.summary}
        self._known[run_id] = self._known[run_id].model_copy(update={**update, "next_step": project.next_step})
        watch(RunEnded(run=self._known[run_id]))
