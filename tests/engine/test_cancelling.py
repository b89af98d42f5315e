"""A cancelled run is in the journal as cancelled, however often and however early it was cancelled."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from engine.domain import Task
from engine.errors import BadInput
from engine.events import Event, RunEnded
from engine.harness import Mendbox
from engine.settings import Settings

TASK = Task(
    files={"solution.py": "x = 1\n"},
    tests={"test_solution.py": "from solution import x\n\n\ndef test_x():\n    assert x == 2\n"},
)


async def test_a_run_may_be_cancelled_by_several_at_once_and_before_it_began(tmp_path: Path) -> None:
    """A client that gives up, and a server that ends, do not break off each other's clearing away."""
    settings = Settings(data_dir=tmp_path)
    async with Mendbox(settings) as mendbox:
        run_id = mendbox.start(TASK, author="offline")
        runs = await asyncio.gather(*(mendbox.cancel(run_id) for _ in range(3)))
        recorded = await mendbox.get(run_id)

    assert [run.outcome for run in runs] == ["cancelled"] * 3
    assert recorded.status == "ended"
    assert recorded.outcome == "cancelled"


async def test_a_cancel_that_comes_too_late_does_not_break_off_the_last_entry(tmp_path: Path) -> None:
    """Each waits for the run as it ended."""
    settings = Settings(data_dir=tmp_path)
    told: list[Event] = []
    async with Mendbox(settings) as mendbox:
        run_id = mendbox.start(TASK, author="offline", watch=told.append)
        first = asyncio.create_task(mendbox.cancel(run_id))
        while not first.done():
            await asyncio.sleep(0)
            await mendbox.cancel(run_id)
        recorded = await mendbox.get(run_id)

    assert recorded.outcome == "cancelled"
    assert sum(isinstance(event, RunEnded) for event in told) == 1


async def test_a_cancelled_check_is_not_resumed(tmp_path: Path) -> None:
    """Nobody was to mend anything: the person is told to have it checked again, and resuming says why it cannot."""
    known: list[str] = []
    begun = asyncio.Event()

    def watch(event: Event) -> None:
        known.append(getattr(event, "run_id", ""))
        begun.set()

    async with Mendbox(Settings(data_dir=tmp_path)) as mendbox:
        checking = asyncio.create_task(mendbox.check(TASK, watch=watch))
        await begun.wait()
        cancelled = await mendbox.cancel(known[0])
        await asyncio.wait([checking])

        with pytest.raises(BadInput, match="only judged"):
            await mendbox.resume(known[0])

    assert cancelled.outcome == "cancelled"
    assert "resume" not in cancelled.next_step
