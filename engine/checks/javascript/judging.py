"""The judge of JavaScript: one draft in one box that nobody has used, all checks, and what they prove."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager

from engine import proofs
from engine.case import Case
from engine.checks import build
from engine.checks.base import Subject
from engine.checks.javascript import lint, shape, survey, tests, typecheck
from engine.checks.javascript.asking import Way
from engine.checks.javascript.programs import programs
from engine.checks.javascript.survey import Surveyed
from engine.checks.javascript.tests import Sitting
from engine.checks.javascript.watching import Watching, looks, no_table, not_shown
from engine.checks.verdict import verdict_of
from engine.domain import Proof, Report, Verdict
from engine.flakiness import differing
from engine.flaky import FAILED
from engine.inputs.text import decode_data, encode_files
from engine.logs import get_log
from sandboxes.base import Box, Layer
from sandboxes.errors import BoxFull, CommandMissing

log = get_log(__name__)

NewBox = Callable[[Case, str], AbstractAsyncContextManager[Box]]
"""Opens a box that nobody has used, for a case and a run's id."""


class JavaScriptJudge:
    """Judges with node:test and vitest, whose tests share a process with the code under test."""

    def __init__(self, new_box: NewBox) -> None:
        self._new_box = new_box

    async def judge(self, files: Mapping[str, str], case: Case, *, run_id: str) -> Verdict:
        """The verdict on *files*; on the input itself where *case* has no baseline yet, and then without proofs.

        Raises:
            SandboxError: The machinery failed; `CommandMissing` where the box's image has no Node.js.
        """
        started = time.monotonic()
        shaped = shape.examine(dict(files), case)
        if shaped.status != "passed":
            skipped = (
                Report(check=name, status="skipped", summary="an earlier check failed") for name in ("syntax", "tests")
            )
            return verdict_of(files, (shaped, *skipped), started)
        async with self._new_box(case, run_id) as box:
            try:
                verdict = await self._judge(Subject(files=files, case=case), box, shaped, started)
            except BoxFull as error:
                full = Report(check="shape", status="broken", summary=f"the files do not fit the box: {error.what}")
                verdict = verdict_of(files, (shaped, full), started, box)
            except CommandMissing as error:
                hint = "have its environment made from its package.json, as mendbox fix . does"
                raise CommandMissing("node", "the image of the box has no Node.js", hint=hint) from error
        return verdict.model_copy(update={"seconds": time.monotonic() - started})

    async def _judge(self, subject: Subject, box: Box, shaped: Report, started: float) -> Verdict:
        case = subject.case
        await lay(box, subject)
        surveyed, looked = await _look(subject, box)
        subject = subject.model_copy(update={"executable": surveyed.executable})
        reports = [shaped, surveyed.report, *looked]
        if surveyed.report.status == "failed" and case.baseline is not None:
            reports = [
                shaped,
                surveyed.report,
                Report(check="tests", status="skipped", summary="an earlier check failed"),
            ]
            return verdict_of(subject.files, tuple(reports), started, box)
        built = await build.build(subject, box)
        reports += [built] if built else []
        if built is not None and built.status == "failed":
            reports.append(Report(check="tests", status="skipped", summary="an earlier check failed"))
            return verdict_of(subject.files, tuple(reports), started, box)
        sitting = await tests.sit(subject, surveyed, box, Way(lines=True))
        log.info("checked", check="tests", status=sitting.report.status, summary=sitting.report.summary)
        verdict = verdict_of(subject.files, (*reports, sitting.report), started, box)
        if not verdict.green:
            return await self._look_for_flaky(subject, surveyed, box, verdict)
        return verdict if case.baseline is None else await self._prove(subject, surveyed, box, verdict, sitting)

    async def _prove(
        self, subject: Subject, surveyed: Surveyed, box: Box, verdict: Verdict, sitting: Sitting
    ) -> Verdict:
        case, report = subject.case, sitting.report
        baseline = case.baseline
        assert baseline is not None  # noqa: S101 (nothing is proven of the input itself)
        shown = [
            proofs.tests_passed(report),
            proofs.green_before(report, baseline) if case.green_before else _red_before(case, report, baseline),
            proofs.tests_untouched(report, case.tests),
            _changed_lines_ran(subject, report),
            *(proofs.no_new_finding(one) for one in verdict.reports if one.check == lint.NAME),
            *(
                _types_hold(one)
                for one in verdict.reports
                if one.check == typecheck.NAME and "no Type" not in one.summary
            ),
            looks(surveyed),
            no_table(surveyed),
        ]
        beside = not_shown(subject, linted=any(one.check == lint.NAME for one in verdict.reports))
        if not all(proof.held for proof in shown):
            return verdict.model_copy(update={"proofs": tuple(shown), "not_shown": beside})
        watched = await Watching(lay).examine(subject, surveyed, box, sitting)
        log.info("watched", status=watched.report.status, summary=watched.report.summary)
        return verdict.model_copy(
            update={
                "reports": (*verdict.reports, watched.report),
                "proofs": (*shown, *watched.proofs),
                "not_shown": (*watched.without, *beside),
            }
        )

    async def _look_for_flaky(self, subject: Subject, surveyed: Surveyed, box: Box, verdict: Verdict) -> Verdict:
        """*verdict* with the tests named that end otherwise when the same code is run again."""
        case, first = subject.case, verdict.reports[-1]
        failed = {test.node_id for test in first.tests if test.ended in FAILED}
        if not failed or case.stand_in or (case.baseline is not None and not case.only_judged):
            return verdict
        if any(test.ended in {"hung", "missing"} for test in first.tests):
            return verdict
        await lay(box, subject)
        await build.build(subject, box)
        again = await tests.sit(subject, surveyed, box)
        return verdict.model_copy(update={"flaky": tuple(sorted(differing(first, again.report)))})


