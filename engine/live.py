"""The runs of this process while they go on: how each stands, who watches it, and its way into the journal."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from engine.case import CALLER
from engine.clock import RunClock
from engine.conclusion import account, end
from engine.domain import Run, Task
from engine.events import AttemptEnded, Event, InputJudged, Listener, Preparing, RunEnded, RunStarted, Watcher, nobody
from engine.logs import bound, get_log
from engine.owner import this_process

if TYPE_CHECKING:
    from engine.journal import Journal

log = get_log(__name__)


def new_run_id() -> str:
    """An id that sorts by time and cannot be guessed."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(8)}"


def new_run(task: Task, *, part_of: str = "") -> Run:
    """A run of *task* that begins now, with an id of its own; of the build *part_of* where that wants it."""
    started = datetime.now(UTC).isoformat(timespec="seconds")
    return Run(id=new_run_id(), task=task, started=started, part_of=part_of)


class LiveRun:
    """One run: how it stands, and its snapshots on their way to the journal. It is called with what happens in it."""

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

    async def go(self, author: str, conduct: Conduct) -> None:
        """Have *conduct* bring it to its end, recorded from the first to the last entry. A cancel is an end like any other.

        Raises:
            JournalUnavailable: It could not be recorded, and was broken off.
        """
        run = self.run
        try:
            try:
                await self._journal.begin(run, author=author, owner=this_process(), principal=self.principal)
                self(RunStarted(run_id=run.id))
                self.run = await conduct(self)
            except asyncio.CancelledError:
                again = "Have it checked again." if author == CALLER else ""
                self.run = end(self.run, "cancelled", "The run was cancelled.", next_=again)
                self.run = self.run.model_copy(update={"seconds": self.clock.seconds})
            await self._settle()
        except Exception:  # whatever it was, the run has no end in the journal, and must not seem to go on
            self._journal.break_off(run.id)
            raise

    async def cancel(self) -> Run:
        """Stop it and kill its box; the run as it ended."""
        # A task that never began could not write down that it was cancelled.
        await asyncio.sleep(0)
        self.give_up()
        await asyncio.wait([self.task])
        return self.run

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

    async def _settle(self) -> None:
        """Save the run as it ended, after the snapshots that are still on their way."""
        self._settling = True
        await asyncio.gather(*self._saving)
        await self._journal.save(self.run)


Conduct = Callable[[LiveRun], Awaitable[Run]]
"""Takes a run to its end, telling it what happens."""


class LiveRuns:
    """All that go on in one process, by their ids; beside them what is done for a caller who waits, and is no run."""

    def __init__(self) -> None:
        self._runs: dict[str, LiveRun] = {}
        self._passing: dict[str, Watcher] = {}

    def __contains__(self, run_id: str) -> bool:
        return run_id in self._runs

    def get(self, run_id: str, principal: str | None = None) -> LiveRun | None:
        """The run, if it goes on here; where *principal* is given, if it is theirs."""
        live = self._runs.get(run_id)
        return live if live is not None and principal in {None, live.principal} else None

    def begin(self, live: LiveRun, author: str, conduct: Conduct) -> None:
        """Let the run go on in the background until it has ended."""
        self._runs[live.run.id] = live
        live.task = asyncio.create_task(self._follow(live, author, conduct), name=f"run {live.run.id}")

    async def wait_for(self, run_id: str) -> Run:
        """The run as it ended. Cancelling the call cancels the run."""
        live = self._runs[run_id]
        try:
            return await asyncio.shield(live.task)
        except asyncio.CancelledError:
            live.give_up()
            # Once more is enough: whoever cancels twice does not want to wait for the clean-up.
            with suppress(asyncio.CancelledError):
                await asyncio.wait([live.task])
            raise

    async def cancel(self) -> None:
        """Stop all of them and kill their boxes."""
        await asyncio.gather(*(live.cancel() for live in list(self._runs.values())), return_exceptions=True)

    @contextmanager
    def passing(self, run_id: str, watch: Watcher) -> Iterator[None]:
        """*watch* is told where what has this id, and is no run, waits for a box."""
        self._passing[run_id] = watch
        try:
            yield
        finally:
            del self._passing[run_id]

    def tell_waiting(self, run_id: str, before: int | None) -> None:
        """Its turn at having a box comes after so many runs; None where it waits no longer."""
        live = self._runs.get(run_id)
        if live is not None:
            live.wait(before)
        elif run_id in self._passing:
            self._passing[run_id](Preparing.turn(before))

    def notify(self, message: str) -> None:
        """Tell every run what is being prepared."""
        for live in list(self._runs.values()):
            live(Preparing(message=message))

    async def _follow(self, live: LiveRun, author: str, conduct: Conduct) -> Run:
        with bound(run_id=live.run.id):
            task = live.run.task
            log.info("run_started", author=author, files=len(task.files), tests=len(task.tests))
            try:
                await live.go(author, conduct)
            finally:
                self._runs.pop(live.run.id, None)
            run = live.run
            log.info("run_ended", outcome=run.outcome, reason=run.reason, seconds=round(run.seconds, 3))
            live(RunEnded(run=run))
            return live.run


class Relay:
    """A watcher that is known before the one it passes events on to."""

    to: Watcher = staticmethod(nobody)

    def __call__(self, event: Event) -> None:
        self.to(event)
