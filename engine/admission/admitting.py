"""Decides, test by test, whether generated tests count: they have to be green on the code and red on code that is wrong."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from pathlib import PurePosixPath

from engine.admission.cutting import functions_in, without
from engine.admission.result import Admission, By, Dropped, Kept, Why
from engine.admission.sessions import Session, Sessions
from engine.case import Case
from engine.checks import shape
from engine.checks.ways import Way
from engine.conflicts.claims import GOAL, PYTEST, PYTHON
from engine.conflicts.finding import find_conflict
from engine.domain import Report, Task
from engine.errors import BadInput
from engine.mutants import make, written_otherwise
from sandboxes.base import Box

_MOST_CONFLICTS = 20
_HANG_SECONDS = 1.0
"""Processor time that a test may use on a mutant, or on the earlier code, before it is called hung."""
_LEAST_SECONDS = 5.0
"""Wall clock that a session on a mutant may take at least; else it is ten times as long as on the code."""


async def admit(task: Task, box: Box, *, before: Mapping[str, str] | None = None) -> Admission:
    """What becomes of `task.tests` on `task.files`, seen in *box*; *before* is the code when it was still wrong.

    After `Budget.seconds` no other mutant is tried.

    Raises:
        BadInput: The files could not be laid into a box as they are.
        SandboxError: The machinery failed; nothing was learnt about the tests.
    """
    refused = shape.examine(dict(task.files), Case(task=task, before=task.files, tests=task.tests))
    if refused.findings:
        raise BadInput(f"{refused.findings[0].path or 'the code'}: {refused.findings[0].message}")
    return await _Admitting(task, box, before).admission()


class _Admitting:
    """One pass over one set of tests."""

    def __init__(self, task: Task, box: Box, before: Mapping[str, str] | None) -> None:
        self._task = task
        self._before = before
        self._sessions = Sessions(box, task)
        self._tests = dict(task.tests)
        self._kept: dict[str, Kept] = {}
        self._dropped: dict[str, Dropped] = {}
        self._mutants = 0
        self._started = time.monotonic()

    async def admission(self) -> Admission:
        self._drop_unparsable(await self._sessions.read())
        await self._drop_contradicting()
        first = await self._first()
        await self._drop_flaky(first)
        await self._drop_readers(first)
        if self._before is not None and self._left(first):
            await self._try_earlier(first, self._before)
        if self._left(first):
            await self._try_mutants(first)
        for name in self._left(first):
            tried = f"green on the code and on all {self._mutants} mutants"
            self._drop(name, "proves nothing", tried if self._before is None else f"{tried}, and on the earlier code")
        files = await self._confirmed(self._remaining())
        return Admission(
            kept=tuple(self._kept[name] for name in sorted(self._kept)),
            dropped=tuple(self._dropped[name] for name in sorted(self._dropped)),
            mutants=self._mutants,
            files=files,
            seconds=time.monotonic() - self._started,
        )

    def _left(self, first: Session) -> frozenset[str]:
        """Tests that are green on the code, and of which nothing else is known yet."""
        return first.passed - self._kept.keys() - self._dropped.keys()

    def _drop(self, name: str, why: Why, detail: str) -> None:
        self._kept.pop(name, None)
        self._dropped.setdefault(name, Dropped(test=name, why=why, detail=detail[:600]))

    def _drop_unparsable(self, syntax: Report) -> None:
        for finding in syntax.findings:
            if finding.path in self._tests:
                detail = f"does not parse: line {finding.line}: {finding.message}"
                self._drop_file(finding.path, detail)

    def _drop_file(self, path: str, detail: str) -> None:
        """Every test of a file; the file itself where no test of it is known."""
        names = [name for name in self._sessions.expected if name.startswith(f"{path}::")]
        for name in names or [path]:
            self._drop(name, "fails on the code", detail)
        del self._tests[path]

    async def _drop_contradicting(self) -> None:
        """Drop what contradicts the goal, or Python itself, also where the code agrees with it.

        Of two tests that contradict each other, one fails on the code.
        """
        tests = dict(self._tests)
        for _ in range(_MOST_CONFLICTS):
            # In a thread, because a second's work on large tests must not hold up others.
            conflict = find_conflict(goal=self._task.goal, tests=tests, code=self._task.files)
            if conflict is None:
                return
            places = [claim.where for claim in conflict.between]
            told = [name for place in places if (name := _function_at(place, tests)) in self._sessions.expected]
            if any(place in {GOAL, PYTHON, PYTEST} for place in places):
                for name in told:
                    self._drop(name, "contradicts", conflict.summary)
            smaller = _cut(tests, told)
            if not told or smaller == tests:
                return
            tests = smaller

    async def _first(self) -> Session:
        """The session on the code, with the files left out that spoil it for the others."""
        session = await self._sessions.run(self._task.files, self._tests)
        for path in [path for path in sorted(self._tests) if self._holds_tests(path)] if session.spoilt else ():
            alone = {
                other: text for other, text in self._tests.items() if other == path or not self._holds_tests(other)
            }
            spoilt = (await self._sessions.run(self._task.files, alone)).spoilt
            if spoilt:
                self._drop_file(path, spoilt)
        if session.spoilt:
            session = await self._sessions.run(self._task.files, self._tests)
        for name in session.functions:
            if session.spoilt:
                self._drop(name, "fails on the code", session.spoilt)
            elif name in session.skipped:
                self._drop(name, "skipped", "a skip, or an expected failure, shows nothing")
            elif name not in session.passed:
                self._drop(name, "fails on the code", session.why(name))
        return session

    async def _drop_flaky(self, first: Session) -> None:
        if not self._left(first):
            return
        second = await self._sessions.run(self._task.files, self._tests, self._patient(reverse=True, seed=1))
        for name in self._left(first) - (frozenset() if second.spoilt else second.passed):
            why = second.spoilt or second.why(name)
            self._drop(name, "flaky", f"in the opposite order and with another hash seed: {why}")

    async def _drop_readers(self, first: Session) -> None:
        """Drop what reads the code instead of running it: it is red on every mutant, and on no mistake."""
        files = {
            path: written_otherwise(text) if path.endswith(".py") else text for path, text in self._task.files.items()
        }
        left = self._left(first)
        if not left or files == self._task.files:
            return
        session = await self._sessions.run(files, self._tests, self._patient(seed=1), only=left)
        for name in left - (left if session.spoilt else session.passed):
            self._drop(name, "proves nothing", f"red on the same code written otherwise: {session.why(name)}")

    async def _try_earlier(self, first: Session, before: Mapping[str, str]) -> None:
        left = self._left(first)
        session = await self._sessions.run(before, self._tests, self._way(), only=left)
        for red, detail in (
            (session.red(first, by_any_error=True), "failed on the earlier code"),
            (session.uncollected(), "could not be collected with the earlier code"),
        ):
            await self._keep_if_red_again(red & left, first, before, by="red before green", detail=detail)

    async def _try_mutants(self, first: Session) -> None:
        """Each mutant against the tests that have shown nothing yet, until there are none."""
        executed = first.report.executed
        ran = None if "*" in executed else executed
        seconds = min(self._task.budget.test_seconds, max(_LEAST_SECONDS, 10 * first.report.seconds))
        for mutant in make(self._task.files, lines=ran):
            left = self._left(first)
            if not left or time.monotonic() - self._started > self._task.budget.seconds:
                return
            files = {**self._task.files, mutant.path: mutant.text}
            session = await self._sessions.run(files, self._tests, self._way(), only=left, seconds=seconds)
            self._mutants += 1
            red = session.red(first, by_any_error=False) & left
            await self._keep_if_red_again(red, first, files, by="kills a mutant", detail=mutant.name, seconds=seconds)

    async def _keep_if_red_again(
        self,
        red: frozenset[str],
        first: Session,
        files: Mapping[str, str],
        *,
        by: By,
        detail: str,
        seconds: float | None = None,
    ) -> None:
        """Keep those of *red* that are red on the same wrong *files* once more: among many sessions a coin is red in some."""
        if not red:
            return
        session = await self._sessions.run(files, self._tests, self._way(), only=red, seconds=seconds)
        early = by == "red before green"
        again = session.red(first, by_any_error=early) | (session.uncollected() if early else frozenset())
        for name in red & again:
            self._kept[name] = Kept(test=name, by=by, detail=detail)
        for name in red & session.passed if not session.spoilt else ():
            self._drop(name, "flaky", f"red and then green on the same wrong code: {detail}")

    def _way(self) -> Way:
        return Way(hang_seconds=min(_HANG_SECONDS, self._task.budget.test_seconds / 2), stop_after_hangs=2)

    def _patient(self, *, seed: int, reverse: bool = False) -> Way:
        """With all the time that the code has, in a new interpreter."""
        return Way(
            hang_seconds=self._task.budget.test_seconds / 2,
            reverse=reverse,
            fresh_interpreter=True,
            environment={"PYTHONHASHSEED": str(seed)},
        )

    def _remaining(self) -> dict[str, str]:
        """The files without the dropped tests.

        Where one of them cannot be taken out, because it is made in another way than by its name, all of its file goes.
        """
        for path in [path for path in self._tests if self._holds_tests(path)]:
            gone = [name.split("::", 1)[1] for name in self._dropped if name.startswith(f"{path}::")]
            if gone and without(self._tests[path], gone) is None:
                for name in [name for name in self._kept if name.startswith(f"{path}::")]:
                    self._drop(name, "proves nothing", "stands in a file from which a dropped test cannot be taken")
        cut = _cut(self._tests, self._dropped)
        used = {name.split("::", 1)[0] for name in self._kept}
        return {path: text for path, text in cut.items() if used and (path in used or not self._holds_tests(path))}

    def _holds_tests(self, path: str) -> bool:
        name = PurePosixPath(path).name
        named_so = name.endswith("_test.py") or (name.startswith("test_") and name.endswith(".py"))
        return named_so or any(expected.startswith(f"{path}::") for expected in self._sessions.expected)

    async def _confirmed(self, files: dict[str, str]) -> dict[str, str]:
        """*files* once it was seen that what was kept is green a third time, without what was dropped."""
        if not files:
            return files
        session = await self._sessions.run(self._task.files, files, self._patient(seed=2), only=self._kept)
        needing = self._kept.keys() - (frozenset() if session.spoilt else session.passed)
        for name in needing:
            self._drop(name, "flaky", f"without the tests that were dropped: {session.spoilt or session.why(name)}")
        return self._remaining() if needing else files


def _cut(tests: Mapping[str, str], names: Collection[str]) -> dict[str, str]:
    """*tests* without the functions *names*, as far as they can be taken out."""
    cut = dict(tests)
    for path, text in tests.items():
        gone = [name.split("::", 1)[1] for name in names if name.startswith(f"{path}::")]
        if gone:
            cut[path] = without(text, gone) or text
    return cut


def _function_at(place: str, tests: Mapping[str, str]) -> str:
    """The function that stands at *place*, ``path:line``; empty where there is none."""
    path, _, line = place.rpartition(":")
    if path not in tests or not line.isdigit():
        return ""
    around = [(first, name) for name, (first, last) in functions_in(tests[path]).items() if first <= int(line) <= last]
    return f"{path}::{max(around)[1]}" if around else ""
