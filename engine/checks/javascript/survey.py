"""Does every file parse, and what do they hold? Taken inside the box before any submitted code runs."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping

from engine.checks.base import Subject
from engine.checks.javascript import said
from engine.checks.javascript.paths import holds_tests, is_javascript, runner_of
from engine.checks.javascript.programs import SURVEY
from engine.checks.said import Done, Garbled, Lines, NamesIn, Unparsable
from engine.domain import Finding, Report, Value
from sandboxes.base import Command, Outcome
from sandboxes.errors import SandboxUnavailable

SECONDS = 180.0


class Asked(Value):
    """The command of a survey, and what its answer is known by."""

    command: Command
    nonce: str
    sources: int


class Edit(Value):
    """A part of a frozen file, by UTF-16 units, and the text that stands for it in a twin."""

    path: str
    node: str
    """Node id of the test that has to be red with it; empty where it is one of the file, but not known which."""
    start: int
    end: int
    text: str


class Surveyed(Value):
    """What the files say of themselves."""

    report: Report
    expected: tuple[str, ...] = ()
    """Node ids of the tests that the frozen files define in so many words; there may be more."""
    marked: tuple[str, ...] = ()
    """Those that the frozen file itself leaves out."""
    may_skip: tuple[str, ...] = ()
    executable: Mapping[str, tuple[int, ...]] = {}
    rounds: tuple[tuple[Edit, ...], ...] = ()
    """Each makes one wrong copy of the tests."""
    asserting: frozenset[str] = frozenset()
    """Node ids of tests that surely call a function of assert, and so fail where all of these do."""
    looks: Mapping[str, tuple[str, ...]] = {}
    """What new code reaches for, by path."""
    tables: Mapping[str, str] = {}
    """How many of the tests' literal questions new code answers from a table, in words, by path."""
    frameworks: Mapping[str, str] = {}
    unread: tuple[str, ...] = ()
    """Files that are newer JavaScript than the parser for tests, twins and lines knows."""


def ask(subject: Subject) -> Asked:
    """What to run in a box that holds the files."""
    case = subject.case
    vitest = [
        path for path, text in case.tests.items() if holds_tests(path, text) and runner_of(path, text) == "vitest"
    ]
    before = {} if case.stand_in else case.before
    nonce = secrets.token_hex(16)
    sources = [path for path in sorted(subject.files) if _is_read(path) and path not in case.tests]
    asked = {
        "nonce": nonce,
        "sources": sources,
        "tests": [path for path in sorted(case.tests) if is_javascript(path)],
        "before": {
            path: before.get(path, "")
            for path, text in subject.files.items()
            if is_javascript(path) and before.get(path) != text
        },
        "globals": vitest,
        "vitest": bool(vitest),
    }
    command = Command(argv=SURVEY, stdin=json.dumps(asked).encode(), seconds=SECONDS)
    return Asked(command=command, nonce=nonce, sources=len(sources))


def read(asked: Asked, outcome: Outcome) -> Surveyed:
    """What was said.

    Raises:
        SandboxUnavailable: The reading itself broke; no submitted code had run, so that is the box's fault.
    """
    try:
        lines = said.survey(outcome, asked.nonce)
    except Garbled as error:
        raise SandboxUnavailable("survey", str(error)) from error
    if not outcome.ok or not any(isinstance(line, Done) for line in lines):
        what = (
            f"reading the files ended as {outcome.ended}, exit code {outcome.exit_code}: {outcome.stderr.text[-500:]}"
        )
        raise SandboxUnavailable("survey", what)
    return _gathered(lines, asked.sources, outcome.seconds)


def _is_read(path: str) -> bool:
    return is_javascript(path) or path == "package.json" or path.endswith("/package.json")


def _gathered(lines: list[said.Surveyed], count: int, seconds: float) -> Surveyed:
    findings = tuple(
        Finding(
            check="syntax", rule=line.rule, path=line.path, line=line.line, message=line.message, evidence=line.text
        )
        for line in lines
        if isinstance(line, Unparsable)
    )
    names = [line for line in lines if isinstance(line, NamesIn)]
    twins = [line for line in lines if isinstance(line, said.Twin)]
    return Surveyed(
        report=Report(
            check="syntax",
            status="failed" if findings else "passed",
            summary=f"{len(findings)} files do not parse" if findings else f"{count} files parse",
            findings=findings,
            seconds=seconds,
        ),
        expected=tuple(f"{line.path}::{name}" for line in names for name in line.names),
        marked=tuple(f"{line.path}::{name}" for line in names for name in line.marked),
        may_skip=tuple(f"{line.path}::{name}" for line in names for name in line.may_skip),
        executable={line.path: tuple(line.executable) for line in lines if isinstance(line, Lines)},
        rounds=tuple(
            tuple(_edit(twin) for twin in twins if twin.variant == number)
            for number in sorted({twin.variant for twin in twins})
        ),
        asserting=frozenset(f"{twin.path}::{twin.test}" for twin in twins if twin.method and twin.test),
        looks={line.path: tuple(line.words) for line in lines if isinstance(line, said.Looks) and line.words},
        tables={
            line.path: f"answers {line.answered} of the {line.asked} literal questions of the tests from a table"
            for line in lines
            if isinstance(line, said.Table)
        },
        frameworks={line.path: line.name for line in lines if isinstance(line, said.Framework)},
        unread=tuple(line.path for line in lines if isinstance(line, said.Unread)),
    )


def _edit(twin: said.Twin) -> Edit:
    node = f"{twin.path}::{twin.test}" if twin.test else ""
    return Edit(path=twin.path, node=node, start=twin.start, end=twin.end, text=twin.text)
