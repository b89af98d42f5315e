"""A project is mended cause by cause: the suite as it is, an author for each cause, the suite again after each fix."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

from agents.base import Background, Suite, Usage
from engine.dependencies.surroundings import moved
from engine.domain import Budget, Task, Value, Verdict, diff_files
from engine.events import Noted, Preparing, Watcher, nobody
from engine.harness import Mendbox
from engine.redaction import redact
from engine.repository.causes import find_causes, parts, together
from engine.repository.generated import generated
from engine.repository.history import history
from engine.repository.own_metadata import own_metadata
from engine.repository.project import Project
from engine.repository.result import Cause, Healed, RepositoryEnding, RepositoryResult, SuiteRun
from engine.repository.sizing import limits_for
from engine.repository.splitting import MOST_TEST_SECONDS, Split, split, test_seconds
from engine.repository.suites import with_environment
from engine.repository.unresolved import unresolved_finding, what_to_do
from engine.repository.waiting import environment_within
from engine.repository.words import conclusion, counted, unfinished
from engine.sharding import parted, shards_here
from sandboxes.environments.wanted import Environment, Unresolved, Wanted
from sandboxes.errors import SandboxError

FIRST_LOOK_SHARE = 0.5
"""Part of the whole budget of seconds that the first run of a suite may take."""
LEAST_SECONDS = 5.0
"""Seconds that must be left for another cause to be begun."""


class Environments(Protocol):
    """Where images with a project's packages come from."""

    async def ensure(self, wanted: Wanted, on_progress: Callable[[str], None]) -> Environment:
        """The image that has what is *wanted*, found or made. Raises `Unresolved` where the project is why there is none."""


class Plan(Value):
    """How far one goes to mend a project."""

    author: str = "auto"
    budget: Budget = Budget()
    """Of everything together; `attempts` are those of one cause."""
    most_causes: int = 20
    heal: bool = True
    """Whether anything is to be mended, and not only looked at."""
    fresh: bool = False


