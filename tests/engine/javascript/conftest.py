"""Judges of JavaScript and TypeScript in boxes that have Node.js."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import pytest

from engine.case import Case, stand_ins
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


@pytest.fixture(scope="session")
def web_image(sandbox_image: str) -> str:
    """The image with Node.js, its usual packages and a browser."""
    return asyncio.run(make_environments(Settings(), node=True).ensure(Wanted())).reference


@pytest.fixture
def judged(sandbox: DockerSandbox, node_image: str, baselines: dict[str, Verdict]) -> Judging:
    """Judges *files* in JavaScript by *tests* against *before*; against nothing, where that is None."""
    return _judging(sandbox, baselines, node_image, language="javascript", seconds=20.0)


@pytest.fixture
def judged_typed(sandbox: DockerSandbox, web_image: str, baselines: dict[str, Verdict]) -> Judging:
    """The same in TypeScript, where *before* may be empty modules: then ``stand_in=True``."""
    return _judging(sandbox, baselines, web_image, language="typescript", seconds=40.0)


def _judging(
    sandbox: DockerSandbox, baselines: dict[str, Verdict], image: str, *, language: str, seconds: float
) -> Judging:
    usual = seconds

    async def judge(
        files: Mapping[str, str],
        tests: Mapping[str, str],
        before: Mapping[str, str] | None = None,
        *,
        seconds: float = usual,
        stand_in: bool = False,
        **changes: object,
    ) -> Verdict:
        task = Task.model_validate(
            {
                "language": language,
                "files": before or files,
                "tests": tests,
                "budget": Budget(test_seconds=seconds),
                "limits": Limits(environment=image),
                **changes,
            }
        )
        judge = BoxJudge(sandbox)
        case = Case(task=task, before=stand_ins(files) if stand_in else task.files, tests=tests, stand_in=stand_in)
        if before is None and not stand_in:
            return await judge.judge(case.before, case, run_id="test")
        baseline = baselines.get(case.key) or await judge.judge(case.before, case, run_id="test")
        baselines[case.key] = baseline
        return await judge.judge(files, case.model_copy(update={"baseline": baseline}), run_id="test")

    return judge
