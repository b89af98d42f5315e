"""One door to the engine, for the command line, the MCP server and anybody's Python."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self

from agents.base import Readying
from agents.borrowed import Ask
from agents.building import Team
from agents.improving import KINDS, Kind
from engine.case import CALLER
from engine.casting import make_author, make_improver, make_javascript_tester, make_tester
from engine.clock import RunClock
from engine.conclusion import account, end
from engine.dependencies.languages import in_its_image
from engine.domain import Budget, Run, Task, Verdict, sha256
from engine.errors import BadInput, RunGoesOn, UnknownRun
from engine.events import (
    AttemptEnded,
    Event,
    InputJudged,
    Listener,
    Observer,
    Preparing,
    RunEnded,
    RunStarted,
    Watcher,
    nobody,
    unobserved,
)
from engine.fingerprint import fingerprint
from engine.first_box import TellingFirst
from engine.inputs.text import encode_files
from engine.journal import Journal
from engine.listing import RunLine, StepLine
from engine.logs import bound, get_log
from engine.overheard import ToldSandbox
from engine.owner import this_process
from engine.settings import Settings, load_settings
from engine.summoning import Beginning, OnCall
from engine.tenancy import OnBehalf
from engine.wiring import OnDemand, make_environments, make_trial_builds
from engine.workshop import BoxWorkshop
from sandboxes.base import Command, Layer, Outcome, Sandbox

if TYPE_CHECKING:
    from agents.testing import Wanted
    from engine.admission import Admission
    from engine.caching import CachingJudge
    from engine.conduct import Conductor
    from engine.improving import Improved
    from engine.memory import Remembering
    from engine.projects.building.ground import Whose
    from engine.projects.building.outcome import Project
    from engine.projects.building.proving import Proving
    from engine.projects.building.request import BuildRequest
    from engine.surroundings import Surroundings
    from engine.testing import Generated
    from sandboxes.environments.environments import Environments

log = get_log(__name__)

__all__ = ["Mendbox", "RunLine", "UnknownRun", "new_run_id"]


_MORE_TO_CHECK, _MORE_TO_FIX = 2, 3
"""Boxes after a run's first: for the draft and for what is done apart; to fix, one for the search before them."""
_HEAD_START = 1.0
"""Seconds that the journal waits for a first box to be under way; where the image is being built it is longer."""
_NOT_HEALED = (
    "Healing is switched off here (HEALING_ENABLED=false), so that this was only judged and no author was asked."
)
_Conduct = Callable[["_Live"], Awaitable[Run]]


