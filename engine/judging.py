"""The judge: one draft in one box that nobody has used, all checks, and what they prove."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Protocol

from agents.base import Draft, Suite
from engine import proofs
from engine.case import Case
from engine.checks import build, overfit, shape
from engine.checks.base import Asked, Check, Subject
from engine.checks.collecting import changed_examples
from engine.checks.laying import lay
from engine.checks.listing import CHECKS
from engine.checks.node_ids import file_of, is_named_as_tests
from engine.checks.results import NOT_COUNTED
from engine.checks.survey import Syntax
from engine.checks.tests import Sitting, Tests
from engine.checks.verdict import verdict_of
from engine.checks.ways import Way, usual_way
from engine.domain import Finding, Proof, Report, Verdict, hash_files
from engine.flakiness import Flakiness
from engine.isolation import Isolation
from engine.logs import get_log
from engine.sharding import Stand, parts_of
from engine.surroundings import Surroundings
from sandboxes.base import Box, Command, Limits, Sandbox
from sandboxes.errors import BoxFull

log = get_log(__name__)

JUDGE_OUTPUT_KIB = 8_192
NODE_MIB = 1_024
NODE_SECONDS = 600.0
SUITE_REPORT_KIB = 65_536


class Judge(Protocol):
    """Whoever says what a draft is worth."""

    async def judge(self, files: Mapping[str, str], case: Case, *, run_id: str) -> Verdict:
        """The verdict on *files*.

        Raises:
            SandboxError: The machinery failed; nothing was learnt about the code.
        """


class BoxJudge:
    """Judges in disposable boxes, a new one for every verdict."""

    def __init__(
        self,
        sandbox: Sandbox,
        *,
        checks: Sequence[Check] = CHECKS,
        surroundings: Surroundings | None = None,
    ) -> None:
        self._sandbox = sandbox
        self._surroundings = surroundings
        self._checks = checks
        self._syntax = Syntax()
        self._tests = Tests()
        self._isolation = Isolation(self._tests)
        self._flakiness = Flakiness(self._tests)

    async def judge(self, files: Mapping[str, str], case: Case, *, run_id: str) -> Verdict:
        """The verdict on *files*; on the input itself where *case* has no baseline yet, and then without proofs."""
        if case.task.language != "python":
            from engine.checks.javascript.judging import JavaScriptJudge  # noqa: PLC0415 (Python needs none of it)

            return await JavaScriptJudge(self._box).judge(files, case, run_id=run_id)
        started = time.monotonic()
        looks = shape.examine(dict(files), case)
        here, said = await self._place(files, case) if looks.status == "passed" else (case, ())
        if any(report.status != "passed" for report in (looks, *said)):
            skipped = self._skipped(("syntax", *(check.name for check in self._checks)))
            return verdict_of(files, (looks, *said, *skipped), started)
        subject = Subject(files=files, case=here)
        async with AsyncExitStack() as opened:
            box = await opened.enter_async_context(self._box(here, run_id))
            parts = parts_of(subject)
            more = [await opened.enter_async_context(self._box(here, run_id)) for _ in parts[1:]]
            stand = Stand(self._tests, (box, *more), parts)
            try:
                subject, reports = await self._look(subject, box, stand)
            except BoxFull as error:
                full = Report(check="shape", status="broken", summary=f"the files do not fit the box: {error.what}")
                return verdict_of(files, (looks.model_copy(update={"status": "passed"}), full), started, box)
            reports = (looks, *said, *reports, *self._missing(reports, subject))
            verdict = verdict_of(files, reports, started, box)
            if not verdict.green:
                return await self._flakiness.look(subject, box, verdict)
            if case.baseline is None:
                return verdict
            verdict = await self._prove(subject, box, stand, verdict, run_id)
        if not case.green_before:
            verdict = await self._sure_of_red(case, verdict, run_id)
        return verdict.model_copy(update={"seconds": time.monotonic() - started})

    async def _sure_of_red(self, case: Case, verdict: Verdict, run_id: str) -> Verdict:
        """The same with the proof that something was red, looked for again where that could not be told."""
        red = _named(verdict.proofs, "red before")
        if case.baseline is None or not (proofs.undecided(case.baseline, red) and verdict.green):
            return verdict
        again = await self._look_again(case, verdict, run_id)
        return verdict.model_copy(
            update={"proofs": tuple(again if proof is red else proof for proof in verdict.proofs)}
        )

    async def _place(self, files: Mapping[str, str], case: Case) -> tuple[Case, tuple[Report, ...]]:
        """The case in the surroundings that *files* say they need, and what is to be said of these."""
        if self._surroundings is None or case.task.dependencies is None:
            return case, ()
        surrounded = await self._surroundings.of(files, case)
        limits = case.task.limits.model_copy(update={"environment": surrounded.environment})
        task = case.task.model_copy(update={"limits": limits, "suite": surrounded.suite})
        said = (surrounded.report,) if surrounded.report else ()
        return case.model_copy(update={"task": task}), said

    def _missing(self, reports: tuple[Report, ...], subject: Subject) -> tuple[Report, ...]:
        if self._surroundings is None or subject.case.task.dependencies is None:
            return ()
        report = self._surroundings.missing(reports, subject.files, subject.case)
        return (report,) if report else ()

    async def _look(self, subject: Subject, box: Box, stand: Stand) -> tuple[Subject, tuple[Report, ...]]:
        """The survey and all checks, side by side in one exchange: the submitted code runs when the rest is through."""
        surveying = self._syntax.ask(subject)
        asked = [check.ask(subject) for check in self._checks]
        layers = [each.files for each in asked if isinstance(each, Asked) and each.files is not None]
        await lay(box, subject, *layers)
        if not all(is_named_as_tests(path) for path in subject.case.test_paths):
            # which of the other files hold tests is only known from their text
            subject, _ = self._syntax.read(subject, await box.run(surveying))
            asked = [check.ask(subject) for check in self._checks]
        commands = [each.command for each in asked if isinstance(each, Asked)]
        if stand.count > 1:
            return await self._look_parted(subject, box, stand, surveying, asked)
        if build.command_for(subject.case.task) is not None:
            return await self._look_and_build(subject, box, surveying, asked)
        surveyed, *outcomes = await box.run_beside(surveying, *commands)
        subject, syntax = self._syntax.read(subject, surveyed)
        if syntax.status == "failed" and subject.case.baseline is not None:
            return subject, (syntax, *self._skipped(check.name for check in self._checks))
        reports = []
        for check, each in zip(self._checks, asked, strict=True):
            report = check.read(subject, each, outcomes.pop(0)) if isinstance(each, Asked) else each
            log.info("checked", check=report.check, status=report.status, summary=report.summary)
            reports.append(report)
        return subject, (syntax, *reports)

    async def _look_and_build(
        self, subject: Subject, box: Box, surveying: Command, asked: Sequence[Asked | Report]
    ) -> tuple[Subject, tuple[Report, ...]]:
        """The same, where something is built between what only reads and what runs the code."""
        early = [each.command for each in asked if isinstance(each, Asked) and not each.command.held]
        surveyed, *outcomes = await box.run_beside(surveying, *early)
        subject, syntax = self._syntax.read(subject, surveyed)
        if syntax.status == "failed" and subject.case.baseline is not None:
            return subject, (syntax, *self._skipped((build.NAME, *(check.name for check in self._checks))))
        built = await build.build(subject, box)
        reports = [syntax, *([built] if built else [])]
        for check, each in zip(self._checks, asked, strict=True):
            if isinstance(each, Report):
                reports.append(each)
            elif not each.command.held:
                reports.append(check.read(subject, each, outcomes.pop(0)))
            elif built is not None and built.status == "failed":
                reports += self._skipped((check.name,))
            else:
                reports.append(
                    check.read(subject, each, await box.run(each.command.model_copy(update={"held": False})))
                )
        return subject, tuple(reports)

    async def _look_parted(
        self, subject: Subject, box: Box, stand: Stand, surveying: Command, asked: Sequence[Asked | Report]
    ) -> tuple[Subject, tuple[Report, ...]]:
        """The same, where the tests are parted over several boxes, and built for in each."""
        early = [each.command for each in asked if isinstance(each, Asked) and not each.command.held]
        surveyed, *outcomes = await box.run_beside(surveying, *early)
        subject, syntax = self._syntax.read(subject, surveyed)
        if syntax.status == "failed" and subject.case.baseline is not None:
            return subject, (syntax, *self._skipped(check.name for check in self._checks))
        reports = [syntax]
        for check, each in zip(self._checks, asked, strict=True):
            if isinstance(each, Report):
                reports.append(each)
            elif each.command.held:
                sitting = await self._sit_ahead(subject, stand) or await stand.sit(subject, usual_way(subject))
                log.info("checked", check=check.name, status=sitting.report.status, boxes=stand.count)
                failed = sitting.report.check == build.NAME
                reports += [sitting.report, *(self._skipped((check.name,)) if failed else ())]
            else:
                reports.append(check.read(subject, each, outcomes.pop(0)))
        return subject, tuple(reports)

    async def _sit_ahead(self, subject: Subject, stand: Stand) -> Sitting | None:
        """The files alone whose tests were red on the input, where a test of them still is: of a draft that is red anyway
        nothing else need be known, and a large suite takes its time. None where they pass, which shows nothing yet.
        """
        case = subject.case
        if case.baseline is None or case.only_judged:
            return None
        red = {
            file_of(node) for node, test in case.ended_before().items() if test.ended not in {"passed", *NOT_COUNTED}
        }
        others = {file_of(node) for node in case.ended_before()} - red
        if not red or len(red) > len(others):
            return None
        sitting = await stand.sit(subject, usual_way(subject).model_copy(update={"paths": tuple(sorted(red))}))
        report = sitting.report
        if report.status != "failed":
            return None
        summary = f"{report.summary} in the files that were red; the others were not run"
        return sitting.model_copy(update={"report": report.model_copy(update={"summary": summary[:300]})})

    async def _prove(self, subject: Subject, box: Box, stand: Stand, verdict: Verdict, run_id: str) -> Verdict:
        """What a green verdict shows; the sessions that cost something only where all else holds."""
        baseline = subject.case.baseline
        assert baseline is not None  # noqa: S101 (judge() proves nothing of the input itself)
        tests, lint = _report(verdict, "tests"), _report(verdict, "lint")
        shown = [
            proofs.tests_passed(tests),
            proofs.green_before(tests, baseline)
            if subject.case.green_before
            else proofs.red_before(subject.case, tests, baseline),
            proofs.tests_untouched(tests, subject.case.tests, *changed_examples(subject.case, subject.files)),
            proofs.changed_lines_ran(subject, tests),
            proofs.no_new_finding(lint),
            # In this thread, as all reading of sources: Python 3.11 may fail where two make syntax trees at a time.
            overfit.proof(subject.case, subject.files),
        ]
        if not (all(proof.held for proof in shown) or proofs.undecided(baseline, shown[1])):
            return verdict.model_copy(update={"proofs": tuple(shown)})
        case = subject.case
        isolated = await self._isolation.examine(
            subject, box, tests, another=lambda: self._box(case, run_id), stand=stand
        )
        log.info("isolated", tier=isolated.tier, status=isolated.report.status, summary=isolated.report.summary)
        return verdict.model_copy(
            update={
                "reports": (*verdict.reports, isolated.report),
                "proofs": (*shown, *isolated.proofs),
                "tier": isolated.tier,
                "not_shown": (*isolated.not_shown, *_unseen(subject), *set_aside(case.task.suite)),
            }
        )

    async def _look_again(self, case: Case, verdict: Verdict, run_id: str) -> Proof:
        """Run the input once more, with all the time a draft gets, because its tests were only stopped early."""
        subject = Subject(files=case.before, case=case)
        async with self._box(case, run_id) as box:
            await lay(box, subject)
            subject, _ = await self._syntax.survey(subject, box)
            await build.build(subject, box)
            way = Way(hang_seconds=case.task.budget.test_seconds / 2)
            report = await self._tests.session(subject, box, way)
        patient = Verdict(files_sha256=hash_files(case.before), reports=(report,))
        red = {test.node_id for test in report.tests if test.ended in {"failed", "error", "hung"}}
        held = any(test.ended == "passed" and test.node_id in red for test in _report(verdict, "tests").tests)
        seen = proofs.red_before(case, _report(verdict, "tests"), patient)
        return seen.model_copy(update={"held": held or seen.held, "detail": f"{seen.detail} (looked at twice)"})

    def _box(self, case: Case, run_id: str) -> AbstractAsyncContextManager[Box]:
        limits: Limits = case.task.limits
        python = case.task.language == "python"
        if not python:
            # What compiles, and what runs tests in a document, wants more than a box for Python has.
            more = {"memory_mib": NODE_MIB, "cpus": 2.0, "processes": 256, "open_files": 1_024}
            limits = limits.model_copy(update={name: max(getattr(limits, name), least) for name, least in more.items()})
        return self._sandbox.open(
            run_id=run_id,
            limits=limits.model_copy(
                update={
                    "output_kib": max(limits.output_kib, JUDGE_OUTPUT_KIB),
                    "report_kib": limits.report_kib if case.task.suite is None else SUITE_REPORT_KIB,
                    "seconds": min(86_400.0, 4 * case.task.budget.test_seconds + (120 if python else NODE_SECONDS)),
                }
            ),
        )

    def _skipped(self, names: Iterable[str]) -> tuple[Report, ...]:
        return tuple(Report(check=name, status="skipped", summary="an earlier check failed") for name in names)


def _unseen(subject: Subject) -> tuple[str, ...]:
    changed = proofs.not_python(subject)
    return (
        (f"Whether the tests use what was changed in {proofs.some(changed)}, which is no Python.",) if changed else ()
    )


def set_aside(suite: Suite | None) -> tuple[str, ...]:
    """What is to be said of tests that were not run at all."""
    if suite is None or not suite.aside:
        return ()
    what = "test or test file was" if len(suite.aside) == 1 else "tests or test files were"
    return (
        f"{len(suite.aside)} {what} set aside and not run, as red for another reason or flaky: {proofs.some(suite.aside)}.",
    )


def unusable(draft: Draft) -> Verdict:
    """The verdict on a reply that held no draft: red, and no box was needed."""
    finding = Finding(check="shape", rule="unusable", message=draft.unusable[:900])
    report = Report(check="shape", status="failed", summary="the reply could not be used", findings=(finding,))
    return Verdict(files_sha256=hash_files(draft.files), reports=(report,))


def _report(verdict: Verdict, check: str) -> Report:
    return next(report for report in verdict.reports if report.check == check)


def _named(shown: Sequence[Proof], name: str) -> Proof:
    return next(proof for proof in shown if proof.name == name)
