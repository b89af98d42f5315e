"""What came of every test of a session, those included that were not run: read from what the session told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from engine.checks import said
from engine.checks.base import Subject
from engine.checks.node_ids import file_of, function_of
from engine.checks.ways import Way
from engine.domain import TestResult, Touched

NOT_COUNTED = frozenset({"skipped", "xfailed", "xpassed"})
"""How a test may end that neither passed nor failed."""
_GONE = TestResult(node_id="", ended="missing")


def by_node(lines: Sequence[said.Said]) -> dict[str, said.Ended]:
    """The last word on each test; one that ended more than once keeps its worst."""
    found: dict[str, said.Ended] = {}
    for line in lines:
        if isinstance(line, said.Ended) and (line.node not in found or line.ended != "passed"):
            found[line.node] = line
    return found


def results_of(
    subject: Subject, lines: Sequence[said.Said], ended: dict[str, said.Ended], way: Way
) -> tuple[TestResult, ...]:
    """Every test that ended, was collected, is named by the frozen source, or was there on the input."""
    results = {
        node: TestResult(node_id=node, ended="hung" if line.hung else line.ended, seconds=line.seconds)
        for node, line in ended.items()
    }
    for line in lines:
        if isinstance(line, said.Collected):
            for node in line.nodes:
                results.setdefault(node, TestResult(node_id=node, ended="missing"))
    cases = Counter(function_of(node) for node in results)
    suite = subject.case.task.suite
    for name in _named(subject, lines, way):
        if not cases[name] and name not in subject.names.marked:
            results.setdefault(name, TestResult(node_id=name, ended="missing"))
    # Parameters may be named after values of the code under test, so a case may change its id, but not vanish.
    # Of a project's tests some are named nowhere in the frozen source, such as those that a class inherits.
    before = Counter(
        function_of(node)
        for node in subject.case.ended_before()
        if ("[" in node or suite is not None) and (not way.paths or file_of(node) in way.paths)
    )
    for name, count in before.items():
        for number in range(cases[name], count):
            node = name if count == 1 else f"{name}[case {number + 1} of {count}]"
            results.setdefault(node, TestResult(node_id=node, ended="missing"))
    return tuple(results.values())


def _named(subject: Subject, lines: Sequence[said.Said], way: Way) -> list[str]:
    """Names of the frozen source that have to be there.

    A project's settings and conftests may leave out some of them: what they leave out of a file that is collected on the
    input is no test of the project. A draft is held to what was there, or could not be told, on the input.
    """
    case = subject.case
    if case.task.suite is None:
        return [name for name in subject.names.expected if not way.paths or file_of(name) in way.paths]
    aside = {function_of(node) for node in case.task.suite.aside}
    if case.baseline is None or case.stand_in:
        whole = any(isinstance(line, said.Done) for line in lines)
        broken = {line.path for line in lines if isinstance(line, said.CollectFailed)}
        skipped = {line.path for line in lines if isinstance(line, said.CollectSkipped)}
        begun = {file_of(node) for line in lines if isinstance(line, said.Collected) for node in line.nodes}
        told = (broken if whole or begun else set(case.test_paths)) - skipped
    else:
        told = set(case.test_paths)
        was = {function_of(node) for node in case.ended_before()}
        aside |= {name for name in subject.names.expected if name not in was}
    return [
        name
        for name in subject.names.expected
        if name not in aside and file_of(name) not in aside and file_of(name) in told
        if not way.paths or file_of(name) in way.paths
    ]


def skipped_by_the_frozen_file(result: TestResult, before: dict[str, TestResult], marked: set[str]) -> bool:
    """Whether it need not pass: it did not on the input either, or the frozen source marks it."""
    earlier = before.get(result.node_id)
    return (earlier is not None and earlier.ended in NOT_COUNTED) or function_of(result.node_id) in marked


def skipped_themselves(subject: Subject, ended: dict[str, said.Ended]) -> set[str]:
    """Tests that skipped themselves with no line of the draft between: believed only without an earlier version.

    Where there is one, a test may be skipped only if it was skipped there as well.
    """
    case = subject.case
    was = case.ended_before()
    # a project's test that could not even be collected on the input has no earlier version either
    anew = {node for node in ended if case.task.suite is not None and was.get(node, _GONE).ended == "missing"}
    return {
        function_of(node)
        for node, line in ended.items()
        if line.ended == "skipped"
        and (node in anew or (case.stand_in and function_of(node) in subject.names.may_skip))
        and line.frames
        and not any(path in subject.files for path, _, _ in line.frames)
    }


def still_running(lines: Sequence[said.Said]) -> str:
    """The test that had begun and did not end; empty where none had."""
    ended = {line.node for line in lines if isinstance(line, said.Ended)}
    return next((line.node for line in lines if isinstance(line, said.Started) and line.node not in ended), "")


def reached(lines: Sequence[said.Said]) -> dict[str, dict[str, tuple[int, ...]]]:
    """As `Report.reached`."""
    found: dict[str, dict[str, tuple[int, ...]]] = {}
    for line in lines:
        if isinstance(line, said.Reached):
            found.setdefault(line.node, {})[line.path] = tuple(line.lines)
    return found


def beside(lines: Sequence[said.Said]) -> dict[str, dict[int, int]]:
    """As `Report.beside`."""
    return {
        line.path: dict(zip(line.lines, line.tests, strict=False)) for line in lines if isinstance(line, said.Beside)
    }


def touched(lines: Sequence[said.Said]) -> tuple[Touched, ...]:
    """As `Report.touched`."""
    found: dict[tuple[str, ...], list[str]] = {}
    for line in lines:
        if isinstance(line, said.TouchedFiles):
            found.setdefault(tuple(line.files), []).extend(line.nodes)
    return tuple(Touched(files=files, tests=tuple(nodes)) for files, nodes in found.items())


def summed(results: Iterable[TestResult]) -> str:
    """How many ended how."""
    tally = Counter(result.ended for result in results)
    return ", ".join(f"{count} {word}" for word, count in sorted(tally.items())) or "no test was collected"
