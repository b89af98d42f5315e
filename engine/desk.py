"""What one serving process does at one time: a bounded number of runs and calls, all of them ended when it ends."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol, TypeVar

import anyio

from engine.domain import Run, Task
from engine.errors import MendboxError, RunGoesOn
from engine.events import Event
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


class NotNow(MendboxError):
    """There is no room, the work takes too long for a call, or the server is ending."""


class Tell(Protocol):
    """Tells whoever waits how far their run is."""

    async def __call__(self, event: Event | None, seconds: float) -> None:
        """*event* happened, *seconds* after the call began; None where nothing did for a while."""


class News:
    """A run's events on their way to whoever follows it: bounded, because after an early answer nobody does."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue(maxsize=100)

    def __call__(self, event: Event) -> None:
        # A searching author may say how far it is from a thread of its own, and a moment too late.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self.put, event)

    def put(self, event: Event | None) -> None:
        with suppress(asyncio.QueueFull):
            self._queue.put_nowait(event)

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


class Desk:
    """The open engine and what goes on in it for clients that come and go."""

    def __init__(
        self,
        settings: Settings,
        *,
        engine: Callable[[Settings], Mendbox] = Mendbox,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self.settings = settings
        self.answer_seconds = answer_seconds
        self._make = engine
        self._engine: Mendbox
        self._room = settings.parallel_runs or os.cpu_count() or 1
        self._runs: dict[str, asyncio.Task[Run]] = {}
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
            await asyncio.gather(*(self._engine.cancel(run_id) for run_id in list(self._runs)), return_exceptions=True)
            for call in self._calls:
                call.cancel()
            await asyncio.gather(*self._runs.values(), *self._calls, return_exceptions=True)

    def start(self, task: Task, news: News, *, fresh: bool = False) -> str:
        """Begin to heal *task*; its run goes on whether or not somebody follows it. *fresh* as for `Mendbox.fix`.

        Raises:
            NotNow: There is no room for another run, or the server is ending.
        """
        self._require_room()
        run_id = self._engine.start(task, watch=news, fresh=fresh)
        following = asyncio.create_task(self._engine.wait(run_id))
        self._runs[run_id] = following

        def ended(_: asyncio.Task[Run]) -> None:
            del self._runs[run_id]
            news.put(None)  # wakes up whoever follows

        following.add_done_callback(ended)
        return run_id

    async def follow(self, run_id: str, news: News, tell: Tell) -> Run:
        """The run once it has ended, or as it stands after `answer_seconds`; cancelling this call cancels the run."""
        following = self._runs[run_id]
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

    async def get(self, run_id: str, *, seconds: float = 0.0) -> Run:
        """The run as it stands, or as soon as it has ended within *seconds*. Raises `UnknownRun`."""
        run = await self._engine.get(run_id)
        if seconds and (following := self._runs.get(run.id)):
            await asyncio.wait({following}, timeout=min(seconds, self.answer_seconds))
            run = await self._engine.get(run.id)
        return run

    async def cancel(self, run_id: str) -> Run:
        """Stop a run and remove its box; one that has ended stays as it is.

        Raises:
            UnknownRun: No run has this id.
            RunGoesOn: Another process is at work on it.
        """
        run = await self._engine.get(run_id)
        run = await self._engine.cancel(run.id)
        if run.status == "running":
            raise RunGoesOn(f"run {run.id} is another process's", hint="stop it where it was started")
        return run

    async def check(self, task: Task, *, fresh: bool = False) -> Run:
        """Judge *task*'s files only. Raises `NotNow`."""
        return await self._call(lambda: self._engine.check(task, fresh=fresh))

    async def run(self, files: Mapping[str, str], argv: tuple[str, ...], *, seconds: float, stdin: bytes) -> Outcome:
        """Just run *argv* next to *files*. Raises `NotNow`, and `SandboxError` where the machinery fails."""
        return await self._call(lambda: self._engine.run(files, argv, seconds=seconds, stdin=stdin))

    async def _call(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Do *work*, which has no id by which it could be fetched later, within `answer_seconds`."""
        self._require_room()
        call = asyncio.create_task(work())
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)
        try:
            # `wait` does not pass a cancel on: one is enough, further ones would break off the clearing away.
            await asyncio.wait({call}, timeout=self.answer_seconds)
        finally:
            if not call.done():
                call.cancel()
                with anyio.move_on_after(STOP_SECONDS, shield=True):
                    await asyncio.wait({call})
        if call.done() and not call.cancelled():
            return call.result()
        if self._stopping:
            raise NotNow("the server is ending, and stopped this call")
        raise NotNow(
            f"this took longer than {self.answer_seconds:g} s and was stopped",
            hint="the first use builds the sandbox image: run `mendbox images build` beforehand on the server's machine",
        )

    def _require_room(self) -> None:
        if self._stopping:
            raise NotNow("the server is ending and takes no more work")
        if len(self._runs) + len(self._calls) >= self._room:
            raise NotNow(
                f"this server works on at most {self._room} runs at a time, and that many are going on",
                hint="wait for one with get_run, stop one with cancel_run, or try again in a minute",
            )
