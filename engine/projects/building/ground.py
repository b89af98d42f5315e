"""Where a build is proven: the engine's judge for each component, and boxes for the whole and for what ships it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import NamedTuple, Protocol

from agents.base import Suite
from agents.plans.plan import Component, Plan
from agents.plans.scenario import Scenario
from engine.briefing import failure_of
from engine.dependencies.ensuring import Environments, environment_for, surround
from engine.dependencies.reading import Dependencies, read_wanted
from engine.dependencies.surroundings import finding_of
from engine.domain import Budget, Finding, Run, Task, Verdict
from engine.projects.agreeing import disagreements, scenario_faults, tests_of_requirements
from engine.projects.building.locking import lock_of
from engine.projects.building.proving import Judged
from engine.projects.building.ranges import not_had
from engine.projects.building.site import LOCK
from engine.projects.building.written import left_out
from engine.projects.running import ALONE, WHOLE, Ran, Started, answers, builds, whole
from engine.projects.running.stores import needs_servers
from engine.projects.shipping import Replayed, faults, replay
from engine.projects.shipping.building import ImageBuilds
from engine.repository.detecting import detect
from sandboxes import web
from sandboxes.base import Limits, Sandbox
from sandboxes.environments.wanted import Unresolved, Wanted
from sandboxes.errors import SandboxUnavailable
from sandboxes.recipe import read_node_recipe

BOXES = 2
"""That one build has at a time for what it starts and replays: the pool lets a run that has a box have any further one."""
_TYPED = (".ts", ".tsx", ".mts", ".cts")
_SETS_TOOLS_UP = re.compile(r"(vite|vitest|eslint)\.config\.[cm]?[jt]s")
"""Takes no part in the judging of a component; the whole is built by it."""


class Judging(Protocol):
    """The engine, as far as it is needed here; see `engine.harness.Mendbox`."""

    async def check(self, task: Task, *, tenant: str | None = None, principal: str = "", part_of: str = "") -> Run: ...

    async def fix(
        self, task: Task, *, author: str = "auto", tenant: str | None = None, principal: str = "", part_of: str = ""
    ) -> Run: ...


class Whose(NamedTuple):
    """Which build it is for, and who waits for it."""

    run_id: str
    tenant: str
    principal: str = ""


@cache
def node_packages() -> tuple[str, ...]:
    """Names of the packages that boxes with Node.js have."""
    said = json.loads(read_node_recipe()["package.json"])
    return tuple(sorted({*said.get("dependencies", {}), *said.get("devDependencies", {})}))


@cache
def _image_lock() -> str:
    return read_node_recipe()["package-lock.json"].decode()


class OfFiles:
    """An `Agreement` by `engine.projects.agreeing`, with the locks of Node.js."""

    def disagreements(self, plan: Plan, files: Mapping[str, str]) -> tuple[Finding, ...]:
        return (*disagreements(plan, files, node_packages=node_packages()), *not_had(files, _image_lock()))

    def scenario_faults(self, plan: Plan, scenarios: Sequence[Scenario]) -> tuple[str, ...]:
        return scenario_faults(plan, scenarios)

    def tests_of_requirements(self, files: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
        return tests_of_requirements(files)

    def completed(self, files: Mapping[str, str]) -> Mapping[str, str]:
        """*files* with a lock beside every ``package.json`` of which one can be made."""
        made: dict[str, str] = {}
        for path, text in files.items():
            folder, _, name = path.rpartition("/")
            if name == "package.json":
                lock = lock_of(text, _image_lock())
                if lock is not None:
                    made[f"{folder}/{LOCK}" if folder else LOCK] = lock
        return {**files, **made}


class ByJudge:
    """`Components` by the engine's judge; a component for Python in the environment that its ``pyproject.toml`` asks for."""

    def __init__(
        self,
        judging: Judging,
        environments: Callable[[], Environments],
        *,
        whose: Whose,
        budget: Budget,
        limits: Limits,
        notify: Callable[[str], None],
    ) -> None:
        self._judging = judging
        self._environments = environments
        self._whose = whose
        self._budget = budget
        self._limits = limits
        self._notify = notify

    async def judge(self, component: Component, files: Mapping[str, str], tests: Mapping[str, str]) -> Judged:
        """As `Components.judge`."""
        try:
            task = await self._task(component, files, tests, self._budget)
        except _NoEnvironment as error:
            return _placed(Judged(outcome="red", summary=error.finding.message, findings=(error.finding,)), component)
        whose = self._whose
        run = await self._judging.check(task, tenant=whose.tenant, principal=whose.principal, part_of=whose.run_id)
        return _placed(_whole(judged(run), tests), component)

    async def mend(
        self, component: Component, files: Mapping[str, str], tests: Mapping[str, str], *, seconds: float
    ) -> Mapping[str, str] | None:
        """As `Components.mend`, by the author that searches."""
        budget = self._budget.model_copy(update={"attempts": 3, "seconds": seconds})
        try:
            task = await self._task(component, files, tests, budget)
        except _NoEnvironment:
            return None
        whose = self._whose
        run = await self._judging.fix(
            task, author="offline", tenant=whose.tenant, principal=whose.principal, part_of=whose.run_id
        )
        return run.files if run.outcome == "verified" else None

    async def _task(
        self, component: Component, files: Mapping[str, str], tests: Mapping[str, str], budget: Budget
    ) -> Task:
        goal = f"{component.purpose} The frozen tests pass."
        task = Task(goal=goal, files=files, tests=tests, budget=budget, limits=self._limits)
        if component.running.runtime != "python":
            typed = any(path.endswith(_TYPED) for path in (*files, *tests))
            # the judge takes its image, which has all that may be imported
            language = "typescript" if typed else "javascript"
            judged = {path: text for path, text in files.items() if not _SETS_TOOLS_UP.fullmatch(path)}
            return task.model_copy(update={"language": language, "limits": web.LIMITS, "files": judged})
        dependencies = read_wanted(files, tests=tests)
        texts = {**files, **tests}
        found = detect(texts, sorted(texts), packages=dependencies.known)
        task = task.model_copy(
            update={
                "suite": None if found.suite == Suite() else found.suite,
                "tests": {**tests, **found.added},
            }
        )
        try:
            return await surround(task, dependencies, self._environments(), self._notify)
        except Unresolved as error:
            raise _NoEnvironment(finding_of(error, dependencies, files)) from error


