"""Were the frozen tests collected and passed, every one by its name?"""

from __future__ import annotations

import ast
import json
import re
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from agents.base import Suite
from engine.checks import collecting, said
from engine.checks.base import Asked, Subject, tool
from engine.domain import Finding, Report, TestResult, Touched, Value
from sandboxes.base import WORK, Box, Command, Outcome

EVIDENCE = 6_000
NOT_COUNTED = frozenset({"skipped", "xfailed", "xpassed"})
_WHY = {
    "timeout": "the tests did not end within {seconds:g} s and were killed",
    "memory": "the tests used more than {memory} MiB of memory and were killed",
    "processes": "the tests started more than {processes} processes at a time",
    "disk": "the tests filled the work folder ({work} MiB)",
}


_GONE = TestResult(node_id="", ended="missing")

WATCHED_LIBRARY = frozenset(
    """bisect collections csv datetime decimal difflib doctest fractions functools heapq io itertools json math operator os
    os.path pathlib random re statistics string textwrap time unicodedata hypothesis""".split()
)
"""Modules whose functions no honest code replaces for longer than a test lasts, and that a test may judge by."""


BROKE_OFF = (3, 4)
"""Exit codes of pytest: an error of its own, or of a plugin; and arguments or settings that it does not know."""
PROJECT_HANG = 30.0
"""Processor time, seconds, that one test of a project may take on the input."""


class Way(Value):
    """How one session of the tests is run."""

    hang_seconds: float
    """Processor time after which one test is called hung."""
    stop_after_hangs: int = 1
    reverse: bool = False
    fresh_interpreter: bool = False
    """Start a new interpreter, with another hash seed, instead of forking the warm one."""
    apart: bool = False
    """Run the tests in another process than the code; the box then holds no frozen Python file (see `Apart`)."""
    tops: tuple[str, ...] = ()
    """Top-level names of the code's modules; only needed apart."""
    only: tuple[str, ...] = ()
    """Run only these, named without parameters; all of them where empty."""
    paths: tuple[str, ...] = ()
    """Collect only these files; all of them where empty."""
    elsewhere: bool = False
    """Apart: let the code run in another folder, below the HOME of `environment`."""
    again: int = 0
    """Apart: how many times to run all tests again in the same process when the session is over."""
    lines: bool = False
    """Tell which lines of the code ran; not apart."""
    contexts: bool = False
    """Tell as well which files each test ran lines of, and which lines the red ones ran."""
    environment: Mapping[str, str] = {}
    """Added to the environment of the session, or, apart, of the code's process alone."""


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
        asked = _asked(subject, way, paths, nonce)
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
            env={} if way.apart else {**_environment(subject, suite), **way.environment},
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
        ended = _by_node(lines)
        results = _results(subject, lines, ended, way)
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
            reached=_reached(lines),
            beside=_beside(lines),
            touched=_touched(lines),
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
        running = _still_running(lines)
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
            line.ended != "passed" for line in _by_node(lines).values()
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
        marked = set(subject.names.marked) | _skipped_themselves(subject, ended)
        findings = []
        if subject.case.task.suite is not None and subject.case.baseline is None:
            # what a project's tests skip on the input is as it should be
            marked |= {function_of(result.node_id) for result in results}
        for result in results:
            if result.ended == "missing":
                findings.append(self._finding("missing", f"{result.node_id}: was not run"))
            elif result.ended in NOT_COUNTED and not _skipped_by_the_frozen_file(result, before, marked):
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


def _asked(subject: Subject, way: Way, paths: list[str], nonce: str) -> dict[str, object]:
    tests, suite = subject.case.tests, subject.case.task.suite or Suite()
    asked: dict[str, object] = {
        "nonce": nonce,
        "tests": paths,
        "path": import_folders(subject),
        "conftest": any(PurePosixPath(path).name == "conftest.py" for path in tests),
        "hang_seconds": way.hang_seconds,
        "stop_after_hangs": way.stop_after_hangs,
        "reverse": way.reverse,
        "only": way.only,
        "aside": suite.aside,
        "options": collecting.options(suite),
        "arguments": suite.arguments,
        "plugins": [*plugins(subject), *suite.plugins],
    }
    if not way.apart:
        watched = subject.sources if way.lines else ()
        return {**asked, "watched": watched, "contexts": way.contexts, "library": library_of(tests.values())}
    return {
        **asked,
        "sources": dict(tests),
        "tops": way.tops,
        "environment": way.environment,
        "elsewhere": way.elsewhere,
        "again": way.again,
    }


