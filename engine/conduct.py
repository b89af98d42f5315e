"""One run from its task to its end: prepare the case, heal, and turn whatever stopped it into an outcome."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import TYPE_CHECKING

from agents.base import Author, Draft, Searching
from agents.errors import NothingToOffer, ProviderUnavailable, Refused
from engine.case import CALLER, Case, stand_ins
from engine.clock import RunClock
from engine.conclusion import account, conclude, credit, end, give_up, looked_at, receipt, run_out
from engine.conflicts.finding import find_conflict
from engine.domain import Attempt, Run, Task, Value, Verdict, hash_files
from engine.events import InputJudged, Watcher
from engine.flaky import named, not_counted, only_flaky
from engine.healing import Record, heal
from engine.memory import NoMemory, Remembering
from engine.redaction import redact
from engine.reproduction import Replay, replay, reproduces
from sandboxes.base import Sandbox
from sandboxes.errors import SandboxError

if TYPE_CHECKING:
    from engine.judging import Judge


Settle = Callable[[Task], Awaitable[Task]]


class Ended(Exception):
    """The run is over before an author is asked; `run` says how."""

    def __init__(self, run: Run) -> None:
        super().__init__(run.summary)
        self.run = run


class _Found(Value):
    replay: Replay | None


class Conductor:
    """Takes a run from its beginning to its end, with the collaborators it is given; *clock* is the run's own.

    *settle* gives a task what its language needs, before anything is judged.
    """

    def __init__(
        self,
        *,
        sandbox: Sandbox,
        judge: Judge,
        record: Record,
        watch: Watcher,
        clock: RunClock | None = None,
        memory: Remembering | None = None,
        settle: Settle | None = None,
    ) -> None:
        self._sandbox = sandbox
        self._judge = judge
        self._record = record
        self._watch = watch
        self._clock = clock or RunClock()
        self._memory = memory or NoMemory()
        self._settle = settle

    async def fix(self, run: Run, author: Author, *, seen: Verdict | None = None) -> Run:
        """Heal the run's task within its seconds; *seen* is its baseline, where the same was judged just now."""
        attempts = list[Attempt]()
        case = Case(task=run.task, before=run.task.files, tests=run.task.tests)
        try:
            async with self._clock.at_most(run.task.budget.seconds):
                await _refuse_impossible(run, run.task.files)
                run = await self._settled(run)
                run, case = await self._prepare(run, seen)
                await heal(
                    case,
                    attempts,
                    run_id=run.id,
                    author=author,
                    judge=self._judge,
                    record=self._record,
                    watch=self._watch,
                    clock=self._clock,
                    recalled=self._memory.recall(case),
                )
            ended = conclude(run, case, attempts)
            self._memory.learn(ended)
        except Ended as early:
            ended = early.run
        except TimeoutError:
            ended = run_out(run, case, attempts, author.so_far() if isinstance(author, Searching) else None)
        except NothingToOffer as error:
            ended = give_up(run, case, attempts, error)
        except Refused as error:
            ended = end(account(run, attempts), "no_fix", redact(str(error)), reason="refused")
            ended = credit(ended, error)
        except ProviderUnavailable as error:
            ended = end(
                account(run, attempts), "environment", redact(f"{error.author}: {error.what}"), next_=error.hint
            )
            ended = credit(ended, error)
        except SandboxError as error:
            ended = _machinery(account(run, attempts), error)
        return ended.model_copy(update={"seconds": self._clock.seconds})

    async def look(self, run: Run) -> Run:
        """Judge the run's task as it stands, and prove nothing: `Run.baseline` is what came of it."""
        try:
            run = await self._settled(run)
            case = Case(task=run.task, before=run.task.files, tests=run.task.tests)
            run = run.model_copy(update={"baseline": await self._baseline(run, case)})
            ended = looked_at(run)
        except SandboxError as error:
            ended = _machinery(run, error)
        return ended.model_copy(update={"seconds": self._clock.seconds})

    async def check(self, run: Run, files: Mapping[str, str], before: Mapping[str, str] | None) -> Run:
        """Judge *files* only, against *before* or against empty stand-ins."""
        try:
            await _refuse_impossible(run, files)
            run = await self._settled(run)
            case = Case(
                task=run.task,
                before=stand_ins(files) if before is None else before,
                tests=run.task.tests,
                stand_in=before is None,
                only_judged=True,
            )
            case = case.model_copy(update={"baseline": await self._baseline(run, case)})
            _refuse_unjudgeable(run, case)
            begun = time.monotonic()
            verdict = await self._judge.judge(files, case, run_id=run.id)
            draft = Draft(files=files, author=CALLER, note="judged as handed in")
            # Not the verdict's own seconds, which an earlier run may have taken.
            seconds = time.monotonic() - begun
            ended = _judged(run, case, Attempt(number=1, draft=draft, verdict=verdict, seconds=seconds))
        except Ended as early:
            ended = early.run
        except SandboxError as error:
            ended = _machinery(run, error)
        return ended.model_copy(update={"seconds": self._clock.seconds})

    async def _settled(self, run: Run) -> Run:
        if self._settle is None:
            return run
        return run.model_copy(update={"task": await self._settle(run.task)})

    async def _prepare(self, run: Run, seen: Verdict | None) -> tuple[Run, Case]:
        """The case of *run* with its baseline, which is red."""
        task = run.task
        case = Case(task=task, before=task.files, tests=task.tests)
        if task.tests:
            case = case.model_copy(update={"baseline": await self._baseline(run, case, seen)})
            run = run.model_copy(update={"baseline": case.baseline})
            _refuse_unjudgeable(run, case)
            _refuse_flaky(run, case)
            if case.baseline is None or not case.baseline.green:
                return run, case
            if not task.error:
                count = len(case.baseline.tests)
                green = "The only test is green" if count == 1 else f"All {count} tests are green"
                summary = f"{green} as it stands: nothing shows that anything is wrong."
                raise Ended(
                    end(run, "unverified", summary, next_="Give a test that fails, or the error that was seen.")
                )
        return await self._prepare_replay(run, case)

    async def _prepare_replay(self, run: Run, case: Case) -> tuple[Run, Case]:
        task = run.task

        async def find() -> _Found:
            return _Found(replay=await replay(task, self._sandbox, run_id=run.id))

        found = (await self._record.step(run.id, "replay", case.key, find, _Found)).replay
        if found is None:
            summary = "No test was given, and it is not clear which of the files to run."
            raise Ended(end(run, "unverified", summary, next_="Give tests, or the traceback that was seen."))
        case = Case(
            task=task, before=task.files, tests={**task.tests, found.path: found.text}, tests_from="reproduction"
        )
        case = case.model_copy(update={"baseline": await self._baseline(run, case)})
        run = run.model_copy(update={"baseline": case.baseline})
        seen, what = reproduces(case.baseline, task.error) if case.baseline else (False, "")
        if not seen:
            summary = f"What was reported could not be reproduced by running {found.program}: {what}."
            raise Ended(end(run, "unverified", summary, next_="Give a pytest file that shows what is wrong."))
        _refuse_flaky(run, case)
        return run, case

    async def _baseline(self, run: Run, case: Case, seen: Verdict | None = None) -> Verdict:
        key = f"{case.key}|{hash_files(case.before)}"

        async def judge() -> Verdict:
            if seen is not None and seen.files_sha256 == hash_files(case.before):
                return seen
            return await self._judge.judge(case.before, case, run_id=run.id)

        baseline = await self._record.step(run.id, "verdict", key, judge, Verdict)
        self._watch(InputJudged(verdict=baseline))
        return baseline


