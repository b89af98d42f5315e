"""Mendbox as a contender: a verdict in a box nobody has used, made on demand or beforehand, and a whole check."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from docker import DockerClient
from docker.errors import NotFound

from engine.case import Case
from engine.harness import Mendbox, new_run_id
from engine.judging import BoxJudge
from engine.settings import Settings
from engine.speed.contender import Answer, NotMeasured, Simple
from engine.speed.engine_room import EngineRoom
from engine.speed.suites import Suite
from sandboxes.pool import WarmPool

COLD, WARM, CHECK = "Mendbox, cold", "Mendbox, warm", "Mendbox check, all proofs"
_VERDICT = "lint, tests with coverage and a parsed report of each, in a box never used before"


class Verdicts(Simple):
    """One verdict for each request: what a draft costs while code is mended. No proofs are taken."""

    def __init__(self, room: EngineRoom, *, warm: bool, pool: WarmPool | None = None) -> None:
        """*pool* is another one than the room's own."""
        self._judge = BoxJudge((pool or room.pool) if warm else room.cold)
        self._room = room
        self._warm = warm
        self._used: list[str] = []
        self.name = WARM if warm else COLD
        self.about = f"{_VERDICT}, {'taken from the warm pool' if warm else 'made for this request'}"

    async def answer(self, suite: Suite) -> Answer:
        case = Case(task=suite.task, before=suite.files, tests=suite.tests)
        started = time.perf_counter()
        verdict = await self._judge.judge(suite.files, case, run_id=new_run_id())
        seconds = time.perf_counter() - started
        self._used.append(verdict.box)
        return Answer(
            seconds=seconds,
            green=verdict.green,
            passed=sum(test.ended == "passed" for test in verdict.tests),
            tests_seconds=sum(test.seconds for test in verdict.tests),
            said="; ".join(f"{report.check} {report.status}: {report.summary}" for report in verdict.reports)[:300],
        )

    async def settle(self) -> None:
        """Until the boxes that were used are gone, and as many stand ready again."""
        used, self._used = self._used, []
        await asyncio.to_thread(wait_until_removed, self._room.client, used)
        if self._warm:
            await self._room.refilled()


class WholeCheck:
    """What a person gets from `mendbox check`: several boxes, both tiers, all proofs."""

    def __init__(self, settings: Settings) -> None:
        self.name = CHECK
        self.about = (
            "the whole of `mendbox check`: judging the input and the code, with every proof of a verified verdict"
        )
        self._settings = settings
        self._opened: Mendbox | None = None

    @asynccontextmanager
    async def ready(self) -> AsyncIterator[None]:
        with tempfile.TemporaryDirectory(prefix="mendbox-speed-") as data:
            async with Mendbox(self._settings.model_copy(update={"data_dir": Path(data)})) as self._opened:
                yield

    async def answer(self, suite: Suite) -> Answer:
        if self._opened is None:
            raise NotMeasured("it was not opened")
        started = time.perf_counter()
        run = await self._opened.check(suite.task, fresh=True)
        seconds = time.perf_counter() - started
        passed = sum(test.ended == "passed" for attempt in run.attempts for test in attempt.verdict.tests)
        return Answer(
            seconds=seconds, green=run.outcome == "verified", passed=passed, said=f"{run.outcome}: {run.summary}"[:300]
        )

    async def settle(self) -> None:
        await asyncio.sleep(0.2)


def wait_until_removed(client: DockerClient, names: Iterable[str], *, seconds: float = 30.0) -> None:
    """Wait until the boxes of these names are gone, so that their removal is nobody else's load."""
    end = time.monotonic() + seconds
    for name in names:
        with suppress(NotFound):
            while name and time.monotonic() < end:
                client.api.inspect_container(name)
                time.sleep(0.02)
