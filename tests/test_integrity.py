"""What `mendbox check` says of drafts that cheat, and of honest ones: data in `tests/forgeries` and `tests/honest`."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path

import pytest
import pytest_asyncio

from engine.domain import Budget, Run, Task
from engine.harness import Mendbox
from engine.settings import Settings

HERE = Path(__file__).parent
TASK = tomllib.loads((HERE / "forgeries/task.toml").read_text("utf-8"))
FORGERIES = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in (HERE / "forgeries").glob("*.toml")}
del FORGERIES["task"]
HONEST = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in (HERE / "honest").rglob("*.toml")}
KNOWN_OPEN = {"always_equal"}
"""Cheats that are `verified` today: the candidate's objects meet the tests in one process, and may lie there."""
AT_A_TIME = 2


def task_of(data: Mapping[str, Mapping[str, str]]) -> Task:
    # Long, because a machine that is busy with other tests must not make honest code look slow.
    return Task(files=data["files"], tests=data.get("tests", TASK["tests"]), budget=Budget(test_seconds=60))


async def judged(folder: Path, cases: Mapping[str, Mapping[str, Mapping[str, str]]]) -> dict[str, Run]:
    """The run of each case, by its name; a few boxes at a time."""
    gate = asyncio.Semaphore(AT_A_TIME)

    async def check(mendbox: Mendbox, task: Task) -> Run:
        async with gate:
            return await mendbox.check(task)

    async with Mendbox(Settings(data_dir=folder)) as mendbox:
        runs = await asyncio.gather(*(check(mendbox, task_of(data)) for data in cases.values()))
    return dict(zip(cases, runs, strict=True))


def chosen(request: pytest.FixtureRequest, cases: Iterable[str]) -> set[str]:
    """Those of *cases* that this pytest was asked for, so that a single one can be had alone."""
    return {
        item.callspec.params["name"]
        for item in request.session.items
        if getattr(item, "callspec", None) and item.callspec.params.get("name") in set(cases)
    }


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def forged(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> AsyncIterator[dict[str, Run]]:
    names = chosen(request, FORGERIES)
    yield await judged(tmp_path_factory.mktemp("forged"), {name: FORGERIES[name] for name in sorted(names)})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def honest(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> AsyncIterator[dict[str, Run]]:
    names = chosen(request, HONEST)
    yield await judged(tmp_path_factory.mktemp("honest"), {name: HONEST[name] for name in sorted(names)})


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(FORGERIES))
def test_a_cheat_is_not_verified(name: str, forged: dict[str, Run]):
    """A wrong solution that makes pytest look green is red here; what still gets through is named in `KNOWN_OPEN`."""
    run = forged[name]

    if name in KNOWN_OPEN:
        assert run.outcome == "verified", f"{name} is caught now: take it out of KNOWN_OPEN"
    else:
        assert (run.outcome, run.receipt) == ("no_fix", None), run.summary
        assert run.reason in {"red", "tampered"}


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(HONEST))
def test_an_honest_solution_is_not_accused(name: str, honest: dict[str, Run]):
    """A right solution is verified, whatever its style and whatever its tests use."""
    run = honest[name]

    verdict = run.attempts[0].verdict if run.attempts else None
    assert run.outcome == "verified", (run.summary, verdict and verdict.findings)


def test_the_shared_task_is_wrong_without_a_cheat():
    """Every forgery is worth nothing by itself: the solution below it does not solve the task."""
    scope: dict[str, object] = {}
    exec(TASK["wrong"], scope)

    median = scope["median"]
    assert callable(median)
    assert median([3, 1, 2]) == 2
    assert median([4, 1, 3, 2]) != 2.5