def new_run_id() -> str:
    """An id that sorts by time and cannot be guessed."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(8)}"


class Mendbox:
    """The engine, opened: ``async with Mendbox() as mendbox: run = await mendbox.fix(task)``.

    Without *journal* there is `run`, `admit` and `improve` only, which keep nothing. With *box_at_once* the first box is
    made while the journal is opened; it is for those who know that they need one.
    """

    observer: Observer = staticmethod(unobserved)
    """Who listens to what it does from now on, runs and single commands alike."""

    def __init__(self, settings: Settings | None = None, *, journal: bool = True, box_at_once: bool = False) -> None:
        self.settings = settings or load_settings()
        self._keeps_journal = journal
        self._box_at_once = box_at_once
        self._live: dict[str, _Live] = {}
        self._passing: dict[str, Watcher] = {}
        self._sandbox = OnDemand(self.settings, notify=self._notify, waiting=self._tell_waiting)
        self._opened: Journal | None = None
        self._memory: Remembering | None = None

    async def __aenter__(self) -> Self:
        """Open the journal. The Docker Engine is asked for with the first box, orphans are removed then; where boxes are
        kept ready (`Settings.pool`), or one is wanted at once, this begins now, in the background.

        Raises:
            JournalUnavailable: The journal cannot be written.
        """
        if self._box_at_once:
            # Both are mostly importing, which two threads do no faster than one: the engine comes first, for it can
            # start the box meanwhile.
            await asyncio.wait([self._sandbox.begin(self.settings.limits)], timeout=_HEAD_START)
        if self._keeps_journal:
            try:
                self._opened = await Journal.open(self.settings.data_dir)
            except BaseException:
                await self._sandbox.close()
                raise
            # Now, because the files may be replaced by another version's while a server goes on.
            fingerprint()
        if self.settings.pool:
            self._sandbox.warm()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Cancel the runs that are still going, kill their boxes, close everything."""
        try:
            await asyncio.gather(*(self.cancel(run_id) for run_id in list(self._live)), return_exceptions=True)
        finally:
            try:
                await self._sandbox.close()
            finally:
                if self._opened is not None:
                    await self._opened.close()

    async def ready(self) -> None:
        """Wait until the boxes that are kept ready (`Settings.pool`) stand there, as they do where runs come after pauses."""
        await self._sandbox.filled()

    async def fix(
        self,
        task: Task,
        *,
        author: str = "auto",
        watch: Watcher = nobody,
        fresh: bool = False,
        tenant: str | None = None,
        seen: Verdict | None = None,
        principal: str = "",
        part_of: str = "",
    ) -> Run:
        """Heal *task*; comes back with an ended run. Cancelling the call cancels the run.

        What an earlier run judged is not judged again, unless *fresh* (see `engine.caching`). Where more runs want boxes
        than may have them, *tenant* takes turns with others; without one, the run is a tenant of its own. *seen* is how the
        task's tests stand as it is, where that was looked at just now (see `look`). *principal* as for `start`; *part_of* is
        the build that wants it, if one does.

        Raises:
            UnknownAuthor: *author* names none, or its key or file is missing.
        """
        run = _new(task, part_of)
        begun = self._start(run, author, watch, fresh=fresh, tenant=tenant, seen=seen, principal=principal)
        return await self._wait_for(begun)

    async def check(
        self,
        task: Task,
        *,
        before: Mapping[str, str] | None = None,
        watch: Watcher = nobody,
        fresh: bool = False,
        tenant: str | None = None,
        principal: str = "",
        part_of: str = "",
    ) -> Run:
        """Judge `task.files` only. *before* is what they were; an empty stand-in where None.

        Where all of it was judged in an earlier run, its verdict comes back and no box is opened, unless *fresh*.
        *tenant* and *part_of* as for `fix`, *principal* as for `start`.
        """
        files = task.files
        run = _new(task if before is None else task.model_copy(update={"files": dict(before)}), part_of)

        async def conduct(live: _Live) -> Run:
            return await self._conductor(live, fresh=fresh, tenant=tenant).check(run, files, before)

        return await self._wait_for(self._begin(run, CALLER, watch, conduct, principal=principal))

    async def look(self, task: Task, *, watch: Watcher = nobody, fresh: bool = False, tenant: str | None = None) -> Run:
        """How `task.files` stand as they are, in `Run.baseline`, with the flaky tests named; nothing is proven of them.

        What an earlier run judged is not judged again, unless *fresh*. *tenant* as for `fix`.
        """

        async def conduct(live: _Live) -> Run:
            return await self._conductor(live, fresh=fresh, tenant=tenant).look(live.run)

        return await self._wait_for(self._begin(_new(task), CALLER, watch, conduct))

    async def run(
        self,
        files: Mapping[str, str],
        argv: tuple[str, ...],
        *,
        seconds: float = 10.0,
        stdin: bytes = b"",
        environment: str = "",
        watch: Watcher = nobody,
        tenant: str | None = None,
    ) -> Outcome:
        """Just run *argv* next to *files* in a box, one of *environment* where that is named.

        *watch* is told where it has to wait for that; *tenant* as for `fix`.

        Raises:
            SandboxError: The machinery failed; nothing was learnt about the code.
        """
        limits = self.settings.limits.model_copy(update={"seconds": seconds + 60, "environment": environment})
        run_id = new_run_id()
        self._passing[run_id] = watch
        try:
            sandbox = ToldSandbox(OnBehalf(self._sandbox, tenant), self.observer(run_id))
            async with sandbox.open(run_id=run_id, limits=limits) as box:
                await box.lay(Layer(files=encode_files(files)))
                return await box.run(Command(argv=argv, seconds=seconds, stdin=stdin))
        finally:
            del self._passing[run_id]

    async def admit(self, task: Task, *, before: Mapping[str, str] | None = None) -> Admission:
        """Which of the generated `task.tests` count: green on `task.files`, and red on *before* or on a mutant.

        Raises:
            BadInput: The files could not be laid into a box as they are.
            SandboxError: The machinery failed; nothing was learnt about the tests.
        """
        from engine.admission import admit  # noqa: PLC0415 (nothing else needs it)
        from engine.judging import JUDGE_OUTPUT_KIB  # noqa: PLC0415 (all the checks come with it)

        budget, limits = task.budget, task.limits
        output = max(limits.output_kib, JUDGE_OUTPUT_KIB)
        seconds = budget.seconds + 6 * budget.test_seconds + 120
        limits = limits.model_copy(update={"seconds": seconds, "output_kib": output})
        async with self._sandbox.open(run_id=new_run_id(), limits=limits) as box:
            return await admit(task, box, before=before)

    async def improve(
        self, task: Task, *, kinds: Sequence[Kind] = KINDS, watch: Watcher = nobody, tenant: str | None = None
    ) -> Improved:
        """Make `task.files`, whose tests are green, faster or safer; see `engine.improving`. *tenant* as for `fix`.

        Nothing is mended: where a test is red, this says so and changes nothing. The machinery's failure is an outcome.
        """
        from engine.improving import Improving  # noqa: PLC0415 (nothing else needs it)

        run_id = new_run_id()
        sandbox = ToldSandbox(OnBehalf(self._sandbox, tenant), self.observer(run_id))
        improver = make_improver(BoxWorkshop(sandbox, limits=task.limits, run_id=run_id), watch=watch)
        self._passing[run_id] = watch
        try:
            return await Improving(improver, OnCall(sandbox), run_id=run_id, watch=watch).improve(task, kinds)
        finally:
            del self._passing[run_id]

    async def write_tests(
        self,
        task: Task,
        *,
        seconds: float,
        wanted: Wanted | None = None,
        author: str = "auto",
        watch: Watcher = nobody,
        tenant: str | None = None,
        caller: Ask | None = None,
    ) -> Generated:
        """Tests of `task.files` as they are, of the sort that is *wanted*, written within *seconds*; see `engine.testing`.
        *author*, *tenant* and *caller* as for `start`.

        Raises:
            UnknownAuthor: *author* names none, or what that one needs is missing.
            SandboxError: The machinery failed; nothing was learnt about the code.
        """
        from engine.judging import JUDGE_OUTPUT_KIB  # noqa: PLC0415 (all the checks come with it)
        from engine.testing import write_tests  # noqa: PLC0415 (nothing else needs it)

        run_id = new_run_id()
        sandbox = ToldSandbox(OnBehalf(self._sandbox, tenant), self.observer(run_id))
        output = max(task.limits.output_kib, JUDGE_OUTPUT_KIB)
        limits = task.limits.model_copy(update={"output_kib": output})
        if wanted is not None and wanted.framework == "vitest":
            return await self._write_vitest(task, wanted, sandbox, run_id=run_id, seconds=seconds, watch=watch)
        tester = make_tester(
            author,
            self.settings,
            workshop=BoxWorkshop(sandbox, limits=limits, run_id=run_id),
            watch=watch,
            listener=self.observer(run_id),
            caller=caller,
        )
        judging = limits.model_copy(update={"seconds": 2 * seconds + 8 * task.budget.test_seconds + 120})
        self._passing[run_id] = watch
        try:
            open_box = partial(sandbox.open, run_id=run_id, limits=judging)
            return await write_tests(task, tester, open_box, seconds=seconds, wanted=wanted)
        finally:
            del self._passing[run_id]

    async def _write_vitest(
        self, task: Task, wanted: Wanted, sandbox: Sandbox, *, run_id: str, seconds: float, watch: Watcher
    ) -> Generated:
        from engine.vitest_tests import refuse, write_vitest  # noqa: PLC0415 (nothing else needs it)
        from sandboxes import web  # noqa: PLC0415 (as above)

        # before an image is made for it
        refuse(task.files, wanted)
        limits = web.LIMITS.model_copy(update={"environment": await self.node()})
        tester = make_javascript_tester(BoxWorkshop(sandbox, limits=limits, run_id=run_id), watch=watch)
        judging = limits.model_copy(update={"seconds": 4 * task.budget.test_seconds + 240})
        self._passing[run_id] = watch
        try:
            open_box = partial(sandbox.open, run_id=run_id, limits=judging)
            return await write_vitest(task, tester, open_box, seconds=seconds, wanted=wanted)
        finally:
            del self._passing[run_id]

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
        """Have *team* build what *request* asks for; see `engine.projects.building`. Cancelling the call cancels the build.

        It is a run as well: `wait`, `get`, `cancel` and `runs` know it by its id. *tenant*, *principal* and *run_id* as
        for `start`.
        """
        begun = self.start_build(request, team, watch=watch, tenant=tenant, principal=principal, run_id=run_id)
        await self._wait_for(begun)
        return await self.built(begun)

    def start_build(
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
        self._may_build()
        from engine.projects.building.undertaking import run_of  # noqa: PLC0415 (nothing else needs it)

        run = run_of(request, run_id or new_run_id())
        return self._build(run, request, team, watch, tenant=tenant, principal=principal)

    async def built(self, run_id: str, *, principal: str | None = None) -> Project:
        """What a build came to that has ended.

        Raises:
            UnknownRun: There is no such run, of *principal* where that is given.
            BadInput: It is no build, or has no end.
        """
        from engine.projects.building.undertaking import project_of  # noqa: PLC0415 (as above)

        run = await self.get(run_id, principal=principal)
        project = await project_of(self._journal, run.id) if await self.is_build(run.id) else None
        if project is None:
            what = "has no end yet" if await self.is_build(run.id) else "is no build"
            raise BadInput(f"run {run.id} {what}", hint=f"look at it with: mendbox show {run.id}")
        return project

    async def is_build(self, run_id: str) -> bool:
        """Whether the run is a project that was built. Raises `UnknownRun`."""
        from engine.projects.building.undertaking import AUTHOR  # noqa: PLC0415 (as above)

        return (await self._journal.author_of(run_id)).startswith(AUTHOR)

    async def build_request(self, run_id: str) -> BuildRequest:
        """What was asked for in a build. Raises `UnknownRun`, and `BadInput` where the run is none."""
        from engine.projects.building.undertaking import request_of  # noqa: PLC0415 (as above)

        run = await self._journal.load(run_id)
        request = await request_of(self._journal, run.id)
        if request is None:
            raise BadInput(f"run {run.id} is no build", hint="mendbox runs lists the runs there are")
        return request

    async def resume_build(
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
        from engine.projects.building.undertaking import run_of  # noqa: PLC0415 (as above)

        run = await self._journal.load(run_id)
        request = await self.build_request(run.id)
        if run.status == "ended" and run.outcome not in {"cancelled", "environment"} and budget is None:
            return await self.built(run.id)
        self._may_build()
        if budget is not None:
            request = request.model_copy(update={"budget": budget})
        # as in `resume`
        if run.id in self._live or run.status == "running":
            raise RunGoesOn(f"run {run.id} is still being worked on", hint="wait for it, or cancel it first")
        again = run_of(request, run.id).model_copy(update={"started": run.started})
        begun = self._build(again, request, team, watch, tenant=tenant, principal=principal)
        await self._wait_for(begun)
        return await self.built(begun)

    def start(
        self,
        task: Task,
        *,
        author: str = "auto",
        watch: Watcher = nobody,
        fresh: bool = False,
        tenant: str | None = None,
        principal: str = "",
        caller: Ask | None = None,
        run_id: str | None = None,
    ) -> str:
        """Begin to heal *task* in the background, as `fix` does; the id of the run. Raises `UnknownAuthor`.

        It is *principal*'s, who alone can have it by that name; empty for whoever is at the machine itself. *caller* is
        the way to a model of theirs, asked last. *run_id* is the run's, where it has to have a certain one.
        """
        run = _new(task) if run_id is None else _new(task).model_copy(update={"id": run_id})
        return self._start(run, author, watch, fresh=fresh, tenant=tenant, principal=principal, caller=caller)

    async def wait(self, run_id: str, *, seconds: float | None = None) -> Run:
        """The run once it has ended, or as it stands after *seconds*.

        Raises:
            UnknownRun: No run has this id.
            JournalUnavailable: It could not be recorded, and was broken off.
        """
        live = self._live.get(run_id)
        if live is not None:
            done, _ = await asyncio.wait([live.task], timeout=seconds)
            if done and not live.task.cancelled() and (error := live.task.exception()):
                raise error
        return await self.get(run_id)

    async def get(self, run_id: str, *, principal: str | None = None) -> Run:
        """The run as it stands; a unique beginning of its id is enough. Where *principal* is given, there are no runs
        but theirs. Raises `UnknownRun`.
        """
        live = self._live_of(run_id, principal)
        return live.run if live is not None else await self._journal.load(run_id, principal=principal)

    async def cancel(self, run_id: str, *, principal: str | None = None) -> Run:
        """Stop a run of this process and kill its box; one that has ended stays as it is. *principal* as for `get`.
        Raises `UnknownRun`.
        """
        live = self._live_of(run_id, principal)
        if live is None:
            return await self._journal.load(run_id, principal=principal)
        # A task that never began could not write down that it was cancelled.
        await asyncio.sleep(0)
        live.give_up()
        await asyncio.wait([live.task])
        return live.run

    async def resume(
        self,
        run_id: str,
        *,
        author: str | None = None,
        watch: Watcher = nobody,
        fresh: bool = False,
        tenant: str | None = None,
        principal: str = "",
        caller: Ask | None = None,
    ) -> Run:
        """Go on with a cancelled or crashed run; what this run has in the journal is not asked or judged again.

        *tenant*, *principal* and *caller* as for `start`; whose it is in the journal stays as it was.

        Raises:
            UnknownRun: No run has this id.
            RunGoesOn: It is still being worked on.
        """
        run = await self._journal.load(run_id)
        if run.status == "ended" and run.outcome not in {"cancelled", "environment"}:
            return run
        author = author or await self._journal.author_of(run.id)
        if author == CALLER:
            raise BadInput(f"run {run.id} only judged code: there is nothing to go on with", hint="check it again")
        # Nothing is awaited from here to the start, so that of two who ask at once, one is turned away.
        if run.id in self._live or run.status == "running":
            raise RunGoesOn(f"run {run.id} is still being worked on", hint="wait for it, or cancel it first")
        again = _new(run.task, run.part_of).model_copy(update={"id": run.id, "started": run.started})
        begun = self._start(again, author, watch, fresh=fresh, tenant=tenant, principal=principal, caller=caller)
        return await self._wait_for(begun)

    async def runs(
        self, *, limit: int = 50, principal: str | None = None, after: str | None = None, parts: bool = False
    ) -> tuple[RunLine, ...]:
        """The latest runs, newest first; *principal*'s alone, where given, and those older than the run *after*. With
        *parts* also those that are part of a build.
        """
        return await self._journal.recent(limit, principal=principal, after=after, parts=parts)

    async def parts_of(self, run_id: str) -> tuple[RunLine, ...]:
        """The runs that judged the components of the build *run_id*, in the order in which they began."""
        return await self._journal.parts_of(run_id)

    async def node(self) -> str:
        """Name of the image with Node.js and its usual packages, for code without packages of its own; made where there
        is none.

        Raises:
            SandboxError: The machinery failed.
        """
        from engine.dependencies.ensuring import environment_for  # noqa: PLC0415 (30 ms, and Python needs it not)
        from sandboxes.environments.wanted import Wanted  # noqa: PLC0415 (as above)

        return (await environment_for(Wanted(), make_environments(self.settings, node=True), self._notify)).reference

    async def image(self) -> str:
        """Digest of the image that boxes are made from; empty while there is none. Raises `SandboxUnavailable`."""
        return await self._sandbox.image()

    async def steps(self, run_id: str) -> tuple[StepLine, ...]:
        """The recorded effects of a run, in order. Raises `UnknownRun`."""
        return await self._journal.steps(run_id)

    @property
    def _journal(self) -> Journal:
        if self._opened is None:
            raise RuntimeError("use it as: async with Mendbox() as mendbox; and not without its journal")
        return self._opened

    def _live_of(self, run_id: str, principal: str | None) -> _Live | None:
        live = self._live.get(run_id)
        return live if live is not None and principal in {None, live.principal} else None

    def _start(
        self,
        run: Run,
        author: str,
        watch: Watcher,
        *,
        fresh: bool,
        tenant: str | None = None,
        principal: str = "",
        caller: Ask | None = None,
        seen: Verdict | None = None,
    ) -> str:
        if not self.settings.healing:
            return self._start_judging(run, watch, fresh=fresh, tenant=tenant, principal=principal)
        live_watch = _Relay()
        listener = self.observer(run.id, principal=principal)
        task = run.task
        workshop = BoxWorkshop(
            ToldSandbox(OnBehalf(self._sandbox, tenant), listener),
            limits=task.limits,
            run_id=run.id,
            patience=task.budget.seconds,
            data=task.data,
            build=_build_of(task),
        )
        steps = partial(self._journal.step, run.id)
        writer = make_author(
            author,
            self.settings,
            workshop=workshop,
            watch=live_watch,
            steps=steps,
            listener=listener,
            caller=caller,
        )

        async def conduct(live: _Live) -> Run:
            live_watch.to = live
            make_ready = writer.make_ready if isinstance(writer, Readying) else None
            async with workshop:
                conductor = self._conductor(live, fresh=fresh, tenant=tenant, in_first_box=make_ready)
                return await conductor.fix(run, writer, seen=seen)

        return self._begin(run, author, watch, conduct, listener=listener, principal=principal)

    def _start_judging(self, run: Run, watch: Watcher, *, fresh: bool, tenant: str | None, principal: str) -> str:
        """Begin what `_start` does where no author may be asked."""

        async def conduct(live: _Live) -> Run:
            judged = await self._conductor(live, fresh=fresh, tenant=tenant).check(run, run.task.files, None)
            further = "Set it to true to have it mended." if judged.reason == "red" else judged.next_step
            return judged.model_copy(update={"next_step": f"{_NOT_HEALED} {further}".strip()})

        return self._begin(run, CALLER, watch, conduct, principal=principal)

    def _may_build(self) -> None:
        if not self.settings.healing:
            what = "nothing is built here: authors are switched off (HEALING_ENABLED=false)"
            raise BadInput(what, hint="set it to true")

    def _build(
        self, run: Run, request: BuildRequest, team: Team, watch: Watcher, *, tenant: str | None, principal: str
    ) -> str:
        from engine.projects.building.undertaking import AUTHOR, ended, undertake  # noqa: PLC0415 (as above)

        listener = self.observer(run.id, principal=principal)

        async def conduct(live: _Live) -> Run:
            # What only looks into the journal need not know how projects are built.
            from engine.projects.building.building import Building, Kept  # noqa: PLC0415
            from engine.projects.building.ground import Whose, node_packages  # noqa: PLC0415

            whose = Whose(run.id, tenant or run.id, principal)
            building = Building(
                request,
                team,
                self._proving(whose, request, listener),
                Kept(self._journal, run.id),
                agents=self.settings.agents,
                packages=node_packages(),
                watch=live,
                clock=live.clock,
            )
            return ended(run, await undertake(self._journal, run.id, request, building.build))

        author = f"{AUTHOR}{request.author}"
        return self._begin(run, author, watch, conduct, listener=listener, principal=principal)

    def _proving(self, whose: Whose, request: BuildRequest, listener: Listener) -> Proving:
        from engine.projects.building.ground import ByJudge, InBoxes, OfFiles  # noqa: PLC0415 (as above)
        from engine.projects.building.proving import Proving  # noqa: PLC0415 (as above)

        def usual() -> Environments:
            return make_environments(self.settings)

        def with_node() -> Environments:
            return make_environments(self.settings, node=True)

        sandbox = ToldSandbox(OnBehalf(self._sandbox, whose.tenant), listener)
        images = make_trial_builds() if request.build_images else None
        boxes = InBoxes(sandbox, usual, with_node, run_id=whose.run_id, notify=self._notify, images=images)
        judge = ByJudge(
            self, usual, whose=whose, budget=request.budget, limits=self.settings.limits, notify=self._notify
        )
        return Proving(agreement=OfFiles(), components=judge, running=boxes, shipping=boxes)

    def _begin(
        self,
        run: Run,
        author: str,
        watch: Watcher,
        conduct: _Conduct,
        *,
        principal: str = "",
        listener: Listener | None = None,
    ) -> str:
        live = _Live(run, watch, self._journal, principal, listener or self.observer(run.id, principal=principal))
        self._live[run.id] = live
        self._sandbox.expect(_MORE_TO_CHECK if author == CALLER else _MORE_TO_FIX)
        live.task = asyncio.create_task(self._follow(live, author, conduct), name=f"run {run.id}")
        return run.id

    async def _follow(self, live: _Live, author: str, conduct: _Conduct) -> Run:
        """One run in the background, from its first to its last entry in the journal."""
        with bound(run_id=live.run.id):
            return await self._follow_bound(live, author, conduct)

    async def _follow_bound(self, live: _Live, author: str, conduct: _Conduct) -> Run:
        run = live.run
        log.info("run_started", author=author, files=len(run.task.files), tests=len(run.task.tests))
        try:
            try:
                await self._journal.begin(run, author=author, owner=this_process(), principal=live.principal)
                live(RunStarted(run_id=run.id))
                live.run = await conduct(live)
            except asyncio.CancelledError:
                again = "Have it checked again." if author == CALLER else ""
                live.run = end(live.run, "cancelled", "The run was cancelled.", next_=again)
                live.run = live.run.model_copy(update={"seconds": live.clock.seconds})
            await live.settle()
        except Exception:  # whatever it was, the run has no end in the journal, and must not seem to go on
            self._journal.break_off(run.id)
            raise
        finally:
            self._live.pop(run.id, None)
        log.info("run_ended", outcome=live.run.outcome, reason=live.run.reason, seconds=round(live.run.seconds, 3))
        live(RunEnded(run=live.run))
        return live.run

    async def _wait_for(self, run_id: str) -> Run:
        live = self._live[run_id]
        try:
            return await asyncio.shield(live.task)
        except asyncio.CancelledError:
            live.give_up()
            # Once more is enough: whoever cancels twice does not want to wait for the clean-up.
            with suppress(asyncio.CancelledError):
                await asyncio.wait([live.task])
            raise

    def _conductor(
        self, live: _Live, *, fresh: bool, tenant: str | None, in_first_box: Callable[[], None] | None = None
    ) -> Conductor:
        """Whoever takes the run to its end. *in_first_box* is called when the judge has the first box that it needs."""
        # What only looks into the journal, or runs a program, need not know how code is judged.
        from engine.conduct import Conductor  # noqa: PLC0415
        from engine.memory.remembering import Memory  # noqa: PLC0415

        memory: Remembering | None = None
        if self.settings.memory and live.principal:
            # What one has mended is nothing that another may be given to read.
            memory = Memory(self.settings.data_dir / "principals" / sha256(live.principal)[:32])
        elif self.settings.memory:
            memory = self._memory = self._memory or Memory(self.settings.data_dir)
        sandbox = ToldSandbox(OnBehalf(self._sandbox, tenant), live.listener)
        judge = self._judge(sandbox if in_first_box is None else TellingFirst(sandbox, in_first_box), fresh=fresh)
        return Conductor(
            sandbox=sandbox,
            judge=judge,
            record=self._journal,
            watch=live,
            clock=live.clock,
            memory=memory,
            settle=partial(in_its_image, image=self.node),
        )

    def _judge(self, sandbox: Beginning, *, fresh: bool) -> CachingJudge:
        from engine.caching import CachingJudge  # noqa: PLC0415 (as above)

        return CachingJudge(
            OnCall(sandbox, self._surroundings),
            self._journal,
            judged_by=f"{fingerprint()} in {self.settings.runtime or 'the usual runtime'}",
            image=self._sandbox.image,
            fresh=fresh,
        )

    def _surroundings(self) -> Surroundings:
        from engine.dependencies.surroundings import ByManifests  # noqa: PLC0415 (only projects need it)

        return ByManifests(lambda: make_environments(self.settings), self._notify)

    def _tell_waiting(self, run_id: str, before: int | None) -> None:
        live = self._live.get(run_id)
        if live is not None:
            live.wait(before)
        elif run_id in self._passing:
            self._passing[run_id](Preparing.turn(before))

    def _notify(self, message: str) -> None:
        for live in list(self._live.values()):
            live(Preparing(message=message))


def _build_of(task: Task) -> Command | None:
    if task.suite is None or not task.suite.build:
        return None
    from engine.checks.build import command_for  # noqa: PLC0415 (few tasks need it)

    return command_for(task)


class _Live:
    """A run of this process while it goes on: how it stands, who watches, and its snapshots on their way to the journal."""

    task: asyncio.Task[Run]

    def __init__(self, run: Run, watch: Watcher, journal: Journal, principal: str, listener: Listener) -> None:
        self.run = run
        self.listener = listener
        self.principal = principal
        self.clock = RunClock()
        self._watch = watch
        self._journal = journal
        self._saving: set[asyncio.Task[None]] = set()
        self._settling = False

    def give_up(self) -> None:
        """Cancel the run, once: another cancel would break off the clearing away, or the last entry in the journal."""
        if not self._settling and not self.task.cancelling():
            self.task.cancel()

    def wait(self, before: int | None) -> None:
        """Its turn at having a box comes after so many runs; None where it waits no longer."""
        if before is None:
            self.clock.go_on()
        else:
            self.clock.stop()
        self(Preparing.turn(before))

    def __call__(self, event: Event) -> None:
        match event:
            case InputJudged(verdict=verdict):
                self._save(self.run.model_copy(update={"baseline": verdict}))
            case AttemptEnded(attempt=attempt):
                self._save(account(self.run, (*self.run.attempts, attempt)))
        self.listener(event)
        self._watch(event)

    def _save(self, run: Run) -> None:
        self.run = run
        task = asyncio.get_running_loop().create_task(self._journal.save(run))
        self._saving.add(task)
        task.add_done_callback(self._saving.discard)

    async def settle(self) -> None:
        """Save the run as it ended, after the snapshots that are still on their way."""
        self._settling = True
        await asyncio.gather(*self._saving)
        await self._journal.save(self.run)


class _Relay:
    """A watcher that is known before the one it passes events on to."""

    to: Watcher = staticmethod(nobody)

    def __call__(self, event: Event) -> None:
        self.to(event)


def _new(task: Task, part_of: str = "") -> Run:
    started = datetime.now(UTC).isoformat(timespec="seconds")
    return Run(id=new_run_id(), task=task, started=started, part_of=part_of)
