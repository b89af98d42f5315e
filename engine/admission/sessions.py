"""The sessions by which generated tests are tried: all in one box, emptied between them, so that nothing is left over."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from engine.case import Case, Names
from engine.checks.base import Subject
from engine.checks.laying import lay
from engine.checks.node_ids import function_of
from engine.checks.results import NOT_COUNTED
from engine.checks.survey import Syntax
from engine.checks.tests import Tests
from engine.checks.ways import Way
from engine.domain import Finding, Report, Task, TestResult, Value
from engine.proofs import CLEARLY_FASTER
from sandboxes.base import Box

SPOILT = frozenset({"tampered", "timeout", "memory", "processes", "disk", "no-report"})
"""Findings after which nothing that a session says of a single test can be relied on."""
_CRASHES = frozenset({"TypeError", "AttributeError", "NameError", "UnboundLocalError", "ImportError", "RecursionError"})


class Session(Value):
    """How each test function ended in one session."""

    report: Report
    tests: frozenset[str]
    """``path::Class::function`` of all that were asked for."""

    @property
    def spoilt(self) -> str:
        """What went wrong with the session itself; empty where nothing did."""
        return next((finding.message for finding in self.report.findings if finding.rule in SPOILT), "")

    @property
    def functions(self) -> Mapping[str, tuple[TestResult, ...]]:
        """The cases of each function."""
        found: dict[str, list[TestResult]] = {name: [] for name in sorted(self.tests)}
        for test in self.report.tests:
            found.setdefault(function_of(test.node_id), []).append(test)
        return {name: tuple(cases) for name, cases in found.items()}

    @property
    def passed(self) -> frozenset[str]:
        """Functions all of whose cases passed."""
        return frozenset(
            name for name, cases in self.functions.items() if cases and all(case.ended == "passed" for case in cases)
        )

    @property
    def skipped(self) -> frozenset[str]:
        """Functions of which nothing failed, and not all was run as a plain test."""
        return frozenset(
            name
            for name, cases in self.functions.items()
            if (not cases or any(case.ended in NOT_COUNTED for case in cases))
            and all(case.ended == "passed" or case.ended in NOT_COUNTED for case in cases)
        )

    def why(self, name: str) -> str:
        """The first thing that was said of the function *name*, or of the file that it stands in."""
        path = name.split("::", 1)[0]
        said = [f.message for f in self.report.findings if _cannot_be_collected(f, path)]
        said += [f.message for f in self.report.findings if _is_about(f, name)]
        return said[0].removeprefix(f"{name}: ") if said else "it was not run"

    def red(self, now: Session, *, by_any_error: bool) -> frozenset[str]:
        """Functions that failed here, and for whose failure the code of this session has to answer.

        A test that was stopped counts where it takes a twentieth of that time in *now*. Unless *by_any_error*, an error
        by which the code itself fell over does not: any test that only runs that line would be red.
        """
        if self.spoilt:
            return frozenset()
        return frozenset(
            name
            for name, cases in self.functions.items()
            if any(self._is_red(name, case, now, by_any_error=by_any_error) for case in cases)
        )

    def uncollected(self) -> frozenset[str]:
        """Functions that could not even be collected."""
        broken = {path for path in self._paths() if any(_cannot_be_collected(f, path) for f in self.report.findings)}
        return frozenset(
            name
            for name, cases in self.functions.items()
            if not self.spoilt and name.split("::", 1)[0] in broken and all(case.ended == "missing" for case in cases)
        )

    def _paths(self) -> Collection[str]:
        return {name.split("::", 1)[0] for name in self.functions}

    def _is_red(self, name: str, case: TestResult, now: Session, *, by_any_error: bool) -> bool:
        if case.ended == "hung":
            usual = max((each.seconds for each in now.functions.get(name, ())), default=case.seconds)
            return usual * CLEARLY_FASTER < case.seconds
        if case.ended not in {"failed", "error"}:
            return False
        said = [f for f in self.report.findings if f.message.startswith(f"{case.node_id}: ")]
        return by_any_error or not said or not all(f.path is not None and f.rule in _CRASHES for f in said)


class Sessions:
    """Runs sessions of *task*'s tests in *box*, against whatever code they are to be tried on."""

    def __init__(self, box: Box, task: Task) -> None:
        self._box = box
        self._task = task
        self._tests = Tests()
        self._names = Names()

    async def read(self) -> Report:
        """Learn the names of the tests, from their text; the report is on the syntax of all files.

        Raises:
            SandboxError: The machinery failed.
        """
        subject = self._subject(self._task.files, self._task.tests, self._task.budget.test_seconds)
        await lay(self._box, subject)
        surveyed, report = await Syntax().survey(subject, self._box)
        self._names = surveyed.names
        return report

    @property
    def expected(self) -> tuple[str, ...]:
        return self._names.expected

    async def run(
        self,
        files: Mapping[str, str],
        tests: Mapping[str, str],
        way: Way | None = None,
        *,
        only: Collection[str] = (),
        seconds: float | None = None,
    ) -> Session:
        """One session of *tests* on *files*, or of *only* some of them.

        Raises:
            SandboxError: The machinery failed.
        """
        subject = self._subject(files, tests, seconds or self._task.budget.test_seconds)
        asked = frozenset(only) or frozenset(subject.names.expected)
        way = way or Way(hang_seconds=self._task.budget.test_seconds / 2, stop_after_hangs=3, lines=True)
        await lay(self._box, subject)
        report = await self._tests.session(subject, self._box, way.model_copy(update={"only": tuple(sorted(only))}))
        told = tuple(test for test in report.tests if not only or function_of(test.node_id) in asked)
        return Session(report=report.model_copy(update={"tests": told}), tests=asked)

    def _subject(self, files: Mapping[str, str], tests: Mapping[str, str], seconds: float) -> Subject:
        budget = self._task.budget.model_copy(update={"test_seconds": seconds})
        task = self._task.model_copy(update={"budget": budget})
        names = {
            field: tuple(name for name in getattr(self._names, field) if name.split("::", 1)[0] in tests)
            for field in ("expected", "marked", "may_skip")
        }
        return Subject(files=files, case=Case(task=task, before=files, tests=tests), names=Names(**names))


def _is_about(finding: Finding, name: str) -> bool:
    return finding.message.startswith((f"{name}: ", f"{name}["))


def _cannot_be_collected(finding: Finding, path: str) -> bool:
    return finding.message.startswith(f"{path} cannot be collected")
