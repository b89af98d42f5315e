"""A suite that takes long, parted by its files over several boxes that run at the same time."""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from collections.abc import Iterable, Sequence

from engine.case import Case
from engine.checks import collecting
from engine.checks.base import Subject
from engine.checks.build import build
from engine.checks.laying import lay
from engine.checks.node_ids import file_of
from engine.checks.results import summed
from engine.checks.tests import Sitting, Tests
from engine.checks.ways import Way
from engine.domain import Finding, Report, Task, TestResult
from sandboxes.base import Box

LARGE = 8.0
"""Seconds of tests from which a suite is large."""
LEAST = 4.0
"""Seconds of tests that a box of its own is worth: opening one, and importing all once more, takes about one."""
MOST = 8
_UNKNOWN = 0.05
"""Seconds that a file without a known test is taken to need."""


def seconds_of(tests: Iterable[TestResult]) -> float:
    return sum(test.seconds for test in tests)


def shards_here() -> int:
    """As many as this machine has cores for, at most `MOST`."""
    return max(1, min(MOST, os.cpu_count() or 1))


def part(files: Sequence[str], known: Sequence[TestResult], *, most: int) -> tuple[tuple[str, ...], ...]:
    """*files* in up to *most* groups of about the same length, by how long their tests took when they were seen last.

    One group, which is empty and stands for all, where it is not worth it.
    """
    total = seconds_of(known)
    count = min(most, int(total / LEAST), len(files))
    if total < LARGE or count < 2:
        return ((),)
    took: dict[str, float] = defaultdict(lambda: _UNKNOWN)
    for test in known:
        took[file_of(test.node_id)] += test.seconds
    groups: list[list[str]] = [[] for _ in range(count)]
    loads = [0.0] * count
    for path in sorted(files, key=lambda path: (-took[path], path)):
        least = loads.index(min(loads))
        groups[least].append(path)
        loads[least] += took[path]
    return tuple(tuple(sorted(group)) for group in groups if group)


def parted(task: Task, known: Sequence[TestResult], *, most: int) -> Task:
    """*task* with its suite parted by how long its tests took, where that is worth it. They were *known* to do so in one box:
    what a person sees their own tests do.
    """
    if task.suite is None:
        return task
    whole = task.suite.model_copy(update={"parts": ()})
    files = collecting.files(Case(task=task, before=task.files, tests=task.tests), whole)
    groups = part(files, known, most=most)
    parts = groups if len(groups) > 1 else ()
    return task.model_copy(update={"suite": whole.model_copy(update={"parts": parts})})


def parts_of(subject: Subject) -> tuple[tuple[str, ...], ...]:
    """How the tests of *subject* are parted: as its suite says, and where there is no such word, not at all."""
    suite = subject.case.task.suite
    return (suite and suite.parts) or ((),)


class Stand:
    """Where the sessions of one verdict take place: a box, or several that have a part of the files each."""

    def __init__(self, tests: Tests, boxes: Sequence[Box], parts: Sequence[tuple[str, ...]] = ((),)) -> None:
        """*parts* are as many as *boxes*."""
        self._tests = tests
        self._places = tuple(zip(boxes, parts, strict=True))

    @property
    def count(self) -> int:
        return len(self._places)

    async def sit(self, subject: Subject, way: Way, *, stay: bool = False) -> Sitting:
        """One session, in boxes that are emptied before, unless what it left is to *stay*."""
        asked = [
            (box, way.model_copy(update={"paths": paths}))
            for box, paths in ((box, _narrowed(paths, way.paths)) for box, paths in self._places)
            if paths is not None
        ]
        sitting = [asyncio.create_task(self._sit(subject, box, one, stay=stay)) for box, one in asked]
        try:
            return merged([await each for each in sitting])
        finally:
            for each in sitting:
                each.cancel()
            await asyncio.gather(*sitting, return_exceptions=True)

    async def _sit(self, subject: Subject, box: Box, way: Way, *, stay: bool) -> Sitting:
        await lay(box, subject, apart=way.apart, stay=stay)
        built = await build(subject, box)
        if built is not None and built.status == "failed":
            return Sitting(report=built)
        return await self._tests.sit(subject, box, way)


def _narrowed(part: tuple[str, ...], asked: tuple[str, ...]) -> tuple[str, ...] | None:
    """The files of *part* that are *asked* for, where empty stands for all; None where there is none."""
    if not part or not asked:
        return part or asked
    return tuple(path for path in part if path in set(asked)) or None


def merged(sittings: Sequence[Sitting]) -> Sitting:
    """Sessions of parts of the files as one; as long as the longest of them."""
    if len(sittings) == 1:
        return sittings[0]
    reports = [sitting.report for sitting in sittings]
    return Sitting(
        report=_merged(reports),
        unseparable=next((sitting.unseparable for sitting in sittings if sitting.unseparable), ""),
        decided=frozenset().union(*(sitting.decided for sitting in sittings)),
        deceived=next((sitting.deceived for sitting in sittings if sitting.deceived), ""),
        changed=next((sitting.changed for sitting in sittings if sitting.changed), ""),
        remembers=next((sitting.remembers for sitting in sittings if sitting.remembers), ""),
    )


def _merged(reports: Sequence[Report]) -> Report:
    tests = tuple(test for report in reports for test in report.tests)
    passed = any(test.ended == "passed" for test in tests)
    findings = [finding for report in reports for finding in report.findings if not (passed and _of_an_empty(finding))]
    executed: dict[str, set[int]] = defaultdict(set)
    for report in reports:
        for path, lines in report.executed.items():
            executed[path].update(lines)
    return Report(
        check=reports[0].check,
        status="failed" if findings else "passed",
        summary=summed(tests),
        findings=tuple(findings),
        seconds=max(report.seconds for report in reports),
        tests=tests,
        executed={path: tuple(sorted(lines)) for path, lines in executed.items()},
        reached={node: reached for report in reports for node, reached in report.reached.items()},
        touched=tuple(group for report in reports for group in report.touched),
    )


def _of_an_empty(finding: Finding) -> bool:
    """Whether it says that a part has no test that passes, which is no fault where another part has."""
    return finding.rule == "no-tests"