async def _refuse_impossible(run: Run, files: Collection[str]) -> None:
    """End the run where the text of its tests and its goal shows already that no code can pass."""
    task = run.task
    # In this thread, as all reading of sources: Python 3.11 may fail where two make syntax trees at a time.
    of_project = task.suite is not None or task.dependencies is not None
    conflict = find_conflict(goal=task.goal, tests=task.tests, code=files, plugins=of_project)
    if conflict is not None:
        raise Ended(end(run, "no_fix", conflict.summary, reason="conflict", next_=conflict.next_step))


def _refuse_unjudgeable(run: Run, case: Case) -> None:
    """End the run where no draft could ever be judged by these tests."""
    baseline = case.baseline
    if baseline is None:
        return
    broken = next((report for report in baseline.reports if report.status == "broken"), None)
    if broken is not None:
        raise Ended(end(run, "environment", f"{broken.check}: {broken.summary}"))
    for finding in baseline.findings:
        if finding.check == "shape":
            raise Ended(end(run, "no_fix", f"{finding.path or 'the input'}: {finding.message}", reason="conflict"))
        if finding.check == "syntax" and finding.path in case.tests:
            summary = f"The tests do not parse: {finding.path}, line {finding.line}: {finding.message}."
            raise Ended(end(run, "no_fix", summary, reason="conflict"))
        if finding.rule == "no-tests" and not any(test.ended == "passed" for test in baseline.tests):
            raise Ended(end(run, "no_fix", f"Nothing can be shown: {finding.message}.", reason="conflict"))


def _refuse_flaky(run: Run, case: Case) -> None:
    """End the run where nothing that is red stays red: a draft could be called right, or wrong, by chance."""
    baseline = case.baseline
    if baseline is not None and only_flaky(baseline):
        summary = (
            f"Every red test is flaky: {named(baseline.flaky)} ended otherwise when the same code was run again in the "
            "same order, with another hash seed."
        )
        raise Ended(end(run, "no_fix", summary, reason="flaky"))


def _judged(run: Run, case: Case, attempt: Attempt) -> Run:
    """The end of a run in which nothing was to be mended."""
    verdict = attempt.verdict
    run = run.model_copy(update={"attempts": (attempt,), "files": dict(attempt.draft.files), "baseline": case.baseline})
    if verdict.green:
        run = run.model_copy(update={"receipt": receipt(case, attempt.draft.files, verdict)})
        missing = "; ".join(f"{proof.name}: {proof.detail}" for proof in verdict.proofs if not proof.held)
        if not missing:
            return end(
                run,
                "verified",
                f"{'; '.join(proof.detail for proof in verdict.proofs[:2])}. {not_counted(case.baseline)}".strip(),
                next_="There is nothing to do.",
            )
        if any(proof.name == "repeat agrees" and not proof.held for proof in verdict.proofs):
            return end(run, "no_fix", missing, reason="flaky")
        summary = f"All checks are green, but a proof is missing. {missing} {not_counted(case.baseline)}"
        return end(run, "unverified", summary.strip())
    broken = next((report for report in verdict.reports if report.status == "broken"), None)
    if broken is not None:
        return end(run, "environment", f"{broken.check}: {broken.summary}")
    if only_flaky(verdict):
        summary = f"Red once and green when it was run again, in the same order, with another hash seed: {named(verdict.flaky)}."
        return end(run, "no_fix", summary, reason="flaky")
    tampered = any(finding.rule == "tampered" for finding in verdict.findings)
    blocking = next(report for report in verdict.reports if report.status == "failed")
    first = blocking.findings[0].message if blocking.findings else ""
    return end(
        run, "no_fix", f"{blocking.check}: {blocking.summary}. {first}", reason="tampered" if tampered else "red"
    )


def _machinery(run: Run, error: SandboxError) -> Run:
    return end(run, "environment", redact(f"{error.where}: {error.what}"), next_=error.hint)
