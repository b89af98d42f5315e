"""A draft that is likely is judged while its author still weighs; its verdict counts for just that draft."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest

from agents.auto import Auto
from agents.base import Brief, Draft, Foretelling, Readying
from engine.case import Case
from engine.domain import Attempt, Verdict, hash_files
from engine.forejudging import Forejudging
from engine.healing import heal
from sandboxes.errors import SandboxUnavailable
from tests.engine.made import RIGHT, WRONG, MemoryRecord, case, fair

LIKELY = {"solution.py": RIGHT}
OTHER = {"solution.py": RIGHT + "# another\n"}


class Slow:
    """A judge who takes until it is allowed to end, and says what was asked and what was broken off."""

    def __init__(self) -> None:
        self.asked: list[Mapping[str, str]] = []
        self.broken_off = 0
        self.may_end = asyncio.Event()
        self.began = asyncio.Event()

    async def judge(self, files: Mapping[str, str], case: Case, *, run_id: str) -> Verdict:
        self.asked.append(files)
        self.began.set()
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.broken_off += 1
            raise
        return fair(files, case)


class Weighing:
    """An author who tells of one patch, waits until it is being judged, and then hands in *answer*."""

    name = "weighing"

    def __init__(self, answer: Mapping[str, str], judge: Slow) -> None:
        self._answer = answer
        self._judge = judge
        self._heard: Callable[[Mapping[str, str]], None]
        self.ready = 0

    def make_ready(self) -> None:
        self.ready += 1

    def foretell(self, heard: Callable[[Mapping[str, str]], None]) -> None:
        self._heard = heard

    async def write(self, brief: Brief) -> Draft:
        self._heard(LIKELY)
        await self._judge.began.wait()
        self._judge.may_end.set()
        return Draft(files=self._answer, author=self.name)


async def test_a_draft_that_was_foretold_is_judged_once_and_ahead():
    """The verdict is under way before the author has answered, and nobody judges these files again."""
    judge = Slow()
    attempts: list[Attempt] = []

    await heal(case(), attempts, run_id="r", author=Weighing(LIKELY, judge), judge=judge, record=MemoryRecord())

    assert judge.asked == [LIKELY]
    assert [each.verdict.files_sha256 for each in attempts] == [hash_files(LIKELY)]
    assert attempts[0].verdict.verified


async def test_another_draft_than_the_likely_one_gets_a_verdict_of_its_own():
    """What was begun for the other files is no verdict on these."""
    judge = Slow()
    attempts: list[Attempt] = []

    await heal(case(), attempts, run_id="r", author=Weighing(OTHER, judge), judge=judge, record=MemoryRecord())

    assert judge.asked == [LIKELY, OTHER]
    assert [each.verdict.files_sha256 for each in attempts] == [hash_files(OTHER)]


async def test_what_nobody_hands_in_is_broken_off_at_the_end():
    """Nothing goes on behind a run that has ended."""
    judge = Slow()

    async with Forejudging(judge, case(), run_id="r", cores=2) as forejudging:
        forejudging.begin(LIKELY)
        await judge.began.wait()

    assert judge.broken_off == 1


async def test_a_newer_likely_draft_takes_the_place_of_the_older_one():
    """At most one is judged ahead at a time."""
    judge = Slow()

    async with Forejudging(judge, case(), run_id="r", cores=2) as forejudging:
        forejudging.begin({"solution.py": WRONG})
        await judge.began.wait()
        forejudging.begin(LIKELY)
        judge.may_end.set()
        verdict = await forejudging.judge(LIKELY)

    assert judge.broken_off == 1
    assert verdict.files_sha256 == hash_files(LIKELY)


async def test_a_single_core_is_left_to_the_author():
    """Judging beside it would take from what it still weighs."""
    judge = Slow()
    judge.may_end.set()

    async with Forejudging(judge, case(), run_id="r", cores=1) as forejudging:
        forejudging.begin(LIKELY)
        await asyncio.sleep(0)
        before = list(judge.asked)
        await forejudging.judge(LIKELY)

    assert (before, judge.asked) == ([], [LIKELY])


async def test_a_run_that_is_stopped_breaks_off_the_verdict_that_it_waits_for():
    """Its box goes with it."""
    judge = Slow()

    async def run() -> None:
        async with Forejudging(judge, case(), run_id="r", cores=2) as forejudging:
            forejudging.begin(LIKELY)
            await forejudging.judge(LIKELY)

    running = asyncio.create_task(run())
    await judge.began.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert judge.broken_off == 1


async def test_the_machinery_that_fails_ahead_is_told_where_the_draft_is_handed_in():
    """As if it had been judged only then."""

    class Broken:
        async def judge(self, files: Mapping[str, str], case: Case, *, run_id: str) -> Verdict:
            raise SandboxUnavailable("docker", "gone", hint="start it")

    async with Forejudging(Broken(), case(), run_id="r", cores=2) as forejudging:
        forejudging.begin(LIKELY)
        with pytest.raises(SandboxUnavailable):
            await forejudging.judge(LIKELY)


def test_of_several_authors_each_may_foretell_and_the_first_makes_itself_ready():
    """The others may not be asked at all."""
    heard: list[Mapping[str, str]] = []
    first, second = Weighing(LIKELY, Slow()), Weighing(OTHER, Slow())
    auto = Auto([first, second])
    assert isinstance(auto, Foretelling)
    assert isinstance(auto, Readying)

    auto.make_ready()
    auto.foretell(heard.append)
    second._heard(OTHER)

    assert (first.ready, second.ready) == (1, 0)
    assert heard == [OTHER]
