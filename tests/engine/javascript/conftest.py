"""A judge of JavaScript in boxes that have Node.js."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import pytest

from engine.case import Case
from engine.domain import Budget, Task, Verdict
from engine.judging import BoxJudge
from engine.settings import Settings
from engine.wiring import make_environments
from sandboxes.base import Limits
from sandboxes.docker import DockerSandbox
from sandboxes.environments.wanted import Wanted

Judging = Callable[..., Awaitable[Verdict]]


@pytest.fixture(scope="session")
def node_image(sandbox_image: str) -> str:
    """An image with Node.js and no packages."""
    environments = make_environments(Settings())
    return asyncio.run(environments.ensure(Wanted(node={"package.json": "{}"}))).reference


@pytest.fixture(scope="session")
def baselines() -> dict[str, Verdict]:
    """Verdicts on inputs by the key of their case, which many tests share."""
    return {}


@pytest.fixture
def judged(sandbox: DockerSandbox, node_image: str, baselines: dict[str, Verdict]) -> Judging:
    """Judges *files* by *tests* against *before*; against nothing, where that is None."""

    async def judge(
        files: Mapping[str, str],
        tests: Mapping[str, str],
        before: Mapping[str, str] | None = None,
        *,
        seconds: float = 20.0,
        **changes: object,
    ) -> Verdict:
        task = Task.model_validate(
            {
                "language": "javascript",
                "files": before or files,
                "tests": tests,
                "budget": Budget(test_seconds=seconds),
                "limits": Limits(environment=node_image),
                **changes,
            }
        )
        judge = BoxJudge(sandbox)
        case = Case(task=task, before=task.files, tests=tests)
        if before is None:
            return await judge.judge(case.before, case, run_id="test")
        baseline = baselines.get(case.key) or await judge.judge(case.before, case, run_id="test")
        baselines[case.key] = baseline
        return await judge.judge(files, case.model_copy(update={"baseline": baseline}), run_id="test")

    return judge
