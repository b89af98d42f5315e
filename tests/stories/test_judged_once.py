"""The same files, tests, image and limits are judged once: the second time there is a verdict and no box."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from engine.domain import Budget, Run, Task
from engine.events import Event, InputJudged
from engine.harness import Mendbox
from engine.settings import Settings
from engine.wiring import OnDemand
from sandboxes.base import Box, Limits

pytestmark = pytest.mark.docker

ROOT = Path(__file__).parents[2]
RIGHT = "def double(number):\n    return number + number\n"
WRONG = RIGHT.replace("+ number", "+ 2")
TESTS = "from double import double\n\n\ndef test_two():\n    assert double(2) == 4\n\n\ndef test_five():\n    assert double(5) == 10\n"
COINS = (
    "import os\n\nimport pytest\n\nfrom double import double\n\n\n"
    "@pytest.mark.parametrize('throw', range(24))\n"
    "def test_a_coin(throw):\n    assert double(os.urandom(1)[0]) < 256\n"
)


class Counting(OnDemand):
    """Boxes of the Docker Engine, counted."""

    opened = 0

    @asynccontextmanager
    async def open(self, *, run_id: str, limits: Limits, tenant: str | None = None) -> AsyncIterator[Box]:
        self.opened += 1
        async with super().open(run_id=run_id, limits=limits) as box:
            yield box


class CountingMendbox(Mendbox):
    """A Mendbox that says how many boxes it opened since it was asked last."""

    def __init__(self, folder: Path) -> None:
        super().__init__(Settings(data_dir=folder))
        self._premises.boxes = self._boxes = Counting(self.settings, notify=lambda _: None)

    @property
    def opened(self) -> int:
        opened, self._boxes.opened = self._boxes.opened, 0
        return opened


def a_task(files: str = RIGHT, tests: str = TESTS, **more: object) -> Task:
    return Task.model_validate({"files": {"double.py": files}, "tests": {"test_double.py": tests}, **more})


def source(run: Run) -> str:
    return run.attempts[0].verdict.from_run


async def test_what_was_judged_needs_no_box_the_second_time(tmp_path: Path, sandbox_image: str) -> None:
    """Also in another process; the receipt names the box and the time of the judging. `fresh` opens boxes again."""
    told: list[Event] = []
    before = {"double.py": WRONG}
    async with CountingMendbox(tmp_path) as mendbox:
        first = await mendbox.check(a_task(), before=before)
        boxes = mendbox.opened
    async with CountingMendbox(tmp_path) as mendbox:
        second = await mendbox.check(a_task(), before=before, watch=told.append)
        none = mendbox.opened
        fresh = await mendbox.check(a_task(), before=before, fresh=True)
        again = mendbox.opened
        shown = await mendbox.get(second.id)

    assert (boxes, none, again) == (3, 0, 3)
    assert [run.outcome for run in (first, second, fresh)] == ["verified"] * 3, second.summary
    assert [source(run) for run in (first, second, fresh)] == ["", first.id, ""]
    assert first.receipt is not None
    assert first.receipt.box
    assert first.receipt.judged
    assert second.receipt == first.receipt.model_copy(update={"from_run": first.id})
    assert [event.verdict.from_run for event in told if isinstance(event, InputJudged)] == [first.id]
    assert shown == second


async def test_whatever_is_changed_is_judged_anew(tmp_path: Path, sandbox_image: str) -> None:
    """A file, a test, a limit, the time of the tests, the code before: each opens boxes."""
    changed = {
        "file": a_task(f"{RIGHT}\n"),
        "test": a_task(tests=f"{TESTS}\n"),
        "limit": a_task(limits=Limits(memory_mib=384)),
        "seconds": a_task(budget=Budget(test_seconds=19)),
    }
    async with CountingMendbox(tmp_path) as mendbox:
        await mendbox.check(a_task())
        await mendbox.check(a_task())
        mendbox._boxes.opened = 0
        opened = {}
        for name, task in changed.items():
            run = await mendbox.check(task)
            opened[name] = (run.outcome, source(run), mendbox.opened > 0)
        run = await mendbox.check(a_task(), before={"double.py": WRONG})
        opened["before"] = (run.outcome, source(run), mendbox.opened > 0)

    assert opened == dict.fromkeys([*changed, "before"], ("verified", "", True))


async def test_a_flaky_suite_is_judged_every_time(tmp_path: Path, sandbox_image: str) -> None:
    """How coins fell today is no verdict for tomorrow."""
    async with CountingMendbox(tmp_path) as mendbox:
        runs = [await mendbox.check(a_task(tests=COINS)) for _ in range(2)]
        opened = mendbox.opened

    assert [(run.outcome, bool(run.attempts[0].verdict.flaky), source(run)) for run in runs] == [
        ("no_fix", True, "")
    ] * 2
    # The empty module in the code's place fails whatever falls, so that its verdict is steady.
    assert opened == 3


def mendbox(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    keep = {name: value for name, value in os.environ.items() if not name.startswith("MENDBOX")}
    return subprocess.run(
        [sys.executable, "-m", "engine.cli", *words],
        cwd=folder,
        env=keep | {"PYTHONPATH": str(ROOT), "MENDBOX_DATA_DIR": str(folder / "data")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_person_is_told_where_a_verdict_comes_from(tmp_path: Path, sandbox_image: str) -> None:
    """By `check` while it goes and at its end, and by `show`; `verify` judges the receipt again all the same."""
    (tmp_path / "double.py").write_text(RIGHT)
    (tmp_path / "test_double.py").write_text(TESTS)
    check = ("check", "double.py", "--tests", "test_double.py")

    first = json.loads(mendbox(tmp_path, *check, "--json").stdout)
    second = mendbox(tmp_path, *check, "--receipt", "receipt.json")
    fresh = mendbox(tmp_path, *check, "--fresh")
    runs = json.loads(mendbox(tmp_path, "runs", "--json").stdout)
    served = next(line["id"] for line in reversed(runs["runs"]) if line["id"] != first["id"])
    show = mendbox(tmp_path, "show", served)
    verify = mendbox(tmp_path, "verify", "receipt.json")

    attempt = first["attempts"][0]["verdict"]
    of_input, line = (
        f"judged before, in run {first['id']} at {verdict['judged']}: --fresh judges again"
        for verdict in (first["baseline"], attempt)
    )
    said = json.loads((tmp_path / "receipt.json").read_text())["predicate"]["mendbox"]
    assert (second.returncode, fresh.returncode, verify.returncode) == (0, 0, 0), verify.stdout
    assert line in second.stdout
    assert of_input in second.stderr
    assert of_input in show.stdout
    assert show.stdout.count("judged before") == 3
    assert f"judged        {attempt['judged']} in the box {attempt['box']}, in run {first['id']}" in show.stdout
    assert (said["box"], said["judged"]) == (attempt["box"], attempt["judged"])
    for anew in (fresh, verify):
        assert "judged before" not in anew.stdout + anew.stderr
