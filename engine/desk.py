"""What one serving process does at one time: a bounded number of runs and calls, all of them ended when it ends.

What is taken is begun at once, and waits for a box where more want one than may have one: see `sandboxes.queueing`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import anyio

from agents.borrowed import Ask, Declined, Question, Said
from agents.testing import Wanted
from engine.calls import Calls
from engine.casting import make_team
from engine.clients import MOST_RUNS, Clients
from engine.domain import Language, Run, Task
from engine.errors import NotNow, RunGoesOn, UnknownRun
from engine.events import Event, Observer, Watcher, unobserved
from engine.harness import Mendbox
from engine.listing import RunLine
from engine.news import News, Tell
from engine.projects.building.outcome import Project
from engine.projects.building.request import BuildRequest
from engine.questions import Questions
from engine.settings import Settings
from sandboxes.base import Outcome

if TYPE_CHECKING:
    from engine.testing import Generated

ANSWER_SECONDS = 45.0
"""After this a call is answered with what there is: clients cut calls off at 60 s."""
HEARTBEAT_SECONDS = 5.0
"""Longest silence of a call that goes on."""
LOOK_SECONDS = 1.0
"""How often a run is looked at that another process is at work on."""
STOP_SECONDS = 3.0
"""What runs get to end, and their boxes to go, when the process or their caller gives them up."""

T = TypeVar("T")


class _Beginning(NamedTuple):
    """What a run that begins is given."""

    tenant: str
    news: News
    questions: Questions


class _Going(NamedTuple):
    """A run that goes on."""

    following: asyncio.Task[Run]
    news: News
    questions: Questions


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
        self._calls = Calls(self._clients, patience=STOP_SECONDS)
        self._node: asyncio.Task[str] | None = None
        self.observer: Observer = unobserved
        """Who listens to what the engine does once it is open."""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Open the engine; at the end no run goes on and no box is left."""
        async with self._make(self.settings.serving) as self._engine:
            self._engine.observer = self.observer
            self._clients.ending = False
            try:
                yield
            finally:
                await self.stop()

    async def stop(self) -> None:
        """Cancel every run and call, and take no more; waits for them to end, but not for ever."""
        self._clients.ending = True
        with anyio.move_on_after(STOP_SECONDS, shield=True):
            # Before anything is waited for: whoever still waits for a box must not get one that another lets go.
            self._calls.give_up()
            if self._node is not None:
                self._node.cancel()
            await asyncio.gather(*(self._engine.cancel(run_id) for run_id in list(self._runs)), return_exceptions=True)
            following = [going.following for going in self._runs.values()]
            await asyncio.gather(*following, self._calls.ended(), return_exceptions=True)

    def start(
        self,
        task: Task,
        *,
        client: str,
        principal: str = "",
        fresh: bool = False,
        lends: bool = False,
        run_id: str | None = None,
    ) -> str:
        """Begin to heal *task*; its run goes on whether or not somebody follows it. *fresh* as for `Mendbox.fix`,
        *principal* and *run_id* as for `Mendbox.start`. Where the client *lends* its model, the run may ask it last.

        Raises:
            NotNow: There is no room for another run, or the server is ending.
        """
        return self._begin(
            client,
            lambda going: self._engine.start(
                task,
                watch=going.news,
                fresh=fresh,
                tenant=going.tenant,
                principal=principal,
                caller=going.questions.ask if lends else None,
                run_id=run_id,
            ),
        )

    def start_build(
        self, request: BuildRequest, *, client: str, principal: str = "", lends: bool = False, run_id: str | None = None
    ) -> str:
        """Begin to build what is *request*ed; the rest as for `start`.

        Raises:
            NotNow: As there.
            UnknownAuthor: There is no model to build by: the server has no key, and the client lends none.
        """
        return self._begin(
            client,
            lambda going: self._engine.builds.start(
                request,
                make_team(request.author, self.settings, caller=going.questions.ask if lends else None),
                watch=going.news,
                tenant=going.tenant,
                principal=principal,
                run_id=run_id,
            ),
        )

    async def take_up_build(
        self, request: BuildRequest, *, client: str, principal: str = "", lends: bool = False, run_id: str | None = None
    ) -> str:
        """`start_build`, unless the build *run_id* was begun before: then it is that one, and goes on from its journal where
        its process has died.
        """
        if run_id is not None and run_id not in self._runs:
            try:
                run = await self._engine.get(run_id, principal=principal)
            except UnknownRun:
                pass
            else:
                if run.status == "interrupted":
                    brought: Mapping[str, Said | Declined] | None = {} if lends else None
                    await self._go_on_building(run_id, client=client, principal=principal, brought=brought)
                return run_id
        elif run_id is not None:
            return run_id
        return self.start_build(request, client=client, principal=principal, lends=lends, run_id=run_id)

    async def built(self, run_id: str, *, principal: str | None = None) -> Project:
        """What the build *run_id* ended with. Raises `UnknownRun`, and `BadInput` where it is none, or goes on."""
        return await self._engine.builds.project(run_id, principal=principal)

    def _begin(self, client: str, begin: Callable[[_Beginning], str]) -> str:
        """Let *begin* begin a run, whose id it gives, and keep it until it has ended."""
        tenant, news = self._clients.enter(client), News()
        beginning = _Beginning(tenant, news, Questions(wake=lambda: news.put(None)))
        try:
            run_id = begin(beginning)
        except BaseException:
            self._clients.leave(client)
            raise
        self._keep(run_id, self._engine.wait(run_id), client, news, beginning.questions)
        return run_id

    async def go_on(self, run_id: str, said: Mapping[str, Said | Declined], *, client: str, principal: str) -> Run:
        """The run of *principal* whose client brings what its model *said*, by question. Where the process has died that
        asked, the run goes on here: from its journal, with these answers.

        Raises:
            UnknownRun: It is not theirs, or was forgotten.
            NotNow: There is no room for it.
        """
        run = await self._engine.get(run_id, principal=principal)
        if run.status == "interrupted" and run.id not in self._runs:
            if await self._engine.builds.has(run.id):
                await self._go_on_building(run.id, client=client, principal=principal, brought=said)
            else:
                self._resume(run.id, client=client, principal=principal, brought=said)
        for question_id, answer in said.items():
            self.answer(run.id, question_id, answer)
        return run

    async def take_up(self, task: Task, *, run_id: str, client: str, principal: str = "", fresh: bool = False) -> None:
        """Begin the run *run_id* unless it was begun before, here or by a process that has died: then go on with it.

        For whoever may be told twice to do the same thing. Raises `NotNow`.
        """
        if run_id in self._runs:
            return
        try:
            run = await self._engine.get(run_id, principal=principal)
        except UnknownRun:
            self.start(task, client=client, principal=principal, fresh=fresh, run_id=run_id)
            return
        if run.status == "interrupted" and run_id not in self._runs:
            self._resume(run_id, client=client, principal=principal, fresh=fresh)

    def _resume(
        self,
        run_id: str,
        *,
        client: str,
        principal: str,
        fresh: bool = False,
        brought: Mapping[str, Said | Declined] | None = None,
    ) -> None:
        tenant, news = self._clients.enter(client), News()
        questions = Questions(wake=lambda: news.put(None), brought=brought)
        going_on = self._engine.resume(
            run_id,
            watch=news,
            fresh=fresh,
            tenant=tenant,
            principal=principal,
            caller=None if brought is None else questions.ask,
        )
        self._keep(run_id, going_on, client, news, questions)

    async def _go_on_building(
        self, run_id: str, *, client: str, principal: str, brought: Mapping[str, Said | Declined] | None
    ) -> None:
        request = await self._engine.builds.request(run_id)
        tenant, news = self._clients.enter(client), News()
        questions = Questions(wake=lambda: news.put(None), brought=brought)

        async def going_on() -> Run:
            team = make_team(request.author, self.settings, caller=None if brought is None else questions.ask)
            await self._engine.builds.resume(run_id, team, watch=news, tenant=tenant, principal=principal)
            return await self._engine.get(run_id)

        self._keep(run_id, going_on(), client, news, questions)

    def _keep(self, run_id: str, work: Coroutine[Any, Any, Run], client: str, news: News, questions: Questions) -> None:
        following = asyncio.create_task(work)
        self._runs[run_id] = _Going(following, news, questions)

        def ended(_: asyncio.Task[Run]) -> None:
            del self._runs[run_id]
            self._clients.leave(client)
            news.put(None)  # wakes up whoever follows

        following.add_done_callback(ended)

    def latest(self, run_id: str) -> Event | None:
        """What happened last in a run that goes on here."""
        going = self._runs.get(run_id)
        return going.news.latest if going else None

    async def follow(self, run_id: str, tell: Tell, *, seconds: float, lends: bool = False) -> Run:
        """The run once it has ended, or as it stands after *seconds*, or as soon as it has a question to the model of a
        client that *lends* it. Whoever follows has to have been told of the run: nobody else's is kept from him.
        """
        clock = asyncio.get_running_loop().time
        began = clock()
        going = self._runs.get(run_id)
        if going is not None:
            following = going.following
            with going.news.followed() as ear:
                while (left := began + seconds - clock()) > 0 and not (following.done() and ear.told):
                    if lends and going.questions.waiting:
                        break
                    event = await ear.next(seconds=min(left, HEARTBEAT_SECONDS))
                    if event or not following.done():
                        await tell(event, clock() - began)
            return following.result() if following.done() else await self._engine.get(run_id)
        # It has ended, or another process is at work on it, which tells nothing of how far it is.
        while (run := await self._engine.get(run_id)).status == "running" and (left := began + seconds - clock()) > 0:
            await asyncio.sleep(min(left, LOOK_SECONDS))
            await tell(None, clock() - began)
        return run

    async def give_up(self, run_id: str) -> None:
        """Stop the run of a call that was cancelled, and remove its box; nothing where it does not go on here."""
        if run_id not in self._runs:
            return
        # anyio cancels again at every await of a call that its client gave up.
        with anyio.move_on_after(STOP_SECONDS, shield=True):
            await self._engine.cancel(run_id)

    def take_question(self, run_id: str) -> Question | None:
        """What the run wants to ask its client's model, for a call that can carry it; see `Questions`."""
        going = self._runs.get(run_id)
        return going.questions.take() if going else None

    def give_back(self, run_id: str) -> None:
        """The call that took the question could not bring it to the model: another one may."""
        if going := self._runs.get(run_id):
            going.questions.give_back()

    def answer(self, run_id: str, question_id: str, said: Said | Declined) -> None:
        """What the client's model said. Nothing where nobody waits for it any more."""
        if going := self._runs.get(run_id):
            going.questions.answer(question_id, said)

    def asks(self, run_id: str) -> bool:
        """Whether the run waits for its client's model."""
        going = self._runs.get(run_id)
        return going is not None and going.questions.open

    async def get(self, run_id: str, *, principal: str | None = None) -> Run:
        """The run as it stands. Where *principal* is given, there are no runs but theirs. Raises `UnknownRun`."""
        return await self._engine.get(run_id, principal=principal)

    async def list(self, *, principal: str | None, limit: int, after: str | None = None) -> tuple[RunLine, ...]:
        """The latest runs of *principal*, newest first, and only those older than the run *after*."""
        return await self._engine.runs(limit=limit, principal=principal, after=after)

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

    async def image(self) -> str:
        """Digest of the image that boxes are made from; empty while there is none.

        Raises:
            SandboxUnavailable: No engine answers.
        """
        return await self._engine.image()

    @property
    def accepts(self) -> bool:
        """Whether there is room for another run."""
        return not self._clients.ending and self._clients.room > 0

    async def check(self, task: Task, *, client: str, principal: str = "", fresh: bool = False) -> Run:
        """Judge *task*'s files only. *principal* as for `start`. Raises `NotNow`."""
        return await self._calls.do(
            client,
            lambda tenant, news: self._engine.check(task, watch=news, fresh=fresh, tenant=tenant, principal=principal),
            seconds=self.answer_seconds,
        )

    async def environment(self, language: Language) -> str:
        """Name of the image for code in *language*, empty for the usual one; made at the first use.

        Raises:
            NotNow: It is still being made.
            SandboxError: It cannot be made.
        """
        if language == "python":
            return ""
        if self._node is None or (self._node.done() and (self._node.cancelled() or self._node.exception())):
            self._node = asyncio.create_task(self._engine.node())
        # A part of the time that a call has: most of it is for what was asked.
        done, _ = await asyncio.wait({self._node}, timeout=self.answer_seconds / 3)
        if not done:
            raise NotNow("the environment for JavaScript is being built", hint="try again in a minute")
        return self._node.result()

    async def run(
        self,
        files: Mapping[str, str],
        argv: tuple[str, ...],
        *,
        client: str,
        seconds: float,
        stdin: bytes,
        environment: str = "",
    ) -> Outcome:
        """Just run *argv* next to *files*, in *environment* where there is one named.

        Raises `NotNow`, and `SandboxError` where the machinery fails.
        """
        return await self._calls.do(
            client,
            lambda tenant, news: self._engine.run(
                files, argv, seconds=seconds, stdin=stdin, environment=environment, watch=news, tenant=tenant
            ),
            seconds=self.answer_seconds,
        )

    async def plan(self, work: Callable[[], Coroutine[Any, Any, T]], *, client: str, seconds: float) -> T:
        """Do *work*, which needs no box, as one of *client*'s calls, within *seconds*. Raises `NotNow`."""
        return await self._calls.do(client, lambda _tenant, _news: work(), seconds=seconds)

    async def write_tests(
        self,
        task: Task,
        wanted: Wanted,
        *,
        client: str,
        seconds: float,
        limit: float,
        watch: Watcher,
        caller: Ask | None = None,
    ) -> Generated:
        """Tests of *task*'s files, for which the tester has so many *seconds*, as one of *client*'s calls, within *limit*
        seconds in all. *caller* is the way to the client's model.

        Raises:
            NotNow: There is no room, or it took too long.
            SandboxError: The machinery failed.
        """

        def told(news: News) -> Watcher:
            def tell(event: Event) -> None:
                news(event)
                watch(event)

            return tell

        return await self._calls.do(
            client,
            lambda tenant, news: self._engine.write_tests(
                task, wanted=wanted, seconds=seconds, watch=told(news), tenant=tenant, caller=caller
            ),
            seconds=limit,
        )