class InBoxes:
    """`Running` in boxes of *sandbox*: one component in its own environment, the whole in one that has Node.js, a browser
    and what every component for Python needs.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        environments: Callable[[], Environments],
        with_node: Callable[[], Environments],
        *,
        run_id: str,
        notify: Callable[[str], None],
        images: ImageBuilds | None = None,
    ) -> None:
        self._sandbox = sandbox
        self._images = images
        self._environments = environments
        self._with_node = with_node
        self._run_id = run_id
        self._notify = notify
        self._room = asyncio.Semaphore(BOXES)

    async def answers(self, plan: Plan, component: str, files: Mapping[str, str]) -> Started:
        """As `Running.answers`."""
        try:
            environment = await self._environment(plan, (component,), files)
        except Unresolved as error:
            told = (f"Whether {component} starts: {error.message}",)
            return Started(component=component, outcome="unverified", not_shown=told)
        part = next(each for each in plan.components if each.name == component)
        run = self._run_id
        async with self._room:
            if part.kind == "page" and not part.running.command:
                return await builds(
                    plan, component, files, self._sandbox, environment=environment, run_id=run, limits=WHOLE
                )
            return await answers(
                plan, component, files, self._sandbox, environment=environment, run_id=run, limits=ALONE
            )

    async def whole(self, plan: Plan, files: Mapping[str, str], scenarios: Sequence[Scenario]) -> Ran:
        """As `Running.whole`."""
        try:
            environment = await self._environment(plan, (), files)
        except Unresolved as error:
            return Ran(
                outcome="unverified", not_shown=(f"what the components need does not go together: {error.message}",)
            )
        return await whole(
            plan, files, scenarios, self._sandbox, environment=environment, run_id=self._run_id, limits=WHOLE
        )

    async def replay(self, plan: Plan, component: str, files: Mapping[str, str]) -> Replayed:
        """As `Shipping.replay`."""
        try:
            environment = await self._environment(plan, (component,), files)
        except Unresolved as error:
            told = (f"what it needs cannot be had: {error.message}",)
            return Replayed(component=component, outcome="unverified", not_shown=told)
        async with self._room:
            return await replay(
                plan,
                component,
                files,
                self._sandbox,
                environment=environment,
                run_id=self._run_id,
                images=self._images,
            )

    def faults(self, plan: Plan, files: Mapping[str, str]) -> tuple[Finding, ...]:
        """As `Shipping.faults`."""
        return faults(plan, files)

    async def _environment(self, plan: Plan, names: Sequence[str], files: Mapping[str, str]) -> str:
        """The image with what the components of these *names* need, which is one with the servers of stores where they use
        such stores; with what all need together where there are none.
        """
        components = [each for each in plan.components if each.name in names or not names]
        in_python = [each for each in components if each.running.runtime == "python"]
        needed = [_needed(each.name, files).wanted for each in in_python]
        wanted = Wanted(
            requirements=tuple(dict.fromkeys(line for each in needed for line in each.requirements)),
            constraints=tuple(dict.fromkeys(line for each in needed for line in each.constraints)),
            requires_python=next((each.requires_python for each in needed if each.requires_python), ""),
            compiler=any(each.compiler for each in needed),
        )
        node = len(in_python) < len(components) or not names or needs_servers(components, plan)
        environments = (self._with_node if node else self._environments)()
        return (await environment_for(wanted, environments, self._notify)).reference


class _NoEnvironment(Exception):
    """What a component asks for cannot be had, and it is why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def judged(run: Run) -> Judged:
    """What the judging *run* says, with paths as the judge has them.

    Raises:
        SandboxUnavailable: It says that the machinery failed.
    """
    if run.outcome in {"environment", "cancelled"}:
        raise SandboxUnavailable("judge", run.summary, hint=run.next_step)
    verdict = run.attempts[-1].verdict if run.attempts else run.baseline
    conflict = run.reason == "conflict"
    if verdict is None or conflict:
        finding = Finding(check="tests", rule=run.reason or "", message=run.summary[:900])
        return Judged(
            outcome="red",
            summary=run.summary,
            findings=(finding,),
            failure=run.summary,
            conflict=conflict,
            run_id=run.id,
        )
    told = {"verified": "verified", "unverified": "unverified"}
    summary = " ".join(run.summary.split())
    return Judged.model_validate(
        {
            "outcome": told.get(run.outcome or "", "red"),
            "summary": summary,
            "findings": _blocking(verdict),
            "failure": failure_of(verdict),
            "proofs": verdict.proofs,
            "not_shown": verdict.not_shown,
            "tests": tuple(sorted(test.node_id for test in verdict.tests if test.ended == "passed")),
            "run_id": run.id,
        }
    )