class RepositoryHealing:
    """Mends one project; nothing is written anywhere but into the journal."""

    def __init__(self, mendbox: Mendbox, environments: Environments, plan: Plan, *, watch: Watcher = nobody) -> None:
        self._mendbox = mendbox
        self._environments = environments
        self._plan = plan
        self._watch = watch
        self._began = time.monotonic()
        self._healed: list[Healed] = []
        self._environment: Environment | None = None
        self._seen: Verdict | None = None
        """The latest verdict on the project as it stands."""

    async def heal(self, project: Project) -> RepositoryResult:
        """What became of *project*. Whatever keeps it from being mended is an outcome; a cancelled call raises."""
        started = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        try:
            task = await self._task(project)
            first = await self._split(task, "the suite as it is")
        except Unresolved as error:
            result = self._unresolved(project, error)
        except SandboxError as error:
            result = self._ended(project, "environment", _told(error), next_step=error.hint)
        else:
            result = await self._go_on(project, task, first)
        return result.model_copy(
            update={"started": started, "seconds": time.monotonic() - self._began, "environment": self._environment}
        )

    async def _go_on(self, project: Project, task: Task, first: Split) -> RepositoryResult:
        early = self._ended_early(project, first)
        if early is not None:
            return early
        flaky = frozenset(first.flaky)
        budget = task.budget.model_copy(update={"test_seconds": test_seconds(first.run)})
        task = parted(task.model_copy(update={"budget": budget}), first.run.tests, most=shards_here())
        try:
            files, after = await self._heal_causes(task, first.run, flaky)
        except SandboxError as error:
            return self._ended(project, "environment", _told(error), next_step=error.hint, first=first)
        if not any(healed.verified for healed in self._healed):
            return self._ended(project, "no_fix", first=first)
        outcome: RepositoryEnding = "partly" if set(after.red) - flaky else "verified"
        return self._ended(project, outcome, first=first, after=after, files=files)

    def _ended_early(self, project: Project, first: Split) -> RepositoryResult | None:
        """The result where the suite as it is leaves nothing to mend, or cannot be told; else None."""
        if first.broken:
            return self._ended(project, "environment", first.broken, next_step=first.hint, first=first)
        if first.unfinished is not None:
            said = unfinished(first.unfinished)
            return self._ended(project, "no_fix", said.summary, next_step=said.next_step, first=first)
        if not set(first.run.red) - set(first.flaky):
            return self._ended(project, "green", first=first)
        return None if self._plan.heal else self._ended(project, "red", first=first)

    async def _heal_causes(
        self, task: Task, run: SuiteRun, flaky: frozenset[str]
    ) -> tuple[Mapping[str, str], SuiteRun]:
        """All files with what was mended, and the suite with them."""
        tried: set[tuple[str, ...]] = set()
        while self._left_over():
            causes = find_causes(run, besides=flaky)
            if not causes:
                break
            cause = _next(causes, tried)
            if cause is None or len(tried) >= self._plan.most_causes:
                break
            tried.add(cause.tests)
            self._watch(Noted(message=f"cause {len(tried)}: {counted(len(cause.tests), 'red test')}: {cause.name}"))
            healed = await self._heal_cause(task, cause, run, flaky)
            self._healed.append(healed)
            if healed.verified:
                whole = self._whole(task, healed)
                task = await moved(task, healed.run.files, self._environments, self._tell)
                again = split(task, whole) if whole else await self._split(task, "the suite with the fix")
                run, flaky = again.run, flaky | set(again.flaky)
        return task.files, run

    async def _heal_cause(self, task: Task, cause: Cause, run: SuiteRun, flaky: frozenset[str]) -> Healed:
        suite = task.suite or Suite()
        aside = tuple(sorted({*suite.aside, *flaky, *run.red} - set(cause.tests)))
        ended = await self._mendbox.fix(
            task.model_copy(
                update={
                    "suite": suite.model_copy(update={"aside": aside}),
                    "budget": self._budget(task.budget),
                    "goal": _goal(cause, task.goal),
                }
            ),
            author=self._plan.author,
            watch=self._watch,
            fresh=self._plan.fresh,
            # with other tests set aside, or in another company, these might end otherwise
            seen=None if aside or suite.parts else self._seen,
        )
        diff = diff_files(task.files, ended.files) if ended.outcome == "verified" else ""
        return Healed(cause=cause, run=ended, diff=diff)

    def _whole(self, task: Task, healed: Healed) -> Verdict | None:
        """The verdict on the fix, where no test was set aside for it: then it has seen the suite with the fix already, all
        of it green.
        """
        suite = healed.run.task.suite or Suite()
        before = task.suite or Suite()
        verdicts = (attempt.verdict for attempt in healed.run.attempts if attempt.draft.files == healed.run.files)
        return next((verdict for verdict in verdicts if verdict.verified), None) if suite == before else None

    async def _task(self, project: Project) -> Task:
        seconds = self._plan.budget.seconds
        environment = await environment_within(seconds, project.wanted, self._environments, self._tell)
        self._environment = environment
        commits = await asyncio.to_thread(history, project.root)
        limits = limits_for(project, self._mendbox.settings.limits)
        budget = self._plan.budget
        texts = {**project.tests, **project.files}
        patience = min(MOST_TEST_SECONDS, max(budget.test_seconds, FIRST_LOOK_SHARE * budget.seconds))
        return Task(
            language=project.language,
            files=project.files,
            tests=project.tests,
            data={**_base64({**own_metadata(texts), **generated(texts)}), **project.data},
            dependencies=project.declared,
            suite=with_environment(project.suite, environment),
            background=Background(history=tuple((commit.subject, commit.paths) for commit in commits)),
            budget=budget.model_copy(update={"test_seconds": patience}),
            limits=limits.model_copy(update={"environment": environment.reference}),
        )

    async def _split(self, task: Task, doing: str) -> Split:
        self._tell(f"running {doing}")
        # in one box, as whoever reads of it sees their own tests run
        suite = task.suite and task.suite.model_copy(update={"parts": ()})
        task = task.model_copy(update={"suite": suite})
        run = await self._mendbox.look(task, watch=self._watch, fresh=self._plan.fresh)
        self._seen = run.baseline
        if run.baseline is None:
            return Split(run=SuiteRun(), broken=run.summary, hint=run.next_step)
        found = split(task, run.baseline)
        self._watch(
            Noted(message=f"{doing}: {found.run.summary}{f', {len(found.flaky)} flaky' if found.flaky else ''}")
        )
        return found

    def _budget(self, budget: Budget) -> Budget:
        """What is left of everything, for the next cause."""
        used = self._usage
        return budget.model_copy(
            update={
                "seconds": max(1.0, budget.seconds - (time.monotonic() - self._began)),
                "tokens": None if budget.tokens is None else max(1, budget.tokens - used.tokens),
                "usd": None if budget.usd is None else max(1e-6, budget.usd - used.usd),
            }
        )

    def _left_over(self) -> bool:
        """Whether enough of the budget is left to begin something."""
        budget, used = self._plan.budget, self._usage
        return (
            budget.seconds - (time.monotonic() - self._began) > LEAST_SECONDS
            and (budget.tokens is None or used.tokens < budget.tokens)
            and (budget.usd is None or used.usd < budget.usd)
        )

    @property
    def _usage(self) -> Usage:
        return sum((healed.run.usage for healed in self._healed), Usage())

    def _tell(self, message: str) -> None:
        self._watch(Preparing(message=message))

    def _unresolved(self, project: Project, error: Unresolved) -> RepositoryResult:
        summary = f"Its dependencies cannot be had: {error.message}"
        first = Split(run=SuiteRun(findings=(unresolved_finding(project, error),), summary=summary))
        return self._ended(project, "no_fix", summary, next_step=what_to_do(error), first=first)

    def _ended(
        self,
        project: Project,
        outcome: RepositoryEnding,
        summary: str = "",
        *,
        next_step: str = "",
        first: Split | None = None,
        after: SuiteRun | None = None,
        files: Mapping[str, str] | None = None,
    ) -> RepositoryResult:
        """The result; *files* are all of the project's with what was mended, None where nothing was."""
        before, flaky = (first.run, first.flaky) if first else (SuiteRun(), ())
        files = project.files if files is None else files
        result = RepositoryResult(
            root=project.root,
            language=project.language,
            commit=project.commit,
            red=tuple(node for node in before.red if node not in flaky),
            flaky=flaky,
            before=before,
            after=after,
            healed=tuple(self._healed),
            files={path: text for path, text in files.items() if project.files.get(path) != text},
            removed=tuple(sorted(project.files.keys() - files.keys())),
            diff=diff_files(project.files, files),
            outcome=outcome,
            notes=project.notes,
            usage=self._usage,
            candidates=sum(healed.run.candidates for healed in self._healed),
        )
        said = conclusion(result)
        return result.model_copy(update={"summary": summary or said.summary, "next_step": next_step or said.next_step})


def _base64(files: Mapping[str, str]) -> dict[str, str]:
    return {path: base64.b64encode(text.encode()).decode() for path, text in files.items()}


def _told(error: SandboxError) -> str:
    return redact(f"{error.where}: {error.what}")


def _next(causes: Sequence[Cause], tried: set[tuple[str, ...]]) -> Cause | None:
    """The first cause that was not tried yet, or part of one that was tried in vain; at last all that are left as one,
    for they may be mended only together.
    """
    finer = (part for cause in causes for part in parts(cause))
    fresh = next((cause for cause in (*causes, *finer) if cause.tests not in tried), None)
    if fresh is not None or len(causes) < 2:
        return fresh
    whole = together(causes)
    return None if whole.tests in tried else whole


def _goal(cause: Cause, usual: str) -> str:
    return usual if not cause.name else f"{usual} What is red: {cause.name}"