async def _look(subject: Subject, box: Box) -> tuple[Surveyed, tuple[Report, ...]]:
    """What the files say of themselves, and what the compiler and the linter do, side by side: no submitted code runs."""
    asked = survey.ask(subject)
    if subject.case.stand_in and subject.case.baseline is None:
        # Of empty modules there is nothing to be said.
        return survey.read(asked, await box.run(asked.command)), ()
    linting, typing = lint.ask(subject), typecheck.ask(subject)
    commands = [asked.command, linting.command, *([] if isinstance(typing, Report) else [typing.command])]
    outcomes = await box.run_beside(*commands)
    surveyed = survey.read(asked, outcomes[0])
    linted = lint.read(subject, linting, outcomes[1])
    typed = typing if isinstance(typing, Report) else typecheck.read(subject, typing, outcomes[2])
    said = (typed, *([linted] if linted else []))
    if subject.case.task.language == "javascript" and isinstance(typing, Report):
        said = said[1:]
    for report in said:
        log.info("checked", check=report.check, status=report.status, summary=report.summary)
    return surveyed, said


def _red_before(case: Case, report: Report, baseline: Verdict) -> Proof:
    """As for Python; errors of types that the code had are red as well."""
    shown = proofs.red_before(case, report, baseline)
    errors = [finding for one in baseline.reports if one.check == typecheck.NAME for finding in one.findings]
    if shown.held or not errors or case.stand_in:
        return shown
    count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
    return shown.model_copy(update={"held": True, "detail": f"{count} of types on the code as handed in"})


def _types_hold(report: Report) -> Proof:
    return Proof(name="types hold", held=report.status == "passed", detail=report.summary)


async def lay(box: Box, subject: Subject) -> None:
    """Empty *box* and write the draft, its frozen tests and our own programs there."""
    frozen = encode_files(subject.case.tests) | decode_data(subject.case.task.data)
    files = {path: text for path, text in subject.files.items() if path not in frozen}
    await box.lay(Layer(files=encode_files(files)), Layer(files=frozen, locked=True), programs())


def _changed_lines_ran(subject: Subject, report: Report) -> Proof:
    """As for Python, of the files that are JavaScript: of new code, which has parts that only start it, some has to run."""
    if subject.case.stand_in:
        some = [path for path in subject.executable if report.executed.get(path)]
        told = f"lines of {len(some)} of {len(subject.executable)} files ran"
        return Proof(name="changed lines ran", held=bool(some), detail=told)
    before = subject.case.before
    silent, ran, total = [], 0, 0
    for path, executable in sorted(subject.executable.items()):
        executed = set(report.executed.get(path, ()))
        for region in proofs.changed_regions(before.get(path, ""), subject.files[path]):
            lines = set(executable).intersection(region)
            total += len(lines)
            ran += len(lines & executed)
            if lines and not lines & executed:
                silent.append(f"{path}:{min(lines)}")
    detail = f"{ran} of {total} changed executable lines ran"
    if silent:
        detail += f"; none ran at {', '.join(silent[:5])}"
    return Proof(name="changed lines ran", held=not silent, detail=detail)
