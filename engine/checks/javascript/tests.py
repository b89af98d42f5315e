"""Were the frozen tests run by node:test or vitest, and passed, every one by its name?"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from agents.base import Suite
from engine.checks.base import Subject
from engine.checks.javascript import said
from engine.checks.javascript.asking import HANG_SHARE, Way, asked_of_node, asked_of_vitest, parted
from engine.checks.javascript.paths import holds_tests, runner_of
from engine.checks.javascript.programs import SESSION, VITEST
from engine.checks.javascript.survey import Surveyed
from engine.checks.results import NOT_COUNTED
from engine.checks.said import Done, Executed, Garbled, Started
from engine.checks.tests import EVIDENCE
from engine.domain import Finding, Report, TestResult, Value
from sandboxes.base import Box, Command, Outcome

NAME = "tests"
BEGINNING = 20.0
"""Seconds that vitest is given beside the tests' own, for its start and for that of a process for each file."""
_WHY = {
    "timeout": "the tests did not end within {seconds:g} s and were killed",
    "memory": "the tests used more than {memory} MiB of memory and were killed",
    "processes": "the tests started more than {processes} processes at a time",
    "disk": "the tests filled the work folder ({work} MiB)",
}


class Sitting(Value):
    """One session of the tests."""

    report: Report
    replaced: frozenset[str] = frozenset()
    """What was another at the end than at the beginning of a file's process, and files whose process was ended."""


class _Session(Value):
    """One session of one of the programs that run tests."""

    outcome: Outcome
    told: tuple[said.Told, ...]


USUAL = Way()


async def sit(subject: Subject, surveyed: Surveyed, box: Box, way: Way = USUAL) -> Sitting:
    """Run all frozen tests of *subject*, which stands in *box*, each file by what it asks for."""
    case = subject.case
    suite = case.task.suite or Suite()
    _, named = parted(suite.arguments)
    paths = [
        path
        for path, text in sorted(case.tests.items())
        if (path in named if named else holds_tests(path, text)) and path not in suite.aside
    ]
    if not paths:
        summary = "the frozen files define no test that node --test or vitest would run"
        return Sitting(report=_failed((_finding("no-tests", summary),), summary))
    sessions = list[_Session]()
    for runner in ("node:test", "vitest"):
        mine = [path for path in paths if runner_of(path, case.tests[path]) == runner]
        if not mine:
            continue
        nonce = secrets.token_hex(16)
        if runner == "vitest":
            argv, asked = VITEST, asked_of_vitest(subject, mine, way, nonce)
        else:
            scripts = [path for path in mine if _is_script(path, surveyed)]
            argv, asked = SESSION, asked_of_node(subject, mine, way, nonce, scripts=scripts)
        seconds = case.task.budget.test_seconds + (BEGINNING if runner == "vitest" else 0.0)
        command = Command(argv=argv, stdin=asked.encode(), seconds=seconds, env=suite.environment)
        outcome = await box.run(command)
        try:
            sessions.append(_Session(outcome=outcome, told=tuple(said.session(outcome, nonce))))
        except Garbled as error:
            return Sitting(report=_failed((_finding("no-report", str(error), _output(outcome)),), str(error), outcome))
    told = [line for session in sessions for line in session.told]
    return Sitting(report=_weighed(subject, surveyed, sessions), replaced=frozenset(_replaced(told)))


def _is_script(path: str, surveyed: Surveyed) -> bool:
    """Whether a file is a program that asserts by itself, and so is one test as a whole."""
    return not surveyed.frameworks.get(path) and not any(node.startswith(f"{path}::") for node in surveyed.expected)


def _weighed(subject: Subject, surveyed: Surveyed, sessions: Sequence[_Session]) -> Report:
    aside = _aside(subject)
    told = [line for session in sessions for line in session.told]
    ended = {line.node: line for line in told if isinstance(line, said.Ended) and line.node not in aside}
    broken = [line for line in told if isinstance(line, said.FileFailed)]
    results = _results(subject, surveyed, told, ended)
    findings = [
        *(finding for session in sessions for finding in _of_the_whole(subject, session.outcome, session.told)),
        *(_of_file(line, subject) for line in broken),
        *(_of_test(line, subject) for line in ended.values() if line.ended in {"failed", "error"} and not line.below),
        *_of_names(subject, surveyed, results),
    ]
    if not findings and not any(result.ended == "passed" for result in results):
        findings.append(_finding("no-tests", "no test passed"))
    tally = Counter(result.ended for result in results)
    return Report(
        check=NAME,
        status="failed" if findings else "passed",
        summary=", ".join(f"{count} {word}" for word, count in sorted(tally.items())) or "no test was run",
        findings=tuple(findings),
        seconds=sum(session.outcome.seconds for session in sessions),
        tests=results,
        executed={line.path: tuple(line.lines) for line in told if isinstance(line, Executed)},
    )


