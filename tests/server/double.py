"""A Mendbox without boxes: it keeps the engine's interface, and does what the submitted code says it should."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, suppress
from types import TracebackType
from typing import Self

from agents.base import Draft, Message, Usage
from agents.borrowed import Ask, Declined, Question
from agents.testing import Wanted
from engine.domain import Attempt, Finding, Proof, Report, Run, Task, Verdict, hash_files
from engine.errors import BadInput, UnknownRun
from engine.events import (
    AttemptEnded,
    AuthorAsked,
    AuthorProgress,
    Event,
    InputJudged,
    Listener,
    Preparing,
    RunEnded,
    RunStarted,
    Watcher,
    nobody,
)
from engine.harness import Mendbox
from engine.listing import RunLine
from engine.settings import Settings
from engine.testing import Generated
from sandboxes.base import Outcome, Stream
from sandboxes.errors import SandboxUnavailable
from sandboxes.queueing import Turns
from tests.server.rehearsed_building import RehearsedBuilds

BROKEN = "def add(a, b):\n    return a - b\n"
MENDED = "def add(a, b):\n    return a + b\n"
TESTS = "from solution import add\n\n\ndef test_adds():\n    assert add(2, 3) == 5\n"
ENDLESS = "# endless\n" + BROKEN
HOPELESS = "# hopeless\n" + BROKEN
BREAKS = "# breaks\n" + BROKEN
BORROWS = "# borrows\n" + BROKEN
REFUSED = "# refused\n" + BROKEN


class RehearsedMendbox(Mendbox):
    """Mends `-` to `+`; code that begins with a comment of one word above does as that word says.

    As many at a time as `Settings.parallel_runs`; the others wait in the queue that real boxes have.
    """

    def __init__(self, settings: Settings, *, hangs: bool = False) -> None:
        super().__init__(settings)
        self._hangs = hangs
        self.log: list[str] = []
        """What was done to it, in order."""
        self.fresh: list[bool] = []
        """Whether each run and check was to be judged again, in order."""
        self.unreachable = False
        self.digest = "sha256:0"
        self.working = asyncio.Semaphore(0)
        """Released once for each work without an end that has begun."""
        self.tenants: list[str | None] = []
        """Whose each run and call was, in order."""
        self._turns = Turns(at_once=settings.parallel_runs or 2, most_waiting=1_000)
        self._known: dict[str, Run] = {}
        self._whose: dict[str, str] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._numbers = itertools.count(1)
        self.builds = RehearsedBuilds(self._known, self._whose, self._tasks, self.log)

    async def __aenter__(self) -> Self:
        self.log.append("opened")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for run_id in list(self._tasks):
            await self.cancel(run_id)
        while self._hangs:
            time.sleep(60)  # noqa: ASYNC251 (the worst that can happen: the loop itself stands still)
        self.log.append("closed")

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
        if _says(task, "refused"):
            raise BadInput("no author is called 'nobody'", hint="use offline")
        if _says(task, "breaks"):
            raise RuntimeError("the key is sk-secret")
        self.fresh.append(fresh)
        run_id = run_id or f"run-{next(self._numbers):04}"
        self._known[run_id] = Run(id=run_id, task=task)
        self._whose[run_id] = principal
        watch = _both(watch, self.observer(run_id, principal=principal))
        self._tasks[run_id] = asyncio.create_task(self._in_turn(run_id, watch, tenant, caller))
        return run_id

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
        self.log.append(f"resumed {run_id}")
        self._known[run_id] = self._known[run_id].model_copy(update={"status": "running"})
        self._tasks[run_id] = asyncio.create_task(self._in_turn(run_id, watch, tenant, caller))
        return await self.wait(run_id)

    async def wait(self, run_id: str, *, seconds: float | None = None) -> Run:
        await asyncio.wait({self._tasks[run_id]}, timeout=seconds)
        return self._known[run_id]

    async def get(self, run_id: str, *, principal: str | None = None) -> Run:
        found = [
            run
            for known, run in self._known.items()
            if known.startswith(run_id) and principal in {None, self._whose.get(known, principal)}
        ]
        if len(found) != 1:
            raise UnknownRun(f"no run has the id {run_id!r}", hint="run: mendbox runs")
        return found[0]

    async def node(self) -> str:
        self.log.append("made node")
        if self.unreachable:
            raise SandboxUnavailable("docker", "no daemon answers", hint="start Docker, or run: mendbox doctor")
        return "node"

    async def image(self) -> str:
        if self.unreachable:
            raise SandboxUnavailable("docker", "no daemon answers", hint="start Docker, or run: mendbox doctor")
        return self.digest

    async def runs(
        self, *, limit: int = 50, principal: str | None = None, after: str | None = None
    ) -> tuple[RunLine, ...]:
        older = [
            run
            for known, run in sorted(self._known.items(), reverse=True)
            if principal in {None, self._whose.get(known, principal)} and (after is None or known < after)
        ]
        return tuple(RunLine(**{name: getattr(run, name) for name in RunLine.model_fields}) for run in older[:limit])

    async def cancel(self, run_id: str, *, principal: str | None = None) -> Run:
        await self.get(run_id, principal=principal)
        task = self._tasks.get(run_id)
        if task and not task.done():
            if not task.cancelling():
                self.log.append(f"cancelled {run_id}")
                task.cancel()
            await asyncio.wait({task})
        return self._known[run_id]

    async def check(
        self,
        task: Task,
        *,
        before: Mapping[str, str] | None = None,
        watch: Watcher = nobody,
        fresh: bool = False,
        tenant: str | None = None,
        principal: str = "",
    ) -> Run:
        self.fresh.append(fresh)
        async with self._turn(f"check-{next(self._numbers)}", watch, tenant):
            if _says(task, "endless"):
                await self._for_ever()
        red = "a - b" in "".join(task.files.values())
        return Run(
            id="run-check",
            task=task,
            status="ended",
            outcome="no_fix" if red else "verified",
            reason="red" if red else None,
            baseline=_verdict(task.files, red=red),
            files=task.files,
        )

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
        text = "".join(files.values())
        if "breaks" in text:
            raise SandboxUnavailable("docker", "no daemon answers", hint="start Docker, or run: mendbox doctor")
        async with self._turn(f"call-{next(self._numbers)}", watch, tenant):
            if "endless" in text:
                await self._for_ever()
        said = f"{environment}{' '.join(argv)}|{stdin.decode()}"
        return Outcome(
            ended="exited", exit_code=0, stdout=Stream(head=said.encode(), total_bytes=len(said)), seconds=seconds
        )

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
        wanted = wanted or Wanted()
        self.log.append(f"tests {wanted.type} {wanted.framework} {wanted.goal} {seconds:g}")
        if wanted.framework == "vitest":
            raise BadInput("these are Python files", hint="ask for pytest")
        async with self._turn(f"tests-{next(self._numbers)}", watch, tenant):
            watch(AuthorProgress(author="tester", message="12 calls are worth trying"))
            if _says(task, "endless"):
                await self._for_ever()
            model = None
            if caller is not None:
                asked = Question(messages=(Message(role="user", content="what would you test?"),), most_tokens=100)
                with suppress(Declined):
                    model = (await caller(asked)).model
        return Generated(
            path="test_solution.py",
            type=wanted.type,
            framework=wanted.framework,
            author="offline" if model is None else "client",
            model=model,
            text=TESTS * (5_000 if _says(task, "hopeless") else 1),
            cases=1,
            mutants=3,
            survivors=({"name": "x", "diff": "-a"},),
            dropped=({"what": "2 calls", "why": "alike"},),
            suspects=({"what": "crash", "path": "solution.py", "line": 1, "call": "f(0)", "detail": "by\nzero"},),
            not_shown=("all",),
        )

    def _turn(self, run_id: str, watch: Watcher, tenant: str | None) -> AbstractAsyncContextManager[None]:
        self.tenants.append(tenant)
        return self._turns.turn(run_id, tenant=tenant or run_id, tell=lambda before: watch(Preparing.turn(before)))

    async def _in_turn(self, run_id: str, watch: Watcher, tenant: str | None, caller: Ask | None) -> None:
        watch(RunStarted(run_id=run_id))
        try:
            async with self._turn(run_id, watch, tenant):
                await self._heal(run_id, watch, caller)
        except asyncio.CancelledError:
            run = self._known[run_id].model_copy(
                update={"status": "ended", "outcome": "cancelled", "summary": "The run was cancelled."}
            )
            self._known[run_id] = run
            watch(RunEnded(run=run))

    async def _heal(self, run_id: str, watch: Watcher, caller: Ask | None) -> None:
        run = self._known[run_id]
        task = run.task
        watch(Preparing(message="building the sandbox image"))
        run = run.model_copy(update={"baseline": _verdict(task.files, red=True)})
        self._known[run_id] = run
        watch(InputJudged(verdict=_verdict(task.files, red=True)))
        watch(AuthorAsked(number=1, author="rehearsed"))
        watch(AuthorProgress(author="rehearsed", message="2 of 3 ideas\ntried"))
        if _says(task, "endless"):
            await self._for_ever()
        hopeless = _says(task, "hopeless")
        if _says(task, "borrows") and caller is not None:
            hopeless = not await self._borrowed(task, caller)
        elif _says(task, "borrows"):
            hopeless = True
        files = {path: text if hopeless else text.replace("a - b", "a + b") for path, text in task.files.items()}
        attempt = Attempt(
            number=1,
            draft=Draft(files=files, author="rehearsed", usage=Usage(calls=1, input_tokens=7)),
            verdict=_verdict(files, red=hopeless),
            seconds=0.1,
        )
        watch(AttemptEnded(attempt=attempt))
        run = run.model_copy(
            update={
                "status": "ended",
                "outcome": "no_fix" if hopeless else "verified",
                "reason": "no_progress" if hopeless else None,
                "summary": "Nothing helped." if hopeless else "Mended in one attempt.",
                "next_step": "Read the tests again." if hopeless else "Review the diff.",
                "attempts": (attempt,),
                "files": task.files if hopeless else files,
                "usage": attempt.draft.usage,
            }
        )
        self._known[run_id] = run
        watch(RunEnded(run=run))

    async def _borrowed(self, task: Task, caller: Ask) -> bool:
        """Whether the client's model says within three questions that it is to be mended."""
        for number in range(1, 4):
            question = Question(messages=(Message(role="user", content=f"{number}: mend it?"),), most_tokens=100)
            try:
                said = await caller(question)
            except Declined as declined:
                self.log.append(f"declined: {declined.what}")
                return False
            self.log.append(f"{said.model} said {said.text}")
            if said.text == "yes":
                return True
        return False

    def add_interrupted(self, run_id: str, task: Task) -> None:
        """A run whose process has died."""
        self._known[run_id] = Run(id=run_id, task=task, status="interrupted")

    def end_foreign(self, run_id: str) -> None:
        self._known[run_id] = self._known[run_id].model_copy(update={"status": "ended", "outcome": "no_fix"})

    def add_foreign(self, run_id: str) -> None:
        """A run that another process is at work on."""
        self._known[run_id] = Run(id=run_id, task=Task(files={}))

    async def _for_ever(self) -> None:
        self.log.append("at work")
        self.working.release()
        try:
            await asyncio.Event().wait()
        finally:
            self.log.append("box removed")


def _both(watch: Watcher, listener: Listener) -> Watcher:
    def told(event: Event) -> None:
        listener(event)
        watch(event)

    return told


def _says(task: Task, word: str) -> bool:
    return any(text.startswith(f"# {word}\n") for text in task.files.values())


def _verdict(files: Mapping[str, str], *, red: bool) -> Verdict:
    finding = Finding(check="pytest", message="assert -1 == 5", rule="AssertionError", path="test_solution.py", line=5)
    return Verdict(
        files_sha256=hash_files(files),
        reports=(Report(check="pytest", status="failed" if red else "passed", findings=(finding,) if red else ()),),
        proofs=() if red else (Proof(name="red_before", held=True, detail="test_adds was red"),),
    )


def settings() -> Settings:
    # No figures: they would be kept where this machine's user has his.
    # An end as late as a busy machine may need it, so that whatever is cut off there has hung.
    return Settings(parallel_runs=2, analytics=False, end_seconds=60)
