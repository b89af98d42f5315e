"""Were the frozen tests collected and passed, every one by its name?"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Sequence

from engine.checks import collecting, said
from engine.checks.base import Asked, Subject, tool
from engine.checks.node_ids import function_of, is_named_as_tests
from engine.checks.results import (
    NOT_COUNTED,
    beside,
    by_node,
    reached,
    results_of,
    skipped_by_the_frozen_file,
    skipped_themselves,
    still_running,
    summed,
    touched,
)
from engine.checks.ways import Way, asked_for, environment_of, usual_way
from engine.domain import Finding, Report, TestResult, Value
from sandboxes.base import Box, Command, Outcome

EVIDENCE = 6_000
_WHY = {
    "timeout": "the tests did not end within {seconds:g} s and were killed",
    "memory": "the tests used more than {memory} MiB of memory and were killed",
    "processes": "the tests started more than {processes} processes at a time",
    "disk": "the tests filled the work folder ({work} MiB)",
}
BROKE_OFF = (3, 4)
"""Exit codes of pytest: an error of its own, or of a plugin; and arguments or settings that it does not know."""


class Sitting(Value):
    """One session of the tests."""

    report: Report
    unseparable: str = ""
    """Why the tests cannot be run apart from the code, as was seen while they ran."""
    decided: frozenset[str] = frozenset()
    """Node ids of tests for which code of the draft compared, or calculated with, what the test gave it."""
    deceived: str = ""
    """What an object of the draft's said it equals, although it holds something else."""
    changed: str = ""
    """A test that passed a number of times in one process, and then did not."""
    remembers: str = ""
    """A test that did not pass when all of them were run once more in the same process."""


class _Session(Asked):
    nonce: str
    """What every line of the report begins with."""
    way: Way


AHEAD = Command(argv=("python", tool("session.py"), "early"), warm=True)
"""What may be started before there is a test: without a conftest and plugins, pytest is made ready in the same way for all."""


