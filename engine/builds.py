"""The door for those who want whole projects built: `Mendbox.builds`. A build is a run as well, which this begins, has go on
and reads back; how a project is built is in `engine.projects.building`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import BadInput, RunGoesOn
from engine.events import Listener, Watcher, nobody
from engine.live import LiveRun, new_run_id
from engine.wiring import make_trial_builds

if TYPE_CHECKING:
    from agents.building import Team
    from engine.domain import Budget, Run
    from engine.listing import RunLine
    from engine.premises import Premises
    from engine.projects.building.ground import Judging, Whose
    from engine.projects.building.outcome import Project
    from engine.projects.building.proving import Proving
    from engine.projects.building.request import BuildRequest


class Builds:
    """The builds of an open engine, on its *premises*; *judging* proves what they are made of.

    What only looks into the journal, or mends, need not know how projects are built: none of that is imported before it
    is asked for.
    """

    def __init__(self, premises: Premises, judging: Judging) -> None:
        self._premises = premises
        self._judging = judging

    async def build(
        self,
        request: BuildRequest,
        team: Team,
        *,
        watch: Watcher = nobody,
        tenant: str | None = None,
        principal: str = "",
        run_id: str | None = None,
    ) -> Project:
        """Have *team* build what *request* asks for. Cancelling the call cancels the build.

        It is a run as well: `Mendbox.wait`, `get`, `cancel` and `runs` know it by its id. *tenant*, *principal* and *run_id*
        as for `Mendbox.start`.

        Raises:
            BadInput: No author may be asked here, as the settings say.
        """
        begun = self.start(request, team, watch=watch, tenant=tenant, principal=principal, run_id=run_id)
        await self._premises.live.wait_for(begun)
        return await self.project(begun)

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
        """Begin what `build` does in the background; the id of the build.

        Raises:
            BadInput: No author may be asked here, as the settings say.
        """
        self._must_be_allowed()
        from engine.projects.building.undertaking import run_of  # noqa: PLC0415 (as the class says)

        run = run_of(request, run_id or new_run_id())
        return self._begin(run, request, team, watch, tenant=tenant, principal=principal)

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
        """Go on with a build that was cancelled or broken off; nobody is asked for what is recorded of it. With another
        *budget* also with one that ended, whose attempts and costs until now count in it.

        Raises:
            UnknownRun: No run has this id.
            BadInput: It is no build, or no author may be asked here.
            RunGoesOn: It is still being worked on.
        """
        from engine.projects.building.undertaking import run_of  # noqa: PLC0415 (as the class says)

        run = await self._premises.journal.load(run_id)
        request = await self.request(run.id)
        if run.status == "ended" and run.outcome not in {"cancelled", "environment"} and budget is None:
            return await self.project(run.id)
        self._must_be_allowed()
        if budget is not None:
            request = request.model_copy(update={"budget": budget})
        # Nothing is awaited from here to the start, so that of two who ask at once, one is turned away.
        if run.id in self._premises.live or run.status == "running":
            raise RunGoesOn(f"run {run.id} is still being worked on", hint="wait for it, or cancel it first")
        again = run_of(request, run.id).model_copy(update={"started": run.started})
        begun = self._begin(again, request, team, watch, tenant=tenant, principal=principal)
        await self._premises.live.wait_for(begun)
        return await self.project(begun)

    async def has(self, run_id: str) -> bool:
        """Whether the run is a build. Raises `UnknownRun`."""
        from engine.projects.building.undertaking import AUTHOR  # noqa: PLC0415 (as the class says)

        return (await self._premises.journal.author_of(run_id)).startswith(AUTHOR)

    async def request(self, run_id: str) -> BuildRequest:
        """What was asked for in a build. Raises `UnknownRun`, and `BadInput` where the run is none."""
        from engine.projects.building.undertaking import request_of  # noqa: PLC0415 (as the class says)

        journal = self._premises.journal
        run = await journal.load(run_id)
        request = await request_of(journal, run.id)
        if request is None:
            raise BadInput(f"run {run.id} is no build", hint="mendbox runs lists the runs there are")
        return request

    async def project(self, run_id: str, *, principal: str | None = None) -> Project:
        """What a build came to that has ended.

        Raises:
            UnknownRun: There is no such run, of *principal* where that is given.
            BadInput: It is no build, or has no end.
        """
        from engine.projects.building.undertaking import project_of  # noqa: PLC0415 (as the class says)

        run = await self._premises.get(run_id, principal=principal)
        is_build = await self.has(run.id)
        project = await project_of(self._premises.journal, run.id) if is_build else None
        if project is None:
            what = "has no end yet" if is_build else "is no build"
            raise BadInput(f"run {run.id} {what}", hint=f"look at it with: mendbox show {run.id}")
        return project

    async def parts(self, run_id: str) -> tuple[RunLine, ...]:
        """The runs that judged the components of the build, in the order in which they began; none where it is no build."""
        return await self._premises.journal.parts_of(run_id)

    def _must_be_allowed(self) -> None:
        if not self._premises.settings.healing:
            what = "nothing is built here: authors are switched off (HEALING_ENABLED=false)"
            raise BadInput(what, hint="set it to true")

    def _begin(
        self, run: Run, request: BuildRequest, team: Team, watch: Watcher, *, tenant: str | None, principal: str
    ) -> str:
        from engine.projects.building.undertaking import AUTHOR, ended, undertake  # noqa: PLC0415 (as the class says)

        premises = self._premises
        listener = premises.observer(run.id, principal=principal)

        async def conduct(live: LiveRun) -> Run:
            # Not needed to begin, nor to read what came of it.
            from engine.projects.building.building import Building, Kept  # noqa: PLC0415
            from engine.projects.building.ground import Whose, node_packages  # noqa: PLC0415

            whose = Whose(run.id, tenant or run.id, principal)
            building = Building(
                request,
                team,
                self._proving(whose, request, listener),
                Kept(premises.journal, run.id),
                agents=premises.settings.agents,
                packages=node_packages(),
                watch=live,
                clock=live.clock,
            )
            try:
                return ended(run, await undertake(premises.journal, run.id, request, building.build))
            finally:
                # of one that is cancelled too
                live.run = live.run.model_copy(update={"usage": building.usage})

        author = f"{AUTHOR}{request.author}"
        return premises.begin(run, author, watch, conduct, listener=listener, principal=principal)

    def _proving(self, whose: Whose, request: BuildRequest, listener: Listener) -> Proving:
        from engine.projects.building.ground import ByJudge, InBoxes, OfFiles  # noqa: PLC0415 (as the class says)
        from engine.projects.building.proving import Proving  # noqa: PLC0415 (as above)

        premises = self._premises
        notify = premises.live.notify
        boxes = InBoxes(
            premises.sandbox(whose.tenant, listener),
            premises.environments,
            lambda: premises.environments(node=True),
            run_id=whose.run_id,
            notify=notify,
            images=make_trial_builds() if request.build_images else None,
        )
        judge = ByJudge(
            self._judging,
            premises.environments,
            whose=whose,
            budget=request.budget,
            limits=premises.settings.limits,
            notify=notify,
        )
        return Proving(agreement=OfFiles(), components=judge, running=boxes, shipping=boxes)
