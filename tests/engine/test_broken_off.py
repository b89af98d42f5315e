"""A run whose journal fails under it is over, and says so: it does not seem to go on for as long as its process lives."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from engine.domain import Task
from engine.errors import JournalUnavailable
from engine.events import Event, RunStarted
from engine.harness import Mendbox
from engine.journal import FILE
from engine.settings import Settings

TASK = Task(
    files={"solution.py": "x = 1\n"},
    tests={"test_solution.py": "from solution import x\n\n\ndef test_x():\n    assert x == 2\n"},
)


async def test_a_run_that_could_not_be_recorded_is_interrupted_and_can_be_resumed(tmp_path: Path) -> None:
    """Whoever waits for it is told why; who asks later finds it interrupted, also in the list; and it can go on."""
    begun = asyncio.Event()

    def watch(event: Event) -> None:
        if isinstance(event, RunStarted):
            begun.set()

    async with Mendbox(Settings(data_dir=tmp_path)) as mendbox:
        run_id = mendbox.start(TASK, author="offline", watch=watch)
        waiting = asyncio.create_task(mendbox.wait(run_id))
        await begun.wait()
        _alter(tmp_path, "alter table entries rename to away")
        await mendbox.cancel(run_id)
        with pytest.raises(JournalUnavailable, match="could not be written"):
            await waiting

        _alter(tmp_path, "alter table away rename to entries")
        assert (await mendbox.get(run_id)).status == "interrupted"
        assert [line.status for line in await mendbox.runs()] == ["interrupted"]

        begun.clear()
        going_on = asyncio.create_task(mendbox.resume(run_id, watch=watch))
        await begun.wait()
        await mendbox.cancel(run_id)
        assert (await going_on).outcome == "cancelled"
        assert (await mendbox.get(run_id)).status == "ended"


def _alter(folder: Path, statement: str) -> None:
    with sqlite3.connect(folder / FILE) as connection:
        connection.execute(statement)
    connection.close()