class Tests:
    """Pytest with a configuration of the host's own. The candidate's code runs in the tests' process."""

    __test__ = False
    name = "tests"

    async def examine(self, subject: Subject, box: Box) -> Report:
        return await self.session(subject, box, usual_way(subject))

    def ask(self, subject: Subject) -> _Session | Report:
        """One usual session, held until the other checks are through."""
        asked = self._ask(subject, usual_way(subject))
        return asked.report if isinstance(asked, Sitting) else asked

    def read(self, subject: Subject, asked: Asked, outcome: Outcome) -> Report:
        return self._read(subject, asked, outcome).report

    async def session(self, subject: Subject, box: Box, way: Way) -> Report:
        """One session of all frozen tests, run in this *way*."""
        return (await self.sit(subject, box, way)).report

    async def sit(self, subject: Subject, box: Box, way: Way) -> Sitting:
        """One session, and what else was seen in it."""
        asked = self._ask(subject, way)
        if isinstance(asked, Sitting):
            return asked
        return self._read(subject, asked, await box.run(asked.command))

    def _ask(self, subject: Subject, way: Way) -> _Session | Sitting:
        case = subject.case
        suite = case.task.suite
        if suite is not None and not way.apart:
            paths = collecting.files(case, suite)
        else:
            aside = set(suite.aside) if suite else set()
            paths = [path for path in case.test_paths if _holds_tests(path, subject) and path not in aside]
        if way.paths:
            wanted = set(way.paths)
            paths = [path for path in paths if path in wanted]
        if not paths:
            summary = "the frozen files define no test that pytest would collect"
            return Sitting(report=self._failed((self._finding("no-tests", summary),), summary))
        nonce = secrets.token_hex(16)
        asked = asked_for(subject, way, paths, nonce)
        if suite is not None and not way.apart:
            asked["start"] = collecting.start(suite)
        program = ("python", tool("apart/session.py")) if way.apart else AHEAD.argv
        if asked["conftest"] or asked["plugins"] or suite is not None:
            program = program[:2]
        command = Command(
            argv=program,
            stdin=json.dumps(asked).encode(),
            seconds=case.task.budget.test_seconds,
            warm=not way.fresh_interpreter,
            env={} if way.apart else {**environment_of(subject, suite), **way.environment},
            held=True,
        )
        return _Session(command=command, nonce=nonce, way=way)

    def _read(self, subject: Subject, asked: Asked, outcome: Outcome) -> Sitting:
        assert isinstance(asked, _Session)  # noqa: S101 (it is what `_ask` gave)
        if outcome.ended == "unasked":
            skipped = Report(check=self.name, status="skipped", summary="an earlier check could not be made")
            return Sitting(report=skipped)
        try:
            lines = said.read(outcome, asked.nonce)
        except said.Garbled as error:
            report = self._failed((self._finding("no-report", str(error), _output(outcome)),), str(error), outcome)
            return Sitting(report=report)
        return Sitting(
            report=self._weigh(subject, outcome, lines, asked.way),
            unseparable=next((line.why for line in lines if isinstance(line, said.Unseparable)), ""),
            decided=frozenset(line.node for line in lines if isinstance(line, said.Decided)),
            deceived=next((line.what for line in lines if isinstance(line, said.Deceived)), ""),
            changed=next((line.node for line in lines if isinstance(line, said.Changed) and line.late), ""),
            remembers=next((line.node for line in lines if isinstance(line, said.Changed) and not line.late), ""),
        )

    def _weigh(self, subject: Subject, outcome: Outcome, lines: Sequence[said.Said], way: Way) -> Report:
        ended = by_node(lines)
        results = results_of(subject, lines, ended, way)
        spawned = any(isinstance(line, said.Spawned) for line in lines)
        executed = {line.path: tuple(line.lines) for line in lines if isinstance(line, said.Executed)}
        findings = [
            *self._of_the_whole(subject, outcome, lines),
            *(self._of_collection(line) for line in lines if isinstance(line, said.CollectFailed)),
            *(self._of_test(line, subject) for line in ended.values() if line.ended in {"failed", "error"}),
            *self._of_names(subject, results, ended),
        ]
        if not findings and not any(result.ended == "passed" for result in results):
            findings.append(self._nothing(outcome, lines))
        return Report(
            check=self.name,
            status="failed" if findings else "passed",
            summary=summed(results),
            findings=tuple(findings),
            seconds=outcome.seconds,
            tests=results,
            executed={**executed, **({"*": ()} if spawned else {})},
            reached=reached(lines),
            beside=beside(lines),
            touched=touched(lines),
        )

    def _of_the_whole(self, subject: Subject, outcome: Outcome, lines: Sequence[said.Said]) -> list[Finding]:
        """What is wrong with the session itself: killed, cut short, tampered with."""
        if outcome.tampered:
            return [
                self._finding(
                    "tampered", f"frozen files were changed while the tests ran: {', '.join(outcome.tampered)}"
                )
            ]
        patched = list(dict.fromkeys(line.what for line in lines if isinstance(line, said.Patched)))
        if patched:
            return [
                self._finding("tampered", f"what runs the tests was replaced while they ran: {', '.join(patched[:5])}")
            ]
        limits = subject.case.task.limits
        running = still_running(lines)
        if outcome.ended in _WHY:
            why = _WHY[outcome.ended].format(
                seconds=subject.case.task.budget.test_seconds,
                memory=limits.memory_mib,
                processes=limits.processes,
                work=limits.work_mib,
            )
            return [self._finding(outcome.ended, f"{why}{f', in {running}' if running else ''}", _output(outcome))]
        done = next((line for line in lines if isinstance(line, said.Done)), None)
        if done is None or outcome.exit_code != done.exit_code:
            how = f"signal {outcome.signal}" if outcome.ended == "signalled" else f"exit code {outcome.exit_code}"
            message = (
                f"the tests' process ended with {how} before it had reported{f', in {running}' if running else ''}"
            )
            return [self._finding("no-report", message, _output(outcome))]
        told = any(isinstance(line, said.CollectFailed) for line in lines) or any(
            line.ended != "passed" for line in by_node(lines).values()
        )
        if done.exit_code == 1 and not told:
            message = "pytest counted a failed test, but its report tells of none"
            return [self._finding("tampered", message, _output(outcome))]
        return []

    def _of_collection(self, line: said.CollectFailed) -> Finding:
        message = line.message or line.text.strip().splitlines()[-1]
        named = re.search(r"\b([A-Z]\w+(?:Error|Exception|Exit))\b", message)
        return Finding(
            check=self.name,
            rule=named.group(1) if named else "collection",
            path=line.at or line.path,
            line=line.line,
            message=f"{line.path} cannot be collected: {message}"[:900],
            evidence=line.text[:EVIDENCE],
        )

    def _of_test(self, line: said.Ended, subject: Subject) -> Finding:
        own = [frame for frame in line.frames if frame[0] in subject.files]
        path, at, _ = own[-1] if own else (None, None, None)
        return Finding(
            check=self.name,
            rule="hung" if line.hung else line.rule,
            path=path,
            line=at,
            message=f"{line.node}: {line.message}"[:900],
            evidence=line.text[:EVIDENCE],
        )

    def _of_names(self, subject: Subject, results: Sequence[TestResult], ended: dict[str, said.Ended]) -> list[Finding]:
        """Tests that did not pass although nothing was raised: skipped, expected to fail, not there."""
        before = subject.case.ended_before()
        marked = set(subject.names.marked) | skipped_themselves(subject, ended)
        findings = []
        if subject.case.task.suite is not None and subject.case.baseline is None:
            # what a project's tests skip on the input is as it should be
            marked |= {function_of(result.node_id) for result in results}
        for result in results:
            if result.ended == "missing":
                findings.append(self._finding("missing", f"{result.node_id}: was not run"))
            elif result.ended in NOT_COUNTED and not skipped_by_the_frozen_file(result, before, marked):
                findings.append(self._finding(result.ended, f"{result.node_id}: {result.ended}, which is not a pass"))
        return findings

    def _nothing(self, outcome: Outcome, lines: Sequence[said.Said]) -> Finding:
        """Why no test passed although nothing else is wrong: there is none, or pytest itself came to no session."""
        done = next((line for line in lines if isinstance(line, said.Done)), None)
        if done is None or done.exit_code not in BROKE_OFF:
            return self._finding("no-tests", "no test passed")
        output = _output(outcome)
        *_, last = [line for line in output.splitlines() if line.strip()] or [""]
        return self._finding("no-session", f"pytest broke off before it had run a test: {last[-500:]}", output)

    def _finding(self, rule: str, message: str, evidence: str = "") -> Finding:
        return Finding(check=self.name, rule=rule, message=message[:900], evidence=evidence[-EVIDENCE:])

    def _failed(self, findings: tuple[Finding, ...], summary: str, outcome: Outcome | None = None) -> Report:
        seconds = outcome.seconds if outcome else 0.0
        return Report(check=self.name, status="failed", summary=summary[:300], findings=findings, seconds=seconds)


def _holds_tests(path: str, subject: Subject) -> bool:
    return is_named_as_tests(path) or any(expected.startswith(f"{path}::") for expected in subject.names.expected)


def _output(outcome: Outcome) -> str:
    return "\n".join(text for text in (outcome.stdout.text.strip(), outcome.stderr.text.strip()) if text)
