"""Tests for vitest, written for JavaScript or TypeScript as it is: explored in one box, judged in another."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from agents.testing import Survivor, Suspected, Wanted
from agents.vitest.lines import ENDINGS, Explored, JavaScriptExplorer
from agents.vitest.writing import Unwritable, Written, source
from engine.case import Case
from engine.checks.base import Subject
from engine.checks.javascript import survey
from engine.checks.javascript.asking import Way
from engine.checks.javascript.judging import lay
from engine.checks.javascript.tests import sit
from engine.domain import Report, Task
from engine.errors import BadInput
from engine.testing import DroppedTest, Generated, surviving

if TYPE_CHECKING:
    from sandboxes.base import Box

_NOT_SHOWN = (
    "that the code is right: the tests say what it does as it stands",
    "which lines and branches the tests run: that is not measured for JavaScript and TypeScript",
    "that the numbers are beyond the code's reach: mutants were counted in a box in which it ran too",
)


async def write_vitest(
    task: Task,
    tester: JavaScriptExplorer,
    open_box: Callable[[], AbstractAsyncContextManager[Box]],
    *,
    seconds: float,
    wanted: Wanted,
) -> Generated:
    """Tests of `task.files` as they are, explored by *tester* within *seconds* and judged in a box of *open_box*.

    Raises:
        BadInput: The code is of another language, or the type is one that is not written for vitest.
        SandboxError: The machinery failed; nothing was learnt about the code.
    """
    began = time.monotonic()
    path = path_of_tests(task.files)
    refuse(task.files, wanted)
    found, reason = await tester.explore(task.files, type_=wanted.type, seconds=seconds)
    dropped = [DroppedTest(what=f"{count} calls", why=why) for why, count in found.dropped.items() if count]
    try:
        written = Written(found.cases, task.files, path)
    except Unwritable as error:
        written, reason = Written((), task.files, path), f"what came out of the box is no test: {error}"
    text, red, lost = written.text(), dict[str, str](), 0
    if text:
        async with open_box() as box:
            red = await _red(task, path, written, box)
        dropped += [DroppedTest(what=title, why=why) for title, why in red.items()]
        text = written.text(frozenset(red))
        reason = reason or ("" if text else "the judge kept none of the tests")
        lost = _lost(written, frozenset(red))
        if lost:
            dropped.append(DroppedTest(what=f"{lost} mutants", why="only tests noticed them that the judge dropped"))
    return Generated(
        path=path,
        type=wanted.type,
        framework=wanted.framework,
        text=text,
        cases=len(written.tests) - len(red),
        # those that are not noticed any more have no diff here, and so are not counted at all
        mutants=found.mutants - lost,
        survivors=tuple(
            surviving(Survivor(name=each.name, path=each.path, text=each.text, line=each.line), task.files[each.path])
            for each in found.survivors
        ),
        dropped=tuple(dropped),
        suspects=_suspects(found),
        rate=found.rate,
        reason=reason,
        seconds=time.monotonic() - began,
        not_shown=_NOT_SHOWN if text else (),
    )


def refuse(files: Mapping[str, str], wanted: Wanted) -> None:
    """Raise `BadInput` for what cannot be written for vitest."""
    if not any(path.endswith(ENDINGS) for path in files):
        raise BadInput(
            "vitest runs JavaScript and TypeScript, and there is no file of either",
            hint="ask for pytest or unittest, or name files that end with .ts or .js",
        )
    if wanted.type == "property":
        raise BadInput(
            "property tests are not written for vitest",
            hint="ask for unit, integration or regression; property tests are written for Python code",
        )


def path_of_tests(files: Mapping[str, str]) -> str:
    """Where the tests are to stand: called as the module where there is one."""
    code = [path for path in files if path.endswith(ENDINGS)]
    pure = PurePosixPath(code[0]) if len(code) == 1 else None
    ending = ".ts" if any(path.endswith((".ts", ".tsx", ".mts", ".cts")) for path in code) else ".js"
    path = f"tests/{pure.stem if pure else 'generated'}.test{ending}"
    return path if path not in files else f"tests/{pure.stem if pure else 'generated'}_as_it_is.test{ending}"


async def _red(task: Task, path: str, written: Written, box: Box) -> dict[str, str]:
    """Titles of the tests that are not green in the judge's own sessions, in either order, each with the reason."""
    task = task.model_copy(update={"language": "typescript", "tests": {path: written.text()}})
    subject = Subject(files=task.files, case=Case(task=task, before=task.files, tests=task.tests))
    await lay(box, subject)
    asked = survey.ask(subject)
    surveyed = survey.read(asked, await box.run(asked.command))
    subject = subject.model_copy(update={"executable": surveyed.executable})
    red: dict[str, str] = {}
    for turned in (False, True):
        if turned:
            await lay(box, subject)
        report = (await sit(subject, surveyed, box, Way(turned=turned))).report
        passed = {test.node_id.partition("::")[2] for test in report.tests if test.ended == "passed"}
        red |= {title: _why(report, title) for title in written.tests if title not in passed and title not in red}
    return red


def _why(report: Report, title: str) -> str:
    said = [finding.message for finding in report.findings if title in finding.message] or [
        finding.message for finding in report.findings
    ]
    return said[0][:300] if said else "it was not run"


def _lost(written: Written, red: frozenset[str]) -> int:
    """How many mutants only the *red* tests notice."""
    kept = {number for title, (case, _) in written.tests.items() if title not in red for number in case.kills}
    return len({number for title in red for number in written.tests[title][0].kills} - kept)


def _suspects(found: Explored) -> tuple[Suspected, ...]:
    told = []
    for each in found.crashes:
        try:
            given = ", ".join(source(arg) for arg in (*each.call.made_with, *each.call.args))
        except Unwritable:
            continue
        call = f"{each.call.name}({given})"[:900]
        told.append(Suspected(what=each.kind, path=each.path, line=each.line, call=call, detail=each.detail))
    return tuple(told)