def _results(
    subject: Subject,
    surveyed: Surveyed,
    told: Sequence[said.Told],
    ended: Mapping[str, said.Ended],
) -> tuple[TestResult, ...]:
    """Every test that ended, began, is named by the frozen source, or was there on the input."""
    results = {
        node: TestResult(node_id=node, ended="hung" if line.hung else line.ended, seconds=line.seconds)
        for node, line in ended.items()
    }
    for line in told:
        if isinstance(line, said.FileFailed) and line.hung and line.running:
            node = f"{line.path}::{line.running.replace(' > ', '::')}"
            seconds = HANG_SHARE * subject.case.task.budget.test_seconds
            results.setdefault(node, TestResult(node_id=node, ended="hung", seconds=seconds))
    aside = _aside(subject)
    for node in (*surveyed.expected, *subject.case.ended_before()):
        if node not in surveyed.marked and node not in aside and node.partition("::")[0] not in aside:
            results.setdefault(node, TestResult(node_id=node, ended="missing"))
    return tuple(results.values())


def _aside(subject: Subject) -> frozenset[str]:
    return frozenset((subject.case.task.suite or Suite()).aside)


def _of_the_whole(subject: Subject, outcome: Outcome, told: Sequence[said.Told]) -> list[Finding]:
    """What is wrong with the session itself: killed, cut short, tampered with."""
    if outcome.tampered:
        return [_finding("tampered", f"frozen files were changed while the tests ran: {', '.join(outcome.tampered)}")]
    limits = subject.case.task.limits
    running = _still_running(told)
    where = f", in {running}" if running else ""
    if outcome.ended in _WHY:
        why = _WHY[outcome.ended].format(
            seconds=subject.case.task.budget.test_seconds,
            memory=limits.memory_mib,
            processes=limits.processes,
            work=limits.work_mib,
        )
        return [_finding(outcome.ended, f"{why}{where}", _output(outcome))]
    if not outcome.ok or not any(isinstance(line, Done) for line in told):
        how = f"signal {outcome.signal}" if outcome.ended == "signalled" else f"exit code {outcome.exit_code}"
        message = f"what runs the tests ended with {how} before it had reported{where}"
        return [_finding("no-report", message, _output(outcome))]
    return []


def _of_file(line: said.FileFailed, subject: Subject) -> Finding:
    path, at = _place(line.frames, subject)
    if line.hung:
        message = f"{line.path}: it did not end, and was killed, in {line.running or 'what stands outside its tests'}"
        return Finding(check=NAME, rule="hung", path=path, line=at, message=message, evidence=line.error[-EVIDENCE:])
    return Finding(
        check=NAME,
        rule=line.rule,
        path=path or line.path,
        line=at,
        message=f"{line.path} cannot be collected: {line.message}"[:900],
        evidence=(line.error or line.text)[-EVIDENCE:],
    )


def _of_test(line: said.Ended, subject: Subject) -> Finding:
    path, at = _place(line.frames, subject)
    return Finding(
        check=NAME,
        rule="hung" if line.hung else line.rule,
        path=path,
        line=at,
        message=f"{line.node}: {line.message}"[:900],
        evidence=line.text[:EVIDENCE],
    )


def _place(frames: said.Frames, subject: Subject) -> tuple[str | None, int | None]:
    """The innermost place in a file that may be changed."""
    own = [frame for frame in frames if frame[0] in subject.files and frame[0] not in subject.case.tests]
    return (own[-1][0], own[-1][1]) if own else (None, None)


def _of_names(subject: Subject, surveyed: Surveyed, results: Iterable[TestResult]) -> list[Finding]:
    """Tests that did not pass although nothing was thrown: skipped, or not there."""
    before = subject.case.ended_before()
    findings = []
    for result in results:
        earlier = before.get(result.node_id)
        skipped_before = earlier is not None and earlier.ended in NOT_COUNTED
        by_itself = result.node_id in surveyed.marked or (subject.case.stand_in and result.node_id in surveyed.may_skip)
        if result.ended == "missing":
            findings.append(_finding("missing", f"{result.node_id}: was not run"))
        elif result.ended in NOT_COUNTED and subject.case.baseline is not None and not (skipped_before or by_itself):
            findings.append(_finding(result.ended, f"{result.node_id}: {result.ended}, which is not a pass"))
    return findings


def _replaced(told: Sequence[said.Told]) -> Iterable[str]:
    for line in told:
        if isinstance(line, said.Vanished):
            yield f"the process of {line.path}, which ended before our part of it could speak"
        elif isinstance(line, said.Replaced):
            yield from line.what
            if line.left:
                yield f"the process of {line.path}, which was told to end"


def _still_running(told: Sequence[said.Told]) -> str:
    ended = {line.node for line in told if isinstance(line, said.Ended)}
    begun = [line.node for line in told if isinstance(line, Started) and line.node not in ended]
    return begun[-1] if begun else ""


def _finding(rule: str, message: str, evidence: str = "") -> Finding:
    return Finding(check=NAME, rule=rule, message=message[:900], evidence=evidence[-EVIDENCE:])


def _failed(findings: tuple[Finding, ...], summary: str, outcome: Outcome | None = None) -> Report:
    seconds = outcome.seconds if outcome else 0.0
    return Report(check=NAME, status="failed", summary=summary[:300], findings=findings, seconds=seconds)


def _output(outcome: Outcome) -> str:
    return "\n".join(text for text in (outcome.stdout.text.strip(), outcome.stderr.text.strip()) if text)
