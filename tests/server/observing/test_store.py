"""What is counted is kept beside the journal, whatever happens to the file, and no call waits for it."""

from __future__ import annotations

import sqlite3
import stat
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from engine.events import ModelAnswered
from serving.observing import schema, store
from serving.observing.counting import Reading, count
from serving.observing.figures import LocalFigures
from serving.observing.store import FILE, Store
from tests.server.observing.rows import NOW, call, run


@asynccontextmanager
async def opened(folder: Path, *, days: float = 36_500.0) -> AsyncIterator[Store]:
    kept = Store(folder, days=days)
    try:
        yield kept
    finally:
        await kept.close()


async def figures(kept: Store) -> LocalFigures:
    return await kept.read(lambda connection: count(connection, Reading(now=NOW, days=30)))


async def test_what_was_counted_is_there_after_a_restart(tmp_path: Path):
    """Calls and runs, in a file that nobody else on the machine can read."""
    async with opened(tmp_path) as kept:
        kept.count(call())
        kept.count(run())
        kept.count(ModelAnswered(author="openai", model="m", seconds=1))

    async with opened(tmp_path) as again:
        told = await figures(again)

    assert (told.calls.calls, told.runs.runs, again.kept, again.lost) == (1, 1, "disk", 0)
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


async def test_one_reads_what_was_counted_a_moment_ago(tmp_path: Path):
    """A question is answered after all that was counted before it."""
    async with opened(tmp_path) as kept:
        for number in range(1, 4):
            kept.count(call())
            assert (await figures(kept)).calls.calls == number


async def test_several_processes_count_into_one_file(tmp_path: Path):
    """Each sees what the others have counted."""
    async with opened(tmp_path) as one, opened(tmp_path) as other:
        for _ in range(50):
            one.count(call(who="ann"))
            other.count(call(who="bob"))
        await figures(one)

        assert (await figures(other)).calls.calls == 100


async def test_counting_from_threads_loses_nothing(tmp_path: Path):
    """Whoever counts is not asked from where."""
    async with opened(tmp_path) as kept:
        threads = [threading.Thread(target=lambda: [kept.count(call()) for _ in range(200)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert (await figures(kept)).calls.calls == 800


@pytest.mark.parametrize("wrong", ["damaged", "too new", "no folder"])
async def test_a_file_that_cannot_be_used_is_left_alone_and_memory_serves(tmp_path: Path, wrong: str):
    """The figures are this process's then, and say why."""
    folder = tmp_path / "data"
    if wrong == "no folder":
        folder.write_text("a file where the folder should be")
        before = folder.read_bytes()
    else:
        folder.mkdir()
        if wrong == "damaged":
            (folder / FILE).write_bytes(b"this is no database at all, and longer than a header " * 30)
        else:
            newer = sqlite3.connect(folder / FILE)
            newer.execute(f"PRAGMA user_version={schema.VERSION + 1}")
            newer.close()
        before = (folder / FILE).read_bytes()

    async with opened(folder) as kept:
        kept.count(call())
        told = await figures(kept)

    assert (told.calls.calls, kept.kept) == (1, "memory")
    assert str(folder) in kept.trouble
    assert (folder if wrong == "no folder" else folder / FILE).read_bytes() == before


async def test_a_write_that_fails_fails_no_call_and_is_counted_as_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Another process keeps the file locked for longer than a write waits; then it goes on."""
    monkeypatch.setattr(store, "BUSY_SECONDS", 0.01)
    async with opened(tmp_path) as kept:
        kept.count(call())
        await figures(kept)
        other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        kept.count(call())
        kept.count(call())
        during = await figures(kept)
        other.execute("ROLLBACK")
        other.close()
        kept.count(call())

        assert during.calls.calls == 1
        assert kept.lost == 2
        assert "locked" in kept.trouble
        assert (await figures(kept)).calls.calls == 2


async def test_what_waits_to_be_written_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The oldest goes first, and is counted as lost."""
    monkeypatch.setattr(store, "MOST_WAITING", 5)
    async with opened(tmp_path) as kept:
        gate = threading.Event()
        kept._thread.submit(gate.wait)
        for number in range(8):
            kept.count(call(seconds=number))
        gate.set()
        told = await figures(kept)

    assert (told.calls.calls, kept.lost) == (5, 3)
    assert told.calls.p50_seconds == 5


async def test_what_is_old_or_too_much_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """By age and by number; what an author did goes with its run."""
    monkeypatch.setattr(store, "ROWS_BETWEEN_PRUNINGS", 1)
    monkeypatch.setattr(schema, "MOST_CALLS", 10)
    monkeypatch.setattr(store.time, "time", lambda: NOW)
    async with opened(tmp_path, days=1) as kept:
        kept.count(run(ago=2 * 86_400))
        kept.count(call(ago=2 * 86_400))
        for _ in range(20):
            kept.count(call())
        await figures(kept)
        kept.count(call())
        rows = await kept.read(
            lambda connection: [
                connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in ("calls", "runs", "written")
            ]
        )

    assert rows == [10, 0, 0]


async def test_whoever_counts_after_the_end_is_not_disturbed(tmp_path: Path):
    """A run that ends late is lost, not an error."""
    kept = Store(tmp_path, days=1)
    await kept.close()

    kept.count(call())

    assert kept.lost == 1
