"""Tasks that no code can pass, and their look-alikes that some code does: data in `tests/impossible`."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from engine.conflicts.claims import Conflict
from engine.conflicts.finding import find_conflict
from engine.domain import Budget, Task
from engine.harness import Mendbox
from engine.settings import Settings

HERE = Path(__file__).parent / "impossible"
Data = dict[str, Any]
IMPOSSIBLE: dict[str, Data] = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in HERE.glob("*.toml")}
POSSIBLE: dict[str, Data] = {
    path.stem: tomllib.loads(path.read_text("utf-8")) for path in (HERE / "possible").glob("*.toml")
}
AT_RUN_TIME = {"goal", "files", "tests"}
COUNTER = "_asked = []\n\n\ndef square(n):\n    _asked.append(n)\n    return 4 if len(_asked) % 2 else 5\n"
"""A draft that answers 4, then 5, then 4 again."""


def task_of(data: Data) -> Task:
    fields = {name: value for name, value in data.items() if name in AT_RUN_TIME}
    return Task.model_validate({**fields, "budget": Budget(attempts=2, test_seconds=60)})


def found_in(data: Data) -> Conflict | None:
    task = task_of(data)
    return find_conflict(goal=task.goal, tests=task.tests, code=task.files)


@pytest.mark.parametrize("name", sorted(IMPOSSIBLE))
def test_an_impossible_task_is_a_conflict(name: str):
    """Both places are named, each with what it claims, in one sentence; and what a person can do about it."""
    data = IMPOSSIBLE[name]

    conflict = found_in(data)

    assert conflict is not None, data["contradiction"]
    assert sorted(claim.where for claim in conflict.between) == sorted(data["between"])
    for claim in conflict.between:
        assert f"{claim.where} says {claim.says}" in conflict.summary
    assert any(claim.where in conflict.next_step for claim in conflict.between)


@pytest.mark.parametrize("name", sorted(POSSIBLE))
def test_a_possible_task_is_no_conflict(name: str):
    """State, patches, tolerance, other instances and mere prose explain what only looks like a contradiction."""
    data = POSSIBLE[name]

    assert found_in(data) is None, data["possible"]


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.parametrize("name", ["two_values", "one_assertion", "goal_example"])
async def test_a_draft_that_plays_both_sides_is_not_verified(name: str, tmp_path: Path):
    """A counter that answers 4, then 5, passes both; the run is a conflict, judged or to be mended."""
    data = IMPOSSIBLE[name]
    script = tmp_path / "script.json"
    script.write_text(json.dumps([{"files": {"solution.py": COUNTER}}]))

    async with Mendbox(Settings(data_dir=tmp_path)) as mendbox:
        checked = await mendbox.check(task_of({**data, "files": {"solution.py": COUNTER}}))
        fixed = await mendbox.fix(task_of(data), author=f"scripted:{script}")

    for run in (checked, fixed):
        assert (run.outcome, run.reason, run.attempts, run.receipt) == ("no_fix", "conflict", (), None)
        assert all(place in run.summary for place in data["between"])
        assert run.next_step.startswith("Decide which of the two is right")


@pytest.mark.docker
@pytest.mark.slow
async def test_a_look_alike_is_verified(tmp_path: Path):
    """Its code passes its own tests in a box: it is possible, and nobody is told otherwise."""
    names = ("counter_in_one_test", "set_up_methods", "within_tolerance")

    async with Mendbox(Settings(data_dir=tmp_path)) as mendbox:
        runs = [await mendbox.check(task_of(POSSIBLE[name])) for name in names]

    assert [run.reason for run in runs] != ["conflict"] * len(names)
    assert [run.outcome for run in runs] == ["verified"] * len(names), [run.summary for run in runs]
