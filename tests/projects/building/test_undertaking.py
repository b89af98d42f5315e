"""A build is a run of the journal, which goes on where it was broken off and knows what it came to."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from engine.domain import Budget
from engine.errors import BadInput, UnknownRun
from engine.harness import Mendbox
from engine.journal import Journal
from engine.owner import this_process
from engine.projects.building.undertaking import project_of, request_of, run_of
from engine.settings import Settings
from tests.projects.building.doubles import Company, Site, code
from tests.projects.building.plans import GOOD, GOOD_CODE
from tests.projects.building.undertaking import REQUEST, undertaken


async def test_a_build_is_kept_with_what_was_asked_for(tmp_path: Path) -> None:
    """Request and project come out of the journal as they went in, pictures too; the run says how it ended."""
    async with await Journal.open(tmp_path) as journal:
        project = await undertaken(journal, Site())
    async with await Journal.open(tmp_path) as journal:
        assert await request_of(journal, "b") == REQUEST
        assert await project_of(journal, "b") == project
        run = await journal.load("b")
        lines = await journal.recent(10)

    assert project.pictures == {"pictures/web.png": b"\x89PNG\xff"}
    assert (run.outcome, run.reason, run.usage.calls) == ("verified", None, 5)
    assert [(line.id, line.outcome, line.summary) for line in lines] == [("b", "verified", project.summary)]


async def test_a_build_that_is_broken_off_goes_on_and_pays_nobody_twice(tmp_path: Path) -> None:
    """It is cut off while its component is judged for the second time; what was asked until then is not asked again."""
    replies = [code(f"{GOOD_CODE}# WRONG\n"), GOOD]
    first, second = Site(Company(backend__greeter=replies)), Site(Company(backend__greeter=replies))
    first.ground.held["answers"] = asyncio.Event()
    async with await Journal.open(tmp_path) as journal:
        work = asyncio.create_task(undertaken(journal, first))
        await first.ground.reached.wait()
        work.cancel()
        await asyncio.wait([work])
        assert await project_of(journal, "b") is None
        project = await undertaken(journal, second)

    assert project.outcome == "verified"
    assert len(first.company.asked) == 5
    assert (second.company.asked, second.company.commissions) == ([], [])
    assert (second.ground.calls["judge"], second.ground.calls["answers"]) == (0, 1)
    assert project.usage.calls == 6


async def test_a_build_that_ran_out_goes_on_with_a_larger_budget(tmp_path: Path) -> None:
    """The last end is the one that counts, and so are the last limits: in the project, and for whoever goes on later."""
    small = REQUEST.model_copy(update={"budget": Budget(attempts=3, seconds=600)})
    async with await Journal.open(tmp_path) as journal:
        first = await undertaken(journal, Site(), small)
        assert await request_of(journal, "b") == small
        again = Site()
        second = await undertaken(journal, again)
        assert await project_of(journal, "b") == second
        assert await request_of(journal, "b") == REQUEST
        third = await undertaken(journal, Site(), small)
        assert await request_of(journal, "b") == small
        assert [each.budget for each in (first, second, third)] == [small.budget, REQUEST.budget, small.budget]

    assert (first.outcome, first.reason) == ("no_fix", "budget")
    assert second.outcome == "verified"
    assert len(again.company.asked) == 2


async def test_what_is_no_build_has_neither(tmp_path: Path) -> None:
    """As with any other run."""
    async with await Journal.open(tmp_path) as journal:
        await journal.begin(run_of(REQUEST, "b"), author="offline", owner=this_process())

        assert await request_of(journal, "b") is None
        assert await project_of(journal, "b") is None


async def test_a_build_that_was_killed_goes_on_and_pays_nobody_twice(tmp_path: Path) -> None:
    """By SIGKILL, in a process of its own, with everything delivered and judged, and nothing started yet."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.projects.building.held", str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    asked = int(await process.stdout.readline())
    process.kill()
    await process.wait()
    site = Site()

    async with await Journal.open(tmp_path) as journal:
        broken_off = await journal.load("b")
        project = await undertaken(journal, site)

    assert (asked, broken_off.status) == (4, "interrupted")
    assert project.outcome == "verified"
    assert (site.company.asked, site.company.commissions, site.ground.calls["judge"]) == ([], [], 0)
    assert project.usage.calls == 5


async def test_nothing_is_built_where_no_author_may_be_asked(tmp_path: Path) -> None:
    """The setting counts for whoever builds as well; a run that is no build is not gone on with as one."""
    async with Mendbox(Settings(data_dir=tmp_path, healing=False)) as mendbox:
        with pytest.raises(BadInput, match="HEALING_ENABLED=false"):
            mendbox.builds.start(REQUEST, Site().company.team)
        with pytest.raises(UnknownRun):
            await mendbox.builds.request("nothing")
