"""One door to the engine, for the command line, the MCP server and anybody's Python. What goes on behind it is elsewhere:
how runs begin in `engine.starting`, builds in `engine.builds`, what is kept in no journal in `engine.errands`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from agents.borrowed import Ask
from agents.improving import KINDS, Kind
from engine.builds import Builds
from engine.case import CALLER
from engine.domain import Run, Task, Verdict
from engine.errands import Errands
from engine.errors import BadInput, RunGoesOn, UnknownRun
from engine.events import Observer, Watcher, nobody
from engine.listing import RunLine, StepLine
from engine.live import new_run, new_run_id
from engine.premises import Premises
from engine.settings import Settings, load_settings
from engine.starting import Starting
from sandboxes.base import Outcome

if TYPE_CHECKING:
    from agents.testing import Wanted
    from engine.admission import Admission
    from engine.improving import Improved
    from engine.testing import Generated

__all__ = ["Mendbox", "RunLine", "UnknownRun", "new_run_id"]


class Mendbox:
    """The engine, opened: ``async with Mendbox() as mendbox: run = await mendbox.fix(task)``.

    Without *journal* there is `run`, `admit` and `improve` only, which keep nothing. With *box_at_once* the first box is
    made while the journal is opened; it is for those who know that they need one.
    """

    builds: Builds
    """Whole projects: to have them built, and what was built."""

    def __init__(self, settings: Settings | None = None, *, journal: bool = True, box_at_once: bool = False) -> None:
        self.settings = settings or load_settings()
        self._keeps_journal = journal
        self._box_at_once = box_at_once
        self._premises = Premises(self.settings)
        self._starting = Starting(self._premises)
        self._errands = Errands(self._premises)
        self.builds = Builds(self._premises, judging=self)

    @property
    def observer(self) -> Observer:
        """Who listens to what it does from now on, runs and single commands alike."""
        return self._premises.observer

    @observer.setter
    def observer(self, observer: Observer) -> None:
        self._premises.observer = observer

    async def __aenter__(self) -> Self:
        """Open the journal. The Docker Engine is asked for with the first box, orphans are removed then; where boxes are
        kept ready (`Settings.pool`), or one is wanted at once, this begins now, in the background.

        Raises:
            JournalUnavailable: The journal cannot be written.
        """
        await self._premises.open(journal=self._keeps_journal, box_at_once=self._box_at_once)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Cancel the runs that are still going, kill their boxes, close everything."""
        await self._premises.close()

    async def ready(self) -> None:
        """Wait until the boxes that are kept ready (`Settings.pool`) stand there, as they do where runs come after pauses."""
        await self._premises.boxes.filled()

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
        run = new_run(task, part_of=part_of)
        begun = self._starting.heal(run, author, watch, fresh=fresh, tenant=tenant, seen=seen, principal=principal)
        return await self._premises.live.wait_for(begun)

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
        run = new_run(task if before is None else task.model_copy(update={"files": dict(before)}), part_of=part_of)
        begun = self._starting.check(run, files, before, watch, fresh=fresh, tenant=tenant, principal=principal)
        return await self._premises.live.wait_for(begun)

    async def look(self, task: Task, *, watch: Watcher = nobody, fresh: bool = False, tenant: str | None = None) -> Run:
        """How `task.files` stand as they are, in `Run.baseline`, with the flaky tests named; nothing is proven of them.

        What an earlier run judged is not judged again, unless *fresh*. *tenant* as for `fix`.
        """
        begun = self._starting.look(new_run(task), watch, fresh=fresh, tenant=tenant)
        return await self._premises.live.wait_for(begun)

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
        return await self._errands.run(
            files, argv, seconds=seconds, stdin=stdin, environment=environment, watch=watch, tenant=tenant
        )

    async def admit(self, task: Task, *, before: Mapping[str, str] | None = None) -> Admission:
        """Which of the generated `task.tests` count: green on `task.files`, and red on *before* or on a mutant.

        Raises:
            BadInput: The files could not be laid into a box as they are.
            SandboxError: The machinery failed; nothing was learnt about the tests.
        """
        return await self._errands.admit(task, before=before)

    async def improve(
        self, task: Task, *, kinds: Sequence[Kind] = KINDS, watch: Watcher = nobody, tenant: str | None = None
    ) -> Improved:
        """Make `task.files`, whose tests are green, faster or safer; see `engine.improving`. *tenant* as for `fix`.

        Nothing is mended: where a test is red, this says so and changes nothing. The machinery's failure is an outcome.
        """
        return await self._errands.improve(task, kinds, watch=watch, tenant=tenant)

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
        return await self._errands.write_tests(
            task, seconds=seconds, wanted=wanted, author=author, watch=watch, tenant=tenant, caller=caller
        )

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
        run = new_run(task) if run_id is None else new_run(task).model_copy(update={"id": run_id})
        return self._starting.heal(run, author, watch, fresh=fresh, tenant=tenant, principal=principal, caller=caller)

    async def wait(self, run_id: str, *, seconds: float | None = None) -> Run:
        """The run once it has ended, or as it stands after *seconds*.

        Raises:
            UnknownRun: No run has this id.
            JournalUnavailable: It could not be recorded, and was broken off.
        """
        live = self._premises.live.get(run_id)
        if live is not None:
            done, _ = await asyncio.wait([live.task], timeout=seconds)
            if done and not live.task.cancelled() and (error := live.task.exception()):
                raise error
        return await self.get(run_id)

    async def get(self, run_id: str, *, principal: str | None = None) -> Run:
        """The run as it stands; a unique beginning of its id is enough. Where *principal* is given, there are no runs
        but theirs. Raises `UnknownRun`.
        """
        return await self._premises.get(run_id, principal=principal)

    async def cancel(self, run_id: str, *, principal: str | None = None) -> Run:
        """Stop a run of this process and kill its box; one that has ended stays as it is. *principal* as for `get`.
        Raises `UnknownRun`.
        """
        live = self._premises.live.get(run_id, principal)
        return await (live.cancel() if live is not None else self._premises.journal.load(run_id, principal=principal))

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
        journal, live = self._premises.journal, self._premises.live
        run = await journal.load(run_id)
        if run.status == "ended" and run.outcome not in {"cancelled", "environment"}:
            return run
        author = author or await journal.author_of(run.id)
        if author == CALLER:
            raise BadInput(f"run {run.id} only judged code: there is nothing to go on with", hint="check it again")
        # Nothing is awaited from here to the start, so that of two who ask at once, one is turned away.
        if run.id in live or run.status == "running":
            raise RunGoesOn(f"run {run.id} is still being worked on", hint="wait for it, or cancel it first")
        again = new_run(run.task, part_of=run.part_of).model_copy(update={"id": run.id, "started": run.started})
        begun = self._starting.heal(
            again, author, watch, fresh=fresh, tenant=tenant, principal=principal, caller=caller
        )
        return await live.wait_for(begun)

    async def runs(
        self, *, limit: int = 50, principal: str | None = None, after: str | None = None, parts: bool = False
    ) -> tuple[RunLine, ...]:
        """The latest runs, newest first; *principal*'s alone, where given, and those older than the run *after*. With
        *parts* also those that are part of a build.
        """
        return await self._premises.journal.recent(limit, principal=principal, after=after, parts=parts)

    async def steps(self, run_id: str) -> tuple[StepLine, ...]:
        """The recorded effects of a run, in order. Raises `UnknownRun`."""
        return await self._premises.journal.steps(run_id)

    async def node(self) -> str:
        """Name of the image with Node.js and its usual packages, for code without packages of its own; made where there
        is none.

        Raises:
            SandboxError: The machinery failed.
        """
        return await self._premises.node()

    async def image(self) -> str:
        """Digest of the image that boxes are made from; empty while there is none. Raises `SandboxUnavailable`."""
        return await self._premises.boxes.image()
