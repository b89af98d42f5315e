"""A box that is begun before it is asked for, and the judge who is called while it is made."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from engine.case import Case
from engine.domain import Task, Verdict
from engine.errors import JournalUnavailable
from engine.harness import Mendbox
from engine.settings import Settings
from engine.summoning import OnCall
from engine.wiring import OnDemand
from sandboxes.base import Limits

RIGHT = {"add.py": "def add(a, b):\n    return a + b\n"}
TESTS = {"test_add.py": "from add import add\n\n\ndef test_add():\n    assert add(2, 3) == 5\n"}


async def judged(task: Task) -> Verdict:
    sandbox = OnDemand(Settings(), notify=lambda _: None)
    try:
        case = Case(task=task, before=task.files, tests=task.tests)
        return await OnCall(sandbox).judge(task.files, case, run_id="summoned")
    finally:
        await sandbox.close()


@pytest.mark.docker
@pytest.mark.usefixtures("sandbox_image")
async def test_who_is_called_judges_in_the_box_that_was_begun():
    """The checks are all there by then."""
    verdict = await judged(Task(files=RIGHT, tests=TESTS))

    assert verdict.green
    assert verdict.box


@pytest.mark.docker
@pytest.mark.usefixtures("sandbox_image")
async def test_a_box_that_is_begun_is_the_one_that_is_handed_out():
    """No second one is made for the first who asks."""
    sandbox = OnDemand(Settings().once, notify=lambda _: None)
    limits = Limits()
    try:
        await sandbox.begin(limits)
        await sandbox.begin(limits)
        pool = await sandbox._pool()
        begun = pool.stock.boxes
        async with sandbox.open(run_id="first", limits=limits):
            while_used = pool.stock.boxes
    finally:
        await sandbox.close()

    assert (begun, while_used) == (1, 1)


async def test_what_needs_no_box_is_judged_without_an_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """That no box could be begun is no reason to refuse a verdict."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")

    verdict = await judged(Task(files={"../add.py": ""}, tests=TESTS))

    assert [finding.rule for finding in verdict.findings] == ["path"]


@pytest.mark.docker
@pytest.mark.usefixtures("sandbox_image")
async def test_a_box_at_once_goes_when_the_journal_cannot_be_opened(tmp_path: Path):
    """Nothing is left of what was begun beside it."""
    (tmp_path / "data").write_text("not a folder")

    with pytest.raises(JournalUnavailable):
        async with Mendbox(Settings(data_dir=tmp_path / "data"), box_at_once=True):
            pass

    assert {task.get_name() for task in asyncio.all_tasks()} & {"begin a box", "make a box"} == set()


@pytest.mark.docker
@pytest.mark.usefixtures("sandbox_image")
async def test_a_box_that_is_begun_at_once_changes_no_verdict(tmp_path: Path):
    """It is only there sooner."""
    task = Task(files=RIGHT, tests=TESTS)

    async with Mendbox(Settings(data_dir=tmp_path), box_at_once=True) as mendbox:
        early = await mendbox.check(task, fresh=True)
    async with Mendbox(Settings(data_dir=tmp_path)) as mendbox:
        late = await mendbox.check(task, fresh=True)

    assert (early.outcome, late.outcome) == ("verified", "verified")


async def test_without_its_journal_it_keeps_no_runs(tmp_path: Path):
    """What needs the journal says so at once."""
    async with Mendbox(Settings(data_dir=tmp_path / "data"), journal=False) as mendbox:
        with pytest.raises(RuntimeError, match="journal"):
            await mendbox.runs()

    assert not (tmp_path / "data").exists()
