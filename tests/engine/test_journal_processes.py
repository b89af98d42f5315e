"""Several processes, killed ones, a full disk: nothing that was acknowledged is lost."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agents.base import Draft
from engine.domain import Run, Task
from engine.journal import FILE, Journal
from engine.owner import this_process

WRITER = Path(__file__).with_name("journal_writer.py")


def writer(folder: Path, name: str, steps: int, *more: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(WRITER.parents[2])}
    return subprocess.Popen(
        [sys.executable, str(WRITER), str(folder), name, str(steps), *more],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )


async def with_shared_run(folder: Path) -> None:
    async with await Journal.open(folder) as journal:
        await journal.begin(Run(id="shared", task=Task(files={"a.py": ""})), author="auto", owner=this_process())


async def never() -> Draft:
    pytest.fail("an acknowledged step was asked for again")


async def test_two_processes_write_at_once_and_the_first_record_of_a_step_wins(tmp_path: Path):
    """All steps of both are there, and both were told the same of the steps they share."""
    await with_shared_run(tmp_path)

    both = [writer(tmp_path, name, 25) for name in ("one", "two")]
    said = [process.communicate(timeout=120)[0].splitlines() for process in both]

    assert [process.returncode for process in both] == [0, 0]
    shared = [[line for line in lines if line.startswith("shared")] for lines in said]
    assert len(shared[0]) == 25
    assert shared[0] == shared[1]
    async with await Journal.open(tmp_path) as journal:
        for name in ("one", "two"):
            assert len(await journal.steps(name)) == 25
            draft = await journal.step(name, "author", "24", never, Draft)
            assert draft.files["a.py"].startswith(f"# {name} 24\n")
        assert len(await journal.steps("shared")) == 25


async def test_two_processes_make_the_same_journal_at_once(tmp_path: Path):
    """Neither finds it half made."""
    processes = [writer(tmp_path / "new", f"run-{number}", 0) for number in range(4)]
    for process in processes:
        process.communicate(timeout=120)

    assert [process.returncode for process in processes] == [0] * 4
    async with await Journal.open(tmp_path / "new") as journal:
        assert len(await journal.recent(10)) == 4


async def test_killed_in_the_middle_of_writing_nothing_acknowledged_is_lost(tmp_path: Path):
    """kill -9, open again: every step that was answered is there, and the run says that it was interrupted."""
    await with_shared_run(tmp_path)
    process = writer(tmp_path, "victim", 100_000)
    acknowledged = []
    for line in process.stdout:
        if line.strip().isdigit():
            acknowledged.append(line.strip())
        if len(acknowledged) == 20:
            process.send_signal(signal.SIGKILL)
            break
    acknowledged += [line.strip() for line in process.stdout.read().splitlines() if line.strip().isdigit()]
    process.wait()
    process.stdout.close()

    async with await Journal.open(tmp_path) as journal:
        assert (await journal.load("victim")).status == "interrupted"
        assert {line.id: line.status for line in await journal.recent(5)}["victim"] == "interrupted"
        for number in acknowledged:
            draft = await journal.step("victim", "author", number, never, Draft)
            assert draft.files["a.py"] == f"# victim {number}\n" * 500
        await journal.begin((await journal.load("victim")), author="auto", owner=this_process())


async def test_a_full_disk_is_said_and_breaks_nothing(tmp_path: Path):
    """The step that does not fit fails as unavailable; what was acknowledged is still there."""
    await with_shared_run(tmp_path)
    async with await Journal.open(tmp_path) as journal:
        await journal.save(Run(id="shared", task=Task(files={"a.py": "b" * 100_000})))
    limit = (tmp_path / FILE).stat().st_size + 300_000

    process = writer(tmp_path, "large", 100_000, str(limit))
    lines = process.communicate(timeout=120)[0].splitlines()

    assert process.returncode == 3
    assert "full" in lines[-1]
    assert "a.py" not in lines[-1]
    acknowledged = [line for line in lines if line.isdigit()]
    assert acknowledged
    async with await Journal.open(tmp_path) as journal:
        assert (await journal.load("shared")).task.files["a.py"] == "b" * 100_000
        for number in acknowledged:
            await journal.step("large", "author", number, never, Draft)
