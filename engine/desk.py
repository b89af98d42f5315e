"""What one serving process does at one time: a bounded number of runs and calls, all of them ended when it ends.

What is taken is begun at once, and waits for a box where more want one than may have one: see `sandboxes.queueing`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple, Protocol, TypeVar

import anyio

from engine.clients import MOST_RUNS, Clients
from engine.domain import Run, Task
from engine.errors import NotNow, RunGoesOn
from engine.events import Event, Preparing
from engine.harness import Mendbox
from engine.settings import Settings
from sandboxes.base import Outcome

ANSWER_SECONDS = 45.0
"""After this a call is answered with what there is: clients cut calls off at 60 s."""
HEARTBEAT_SECONDS = 5.0
"""Longest silence of a call that goes on."""
STOP_SECONDS = 3.0
"""What runs get to end, and their boxes to go, when the process or their caller gives them up."""

T = TypeVar("T")


class Tell(Protocol):
    """Tells whoever waits how far their run is."""

    async def __call__(self, event: Event | None, seconds: float) -> None:
        """*event* happened, *seconds* after the call began; None where nothing did for a while."""


class News:
    """A run's events on their way to whoever follows it: bounded, because after an early answer nobody does."""

    latest: Event | None = None
    """The last one, for whoever only looks in from time to time."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue(maxsize=100)

    def __call__(self, event: Event) -> None:
        # A searching author may say how far it is from a thread of its own, and a moment too late.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self.put, event)

    def put(self, event: Event | None) -> None:
        self.latest = event or self.latest
        with suppress(asyncio.QueueFull):
            self._queue.put_nowait(event)

    @property
    def before(self) -> int | None:
        """Where the run waits for a box: how many are before it."""
        return self.latest.before if isinstance(self.latest, Preparing) else None

    @property
    def told(self) -> bool:
        """Whether everything has been told."""
        return self._queue.empty()

    async def next(self, *, seconds: float) -> Event | None:
        """The next event, or None after *seconds* of silence."""
        try:
            return await asyncio.wait_for(self._queue.get(), seconds)
        except TimeoutError:
            return None


class _Going(NamedTuple):
    """A run that goes on."""

    following: asyncio.Task[Run]
    news: News


class Desk:
    """The open engine and what goes on in it for clients that come and go, at most *most_runs* things at a time.

    Whoever asks for something says which *client* wants it; see `Clients` for how they share the desk.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        engine: Callable[[Settings], Mendbox] = Mendbox,
        answer_seconds: float = ANSWER_SECONDS,
        most_runs: int = MOST_RUNS,
    ) -> None:
        self.settings = settings
        self.answer_seconds = answer_seconds
        self._make = engine
        self._engine: Mendbox
        self._clients = Clients(most_runs=most_runs)
        self._runs: dict[str, _Going] = {}
        self._calls: set[asyncio.Task[Any]] = set()
        self._stopping = False

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Open the engine; at the end no run goes on and no box is left."""
        async with self._make(self.settings.serving) as self._engine:
            self._stopping = False
            try:
                yield
            finally:
                await self.stop()

    async def stop(self) -> None:
        """Cancel every run and call, and take no more; waits for them to end, but not for ever."""
        self._stopping = True
        with anyio.move_on_after(STOP_SECONDS, shield=True):
            # Before anything is waited for: whoever still waits for a box must not get one that another lets go.
            for call in self._calls:
                call.cancel()
            await asyncio.gather(*(self._engine.cancel(run_id) for run_id in list(self._runs)), return_exceptions=True)
            following = [going.following for going in self._runs.values()]
            await asyncio.gather(*following, *self._calls, return_exceptions=True)

    def start(self, task: Task, news: News, *, client: str, principal: str = "", fresh: bool = False) -> str:
        """Begin to heal *task*; its run goes on whether or not somebody follows it. *fresh* as for `Mendbox.fix`,
        *principal* as for `Mendbox.start`.

        Raises:
            NotNow: There is no room for another run, or the server is ending.
        """
        tenant = self._enter(client)
        try:
            run_id = self._engine.start(task, watch=news, fresh=fresh, tenant=tenant, principal=principal)
        except BaseException:
            self._clients.leave(client)
            raise
        following = asyncio.create_task(self._engine.wait(run_id))
        self._runs[run_id] = _Going(following, news)

        def ended(_: asyncio.Task[Run]) -> None:
            del self._runs[run_id]
            self._clients.leave(client)
            news.put(None)  # wakes up whoever follows

        following.add_done_callback(ended)
        return run_id

    def latest(self, run_id: str) -> Event | None:
        """What happened last in a run that goes on here."""
        going = self._runs.get(run_id)
        return going.news.latest if going else None

    async def follow(self, run_id: str, news: News, tell: Tell) -> Run:
        """The run once it has ended, or as it stands after `answer_seconds`; cancelling this call cancels the run."""
        following = self._runs[run_id].following
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            while (left := began + self.answer_seconds - clock()) > 0 and not (following.done() and news.told):
                event = await news.next(seconds=min(left, HEARTBEAT_SECONDS))
                if event or not following.done():
                    await tell(event, clock() - began)
        except asyncio.CancelledError:
            # anyio cancels again at every await of a call that its client gave up.
            with anyio.move_on_after(STOP_SECONDS, shield=True):
                await self._engine.cancel(run_id)
            raise
        return following.result() if following.done() else await self._engine.get(run_id)

    async def get(self, run_id: str, *, seconds: float = 0.0, principal: str | None = None) -> Run:
        """The run as it stands, or as soon as it has ended within *seconds*. Where *principal* is given, there are no
        runs but theirs. Raises `UnknownRun`.
        """
        run = await self._engine.get(run_id, principal=principal)
        if seconds and (going := self._runs.get(run.id)):
            await asyncio.wait({going.following}, timeout=min(seconds, self.answer_seconds))
            run = await self._engine.get(run.id)
        return run

    async def cancel(self, run_id: str, *, principal: str | None = None) -> Run:
        """Stop a run and remove its box; one that has ended stays as it is. *principal* as for `get`.

        Raises:
            UnknownRun: No run has this id.
            RunGoesOn: Another process is at work on it.
        """
        run = await self._engine.get(run_id, principal=principal)
        run = await self._engine.cancel(run.id)
        if run.status == "running":
            raise RunGoesOn(f"run {run.id} is another process's", hint="stop it where it was started")
        return run

    async def check(self, task: Task, *, client: str, principal: str = "", fresh: bool = False) -> Run:
        """Judge *task*'s files only. *principal* as for `start`. Raises `NotNow`."""
        return await self._call(
            client,
            lambda tenant, news: self._engine.check(task, watch=news, fresh=fresh, tenant=tenant, principal=principal),
        )

    async def run(
        self, files: Mapping[str, str], argv: tuple[str, ...], *, client: str, seconds: float, stdin: bytes
    ) -> Outcome:
        """Just run *argv* next to *files*. Raises `NotNow`, and `SandboxError` where the machinery fails."""
        return await self._call(
            client,
            lambda tenant, news: self._engine.run(files, argv, seconds=seconds, stdin=stdin, watch=news, tenant=tenant),
        )

    async def _call(self, client: str, work: Callable[[str, News], Coroutine[Any, Any, T]]) -> T:
        """Do *work*, which has no id by which it could be fetched later, within `answer_seconds`."""
        tenant, news = self._enter(client), News()
        call = asyncio.create_task(work(tenant, news))
        self._calls.add(call)

        def ended(_: asyncio.Task[T]) -> None:
            self._calls.discard(call)
            self._clients.leave(client)

        call.add_done_callback(ended)
        before = None
        try:
            # `wait` does not pass a cancel on: one is enough, further ones would break off the clearing away.
            await asyncio.wait({call}, timeout=self.answer_seconds)
        finally:
            if not call.done():
                before = news.before
                call.cancel()
                with anyio.move_on_after(STOP_SECONDS, shield=True):
                    await asyncio.wait({call})
        if call.done() and not call.cancelled():
            return call.result()
        if self._stopping:
            raise NotNow("the server is ending, and stopped this call")
        if before is not None:
            raise NotNow(
                f"no box was free for this within {self.answer_seconds:g} s; runs that were still before it: {before}",
                hint="try again in a minute, or use start_run: what it begins keeps its place, and get_run tells which",
            )
        raise NotNow(
            f"this took longer than {self.answer_seconds:g} s and was stopped",
            hint="the first use builds the sandbox image: run `mendbox images build` beforehand on the server's machine",
        )

    def _enter(self, client: str) -> str:
        if self._stopping:
            raise NotNow("the server is ending and takes no more work")
        return self._clients.enter(client)
