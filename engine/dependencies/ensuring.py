"""From what a project needs to the environment that has it, and a task that is judged there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from agents.base import Suite
from engine.dependencies.reading import Dependencies
from engine.domain import Task
from engine.repository.suites import with_environment
from sandboxes.environments.wanted import Environment, Unresolved, Wanted

Tell = Callable[[str], None]


class Environments(Protocol):
    """Where environments come from; see `sandboxes.environments.environments`."""

    async def ensure(self, wanted: Wanted, on_progress: Tell) -> Environment:
        """The environment, made where there is none yet.

        Raises:
            Unresolved: There can be none, and the requirements are why.
            SandboxError: The machinery failed.
        """


async def environment_for(wanted: Wanted, environments: Environments, on_progress: Tell) -> Environment:
    """The environment with what a project needs; the usual one where it needs nothing.

    A lock that was made for another Python may hold to versions which this one has no release of. Where there is an
    environment without it, that is taken, and *on_progress* is told.

    Raises:
        Unresolved: There can be none, and the requirements are why.
        SandboxError: The machinery failed.
    """
    try:
        return await environments.ensure(wanted, on_progress)
    except Unresolved as error:
        if not wanted.constraints or error.cause in {"not allowed", "invalid"}:
            raise
        on_progress(f"the lock cannot be kept to: {error.message}")
        try:
            return await environments.ensure(wanted.model_copy(update={"constraints": ()}), on_progress)
        except Unresolved:
            raise error from None


async def surround(task: Task, dependencies: Dependencies, environments: Environments, on_progress: Tell) -> Task:
    """*task* as it is judged in the environment of its project; raises what `environment_for` does."""
    environment = await environment_for(dependencies.wanted, environments, on_progress)
    limits = task.limits.model_copy(update={"environment": environment.reference})
    suite = suite_in(environment, task.suite, dependencies, task.tests)
    return task.model_copy(update={"limits": limits, "dependencies": dependencies.declared, "suite": suite})


def suite_in(
    environment: Environment, suite: Suite | None, dependencies: Dependencies, tests: Mapping[str, str]
) -> Suite | None:
    """*suite* with the plugins of *environment*.

    Where there is no suite with settings of its own, only plugins count that are asked for or that the tests name: each
    takes part in the judging, and keeps the tests from being judged apart from the code.
    """
    if suite is not None:
        return with_environment(suite, environment)
    asked = {each.name for each in dependencies.stated}
    taken = tuple(
        module
        for module in environment.plugins
        if environment.modules.get(top := module.partition(".")[0], "") in asked
        or any(top in text for text in tests.values())
    )
    found = with_environment(Suite(), environment.model_copy(update={"plugins": taken}))
    return found if found.plugins else None
