"""Which red tests are flaky rather than wrong: a few repeats of a session that was red through failing tests alone.

A test is flaky where it ended differently in two sessions of the same code in the same order, with whatever hash seeds.
One that only differs with the order is not: that is for the tests to mend.
"""

from __future__ import annotations

from engine.checks.base import Subject
from engine.checks.build import build
from engine.checks.laying import lay
from engine.checks.node_ids import file_of
from engine.checks.results import NOT_COUNTED
from engine.checks.tests import Tests
from engine.checks.ways import usual_way
from engine.domain import Report, Verdict
from engine.flaky import FAILED, SHARE
from engine.sharding import LARGE, seconds_of
from sandboxes.base import Box

CUT_SHORT = frozenset({"timeout", "memory", "processes", "disk", "no-report", "tampered", "hung"})
"""Findings after which nothing can be said of single tests."""
SEED = 1
"""A known hash seed, so that whoever looks into a flaky test can run it with the same one."""


class Flakiness:
    """Repeats red sessions, in the box that they were run in, emptied before every repeat."""

    def __init__(self, tests: Tests) -> None:
        self._tests = tests

    async def look(self, subject: Subject, box: Box, verdict: Verdict) -> Verdict:
        """*verdict* with its flaky tests named, where that can make a difference: for the input, and for a draft that
        nobody goes on from. What failed earlier than by a failing test costs nothing here.

        Raises:
            SandboxError: The machinery failed.
        """
        case = subject.case
        first = next((report for report in verdict.reports if report.check == self._tests.name), None)
        others = [report for report in verdict.reports if report is not first]
        if first is None or not _by_failing_tests_alone(first, of_project=case.task.suite is not None):
            return verdict
        if case.baseline is None:
            # The linter has its own findings on most inputs, and they say nothing of the tests.
            asked = not case.stand_in and all(r.status == "passed" for r in others if r.check != "lint")
        else:
            asked = case.only_judged and all(report.status == "passed" for report in others)
        if not asked:
            return verdict
        repeats = _Repeats(self._tests, subject, box, first)
        flaky = await repeats.flaky_in_input() if case.baseline is None else await repeats.flaky_in_draft()
        return verdict.model_copy(update={"flaky": tuple(sorted(flaky)), "seconds": verdict.seconds + repeats.seconds})


class _Repeats:
    """Repeats of one session within their share of time."""

    def __init__(self, tests: Tests, subject: Subject, box: Box, first: Report) -> None:
        self._tests = tests
        self._subject = subject
        self._box = box
        self._first = first
        self._share = SHARE * subject.case.task.budget.test_seconds
        self._paths = _files_to_repeat(subject, first)
        self.seconds = 0.0

    async def flaky_in_input(self) -> set[str]:
        """The same order first, in a fork, which is cheap; then the opposite one in a new interpreter."""
        flaky = differing(self._first, await self._repeat())
        if flaky and self._paths:
            # Without the other files before them they may end otherwise each time, which is for the tests to mend.
            self._paths = ()
            flaky &= differing(self._first, await self._repeat())
            return flaky
        if _failed(self._first) <= flaky:
            return flaky
        other_order = await self._repeat(reverse=True, seed=SEED)
        if differing(self._first, other_order) - flaky:
            # By the order, by the hash seed or by chance: the same order with that seed tells.
            flaky |= differing(self._first, await self._repeat(seed=SEED))
        return flaky

    async def flaky_in_draft(self) -> set[str]:
        return differing(self._first, await self._repeat(seed=SEED))

    async def _repeat(self, *, reverse: bool = False, seed: int | None = None) -> Report | None:
        """One more session, with a *seed* in an interpreter of its own; None where there is no time for it, or it ended
        otherwise than by its tests.
        """
        left = self._share - self.seconds
        if left <= 0 or (self._first.seconds > left and not self._paths):
            return None
        case = self._subject.case
        budget = case.task.budget.model_copy(update={"test_seconds": left})
        task = case.task.model_copy(update={"budget": budget})
        subject = self._subject.model_copy(update={"case": case.model_copy(update={"task": task})})
        way = usual_way(subject).model_copy(
            update={
                "lines": False,
                "contexts": False,
                "paths": self._paths,
                "reverse": reverse,
                "fresh_interpreter": seed is not None,
                "environment": {} if seed is None else {"PYTHONHASHSEED": str(seed)},
            }
        )
        await lay(self._box, subject)
        await build(subject, self._box)
        report = await self._tests.session(subject, self._box, way)
        self.seconds += report.seconds
        alone = report.status == "passed" or _by_failing_tests_alone(report, of_project=case.task.suite is not None)
        return report if alone else None


def _files_to_repeat(subject: Subject, first: Report) -> tuple[str, ...]:
    """Of a large suite those that hold a red test, as green ones are not in question; else all, for which empty stands."""
    if subject.case.task.suite is None or seconds_of(first.tests) < LARGE:
        return ()
    return tuple(sorted({file_of(node) for node in _failed(first)}))


def differing(one: Report | None, other: Report | None) -> set[str]:
    """Node ids of tests that passed in one of the two sessions and failed in the other; none where one is missing."""
    if one is None or other is None:
        return set()
    passed, passed_too = _passed(one), _passed(other)
    return {node for node in passed.keys() & passed_too.keys() if passed[node] != passed_too[node]}


def _by_failing_tests_alone(report: Report, *, of_project: bool) -> bool:
    """Whether every test ran to an end of its own, and nothing but failing tests was found; of a project also files that
    cannot be collected, as its other tests are in question all the same.
    """
    failed = sum(test.ended in FAILED for test in report.tests)
    if of_project:
        return failed > 0 and not any(finding.rule in CUT_SHORT for finding in report.findings)
    ended = all(test.ended == "passed" or test.ended in FAILED | NOT_COUNTED for test in report.tests)
    return ended and failed > 0 and len(report.findings) == failed


def _passed(report: Report) -> dict[str, bool]:
    return {test.node_id: test.ended == "passed" for test in report.tests if test.ended in {"passed", *FAILED}}


def _failed(report: Report) -> set[str]:
    return {test.node_id for test in report.tests if test.ended in FAILED}