def _blocking(verdict: Verdict) -> tuple[Finding, ...]:
    """What is wrong, most basic first; a proof that is missing is told as a finding too."""
    failed = [each for report in verdict.reports if report.status != "passed" for each in report.findings]
    missing = [
        Finding(check="proof", rule=proof.name, message=f"not shown: {proof.detail}")
        for proof in verdict.proofs
        if not proof.held
    ]
    return (*failed, *missing)


def _whole(judged: Judged, tests: Mapping[str, str]) -> Judged:
    """Red where tests were not run: settings of pytest are the component's, and its tests are another's."""
    missing = left_out(tests, judged.tests) if judged.outcome == "verified" else ()
    if not missing:
        return judged
    named = ", ".join(missing[:5])
    message = f"{len(missing)} frozen tests were not run, such as {named}: no setting of pytest may leave any out"[:900]
    finding = Finding(check="tests", rule="left out", message=message)
    return judged.model_copy(update={"outcome": "red", "summary": message, "findings": (finding,), "failure": message})


def _placed(judged: Judged, component: Component) -> Judged:
    """The same, with paths from the project's folder."""
    folder = f"services/{component.name}/"
    findings = tuple(
        each.model_copy(update={"path": folder + each.path}) if each.path else each for each in judged.findings
    )
    return judged.model_copy(
        update={"findings": findings, "tests": tuple(folder + node_id for node_id in judged.tests)}
    )


def _needed(component: str, files: Mapping[str, str]) -> Dependencies:
    folder = f"services/{component}/"
    own = {path.removeprefix(folder): text for path, text in files.items() if path.startswith(folder)}
    return read_wanted(own)
