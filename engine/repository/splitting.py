"""A project's suite, run as it is: what is red, what is green, and what is now one and now the other."""

from __future__ import annotations

import math
from collections.abc import Mapping

from engine.domain import Finding, Report, Task, Value, Verdict
from engine.localising import suspects
from engine.repository.lines import executable_lines
from engine.repository.result import SuiteRun

LEAST_TEST_SECONDS = 20.0
MOST_TEST_SECONDS = 3_600.0
OF_THE_WHOLE = frozenset({"timeout", "memory", "processes", "disk", "no-report", "no-session", "tampered"})
"""Rules of the findings about a session that came to no end of its own."""
PATIENCE = 4.0
"""How many times as long as the first run took the suite may take in a box that is busier."""


class Split(Value):
    """One run of the suite, and which of its tests are flaky."""

    run: SuiteRun
    flaky: tuple[str, ...] = ()
    broken: str = ""
    """Why nothing could be told, where a check could not be made; else empty."""
    hint: str = ""
    """What to do about that."""
    unfinished: Finding | None = None
    """Why the suite as a whole came to no end, or had nothing to run; then no test of it counts."""


def split(task: Task, verdict: Verdict) -> Split:
    """What *verdict*, taken of the project as it stands, says of its suite."""
    tests = next((report for report in verdict.reports if report.check == "tests"), None)
    broken = next((f"{r.check}: {r.summary}" for r in verdict.reports if r.status == "broken"), "")
    refused = next((f.message for r in verdict.reports if r.check == "shape" for f in r.findings), "")
    if tests is None or tests.status == "skipped":
        early = [finding for report in verdict.reports if report.status == "failed" for finding in report.findings]
        seconds = verdict.seconds
        summary = early[0].message if early else "the tests were not run"
        return Split(
            run=SuiteRun(findings=tuple(early), seconds=seconds, summary=summary), broken=broken or refused or summary
        )
    whole = next((finding for finding in tests.findings if finding.rule in OF_THE_WHOLE), None)
    run = suite_run(task, verdict, tests)
    if whole is None and not run.tests and not run.broken:
        whole = next(iter(tests.findings), Finding(check="tests", rule="no-tests", message="no test was collected"))
    return Split(run=run, flaky=verdict.flaky, broken=broken, unfinished=whole)


def suite_run(task: Task, verdict: Verdict, tests: Report) -> SuiteRun:
    executed = {path: lines for path, lines in tests.executed.items() if path in task.files}
    findings = tuple(f for report in verdict.reports if report.check not in {"lint", "shape"} for f in report.findings)
    return SuiteRun(
        tests=tests.tests,
        findings=findings,
        executed=executed,
        executable=_executable(task.files, executed),
        broken=_uncollected(task, tests),
        suspects=suspects(tests, task.files),
        seconds=tests.seconds,
        summary=tests.summary,
    )


def test_seconds(run: SuiteRun) -> float:
    """Seconds that one run of the suite may take from now on; in steps, so that equal projects make equal tasks."""
    wanted = max(LEAST_TEST_SECONDS, PATIENCE * run.seconds)
    steps = math.ceil(math.log2(wanted / LEAST_TEST_SECONDS))
    return min(MOST_TEST_SECONDS, math.ldexp(LEAST_TEST_SECONDS, steps))


def _uncollected(task: Task, tests: Report) -> tuple[str, ...]:
    """Frozen files of which our own finding says that they cannot be collected."""
    said = [finding.message for finding in tests.findings]
    return tuple(
        path for path in sorted(task.tests) if any(line.startswith(f"{path} cannot be collected") for line in said)
    )


def _executable(files: Mapping[str, str], executed: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    return {path: executable_lines(files[path], path) for path in executed}