def library_of(texts: Iterable[str]) -> list[str]:
    """Modules of the standard library that these sources import, and those that decide for them."""
    found = set()
    for text in texts:
        try:
            nodes = list(ast.walk(ast.parse(text)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in nodes:
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                found.add(node.module)
    return sorted(name for name in found if name in WATCHED_LIBRARY)


def usual_way(subject: Subject) -> Way:
    """The input is only given a moment a test: where it does not end, `engine.proofs` looks again before that counts."""
    budget = subject.case.task.budget.test_seconds
    if subject.case.baseline is None and subject.case.task.suite is None:
        return Way(hang_seconds=min(1.0, budget / 2), stop_after_hangs=2)
    if subject.case.baseline is None:
        return Way(hang_seconds=min(PROJECT_HANG, budget / 2), stop_after_hangs=3, lines=True, contexts=True)
    return Way(hang_seconds=budget / 2, lines=True)


def import_folders(subject: Subject) -> list[str]:
    """Folders that go on the import path: the root, and `src` where code is kept there."""
    usual = [".", "src"] if any(path.startswith("src/") for path in subject.files) else ["."]
    suite = subject.case.task.suite
    return usual if suite is None else list(dict.fromkeys((*suite.path, *collecting.import_path(suite), *usual)))


def _environment(subject: Subject, suite: Suite | None) -> dict[str, str]:
    """Of the tests' process. What a project's tests start finds the project's modules, as where it is installed."""
    if suite is None:
        return {}
    folders = (PurePosixPath(WORK, folder) for folder in import_folders(subject))
    return {"PYTHONPATH": ":".join(map(str, folders)), **suite.environment}


def plugins(subject: Subject) -> list[str]:
    """The only plugins besides pytest's own: none that a draft could bring, and none that is not used."""
    texts = (*subject.case.tests.values(), *subject.files.values())
    return ["_hypothesis_pytestplugin"] if any("hypothesis" in text for text in texts) else []


def function_of(node_id: str) -> str:
    """A node id without its parameters."""
    return node_id.split("[", 1)[0]


def summed(results: Iterable[TestResult]) -> str:
    """How many ended how."""
    tally = Counter(result.ended for result in results)
    return ", ".join(f"{count} {word}" for word, count in sorted(tally.items())) or "no test was collected"


def file_of(node_id: str) -> str:
    return node_id.split("::", 1)[0]


def is_named_as_tests(path: str) -> bool:
    """Whether pytest itself would look for tests in a file of this name."""
    name = PurePosixPath(path).name
    return name.startswith("test_") or name.endswith("_test.py")


def _holds_tests(path: str, subject: Subject) -> bool:
    return is_named_as_tests(path) or any(expected.startswith(f"{path}::") for expected in subject.names.expected)


def _by_node(lines: Sequence[said.Said]) -> dict[str, said.Ended]:
    """The last word on each test; one that ended more than once keeps its worst."""
    found: dict[str, said.Ended] = {}
    for line in lines:
        if isinstance(line, said.Ended) and (line.node not in found or line.ended != "passed"):
            found[line.node] = line
    return found


def _results(
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


def _reached(lines: Sequence[said.Said]) -> dict[str, dict[str, tuple[int, ...]]]:
    found: dict[str, dict[str, tuple[int, ...]]] = {}
    for line in lines:
        if isinstance(line, said.Reached):
            found.setdefault(line.node, {})[line.path] = tuple(line.lines)
    return found


def _beside(lines: Sequence[said.Said]) -> dict[str, dict[int, int]]:
    return {
        line.path: dict(zip(line.lines, line.tests, strict=False)) for line in lines if isinstance(line, said.Beside)
    }


def _touched(lines: Sequence[said.Said]) -> tuple[Touched, ...]:
    found: dict[tuple[str, ...], list[str]] = {}
    for line in lines:
        if isinstance(line, said.TouchedFiles):
            found.setdefault(tuple(line.files), []).extend(line.nodes)
    return tuple(Touched(files=files, tests=tuple(nodes)) for files, nodes in found.items())


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


def _skipped_by_the_frozen_file(result: TestResult, before: dict[str, TestResult], marked: set[str]) -> bool:
    earlier = before.get(result.node_id)
    return (earlier is not None and earlier.ended in NOT_COUNTED) or function_of(result.node_id) in marked


def _skipped_themselves(subject: Subject, ended: dict[str, said.Ended]) -> set[str]:
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


def _still_running(lines: Sequence[said.Said]) -> str:
    ended = {line.node for line in lines if isinstance(line, said.Ended)}
    return next((line.node for line in lines if isinstance(line, said.Started) and line.node not in ended), "")


def _output(outcome: Outcome) -> str:
    return "\n".join(text for text in (outcome.stdout.text.strip(), outcome.stderr.text.strip()) if text)
