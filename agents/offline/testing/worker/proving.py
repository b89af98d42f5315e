"""Runs the written file itself, function by function, on the code and on each mutant; and measures what it covers."""

from __future__ import annotations

import contextlib
import inspect
import json
import mmap
import os
import pickle
import sys
import tempfile
import unittest
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

from ...worker.guard import OutOfSteps, Steps, arm, limit_memory
from ...worker.processes import ask, hear, reap, spawn, tell
from .killing import CPU, Children, run, steps_of
from .task import Mutant
from .trusting import narrow
from .watching import Watch

_STEPS = 60_000
"""Calls and jumps of one case."""
_RUNNING, _GREEN, _RED = 1, 2, 3
PROPERTY_STEPS = 400_000
PROPERTY_CPU = 4.0
"""What a case may take that is tried with many inputs: steps, and seconds of processor time."""
_MARK = "max_examples=100)"


@dataclass(frozen=True)
class Covered:
    """Counts over the files under test."""

    lines: int = 0
    all_lines: int = 0
    branches: int = 0
    all_branches: int = 0


@dataclass(frozen=True)
class Case:
    """How one case ended on the code."""

    name: str
    why: str
    """Why it is red; empty where it is green."""
    error: str = ""
    inside: bool = False
    """Whether the error was raised in the code, and not in the test."""
    path: str = ""
    line: int = 0
    features: frozenset[tuple[str, int, int, int]] = frozenset()
    entered: frozenset[tuple[str, int]] = frozenset()

    @property
    def function(self) -> str:
        """The test without the row of its table."""
        return self.name.partition("[")[0]


class Proof:
    """One written file."""

    def __init__(self, children: Children, text: str, *, examples: int = 100) -> None:
        """*examples* is how many inputs a property is tried with; nothing is shrunk here."""
        self._children = children
        self._text = text
        self._properties = "from hypothesis" in text
        quick = f"max_examples={examples}, phases=_PHASES, suppress_health_check=_CHECKS)"
        self._run = text.replace(_MARK, quick) if self._properties else text
        self._steps = PROPERTY_STEPS if self._properties else _STEPS

    def cases(self) -> list[tuple[str, str]] | None:
        """Each case by its name, and why it is red on the code, empty where it is green; None where the file cannot run."""

        def work(fd: int) -> None:
            steps = self._begin(10.0)
            found = []
            for name, case in _cases(self._space()):
                if self._properties:
                    arm(PROPERTY_CPU, 10 * PROPERTY_CPU)
                    tell(fd, (name, "it ended the process"))
                found.append((name, _red(case, steps, 5 * self._steps)))
                if self._properties:
                    tell(fd, found[-1])
            tell(fd, found)

        if self._properties:
            return _told_one_by_one(work)
        answer: Any = ask(work, 31.0, loads=narrow)
        return answer if isinstance(answer, list) else None

    def entered(self) -> list[frozenset[tuple[str, int]]]:
        """Of each case the functions that it ran on the code, by file and first line; empty where that is not known."""

        def work(fd: int) -> None:
            steps = self._begin(10.0)
            watch = Watch(self._children.files)
            found = []
            for _, case in _cases(self._space()):
                arm(PROPERTY_CPU, 10 * PROPERTY_CPU)
                watch.start()
                _red(case, steps, 5 * self._steps)
                found.append(frozenset(watch.entered))
            tell(fd, found)

        answer: Any = ask(work, 60.0, loads=narrow)
        return answer if isinstance(answer, list) else []

    def killer(self, mutant: Mutant, most: int, only: Collection[int] | None = None) -> int | None:
        """The number of the first case that is red on *mutant*, of up to *most* in the file; *most* where the file cannot
        even be loaded, None where none is red. *only* these numbers are tried, where they are given.
        """

        def bound() -> None:
            if self._properties:
                arm(PROPERTY_CPU, 10 * PROPERTY_CPU)

        ended = self._try(mutant, most, only, bound, all_of_them=False)
        return next((number for number in (most, *range(most)) if ended[number] in (_RUNNING, _RED)), None)

    def reds(self) -> tuple[list[Case], str]:
        """How each case ends on the code, and what it runs of it; why the file cannot be loaded, if so."""

        def work(fd: int) -> None:
            steps = self._begin(20.0)
            watch = Watch(self._children.files)
            try:
                cases = list(_cases(self._space()))
            except BaseException as error:  # noqa: BLE001  # whatever loading it raises
                tell(fd, f"{type(error).__name__}: {error}"[:300])
                return
            for name, case in cases:
                arm(PROPERTY_CPU, 10 * PROPERTY_CPU)
                tell(fd, Case(name, "it ended the process"))
                watch.start()
                found = self._ended(name, case, steps)
                features = frozenset(watch.features)
                tell(fd, replace(found, features=features, entered=frozenset(watch.entered)))
            tell(fd, None)

        child, fd = spawn(work)
        found: dict[str, Case] = {}
        try:
            while isinstance(said := hear(fd, 12 * PROPERTY_CPU, narrow), Case):
                found[said.name] = said
        except (EOFError, pickle.UnpicklingError):
            said = None
        finally:
            os.close(fd)
            reap(child)
        return list(found.values()), said if isinstance(said, str) else ""

    def _ended(self, name: str, case: Any, steps: Steps) -> Case:  # noqa: ANN401  # a test of any kind
        steps.start(5 * self._steps)
        try:
            if inspect.iscoroutine(case()):
                return Case(name, "an async test is not run here: call `asyncio.run` in a plain one", "TypeError")
        except OutOfSteps:
            return Case(name, "it did not end")
        except BaseException as error:  # noqa: BLE001  # whatever a test raises
            return self._failed(name, error)
        finally:
            spent = steps.spent
            steps.start(1 << 61)
        return Case(name, "it did not end" if spent else "")

    def _failed(self, name: str, error: BaseException) -> Case:
        """The error, with the line of the test that met it, and whether it comes out of the code."""
        at, inside, path, line, trace = "", False, "", 0, error.__traceback__
        while trace is not None:
            file = trace.tb_frame.f_code.co_filename
            if file == "test_written.py":
                lines = self._run.splitlines()
                at = lines[trace.tb_lineno - 1].strip() if trace.tb_lineno <= len(lines) else ""
            inside = file in self._children.files
            if inside:
                path, line = self._children.files[file], trace.tb_lineno
            trace = trace.tb_next
        said = f"{type(error).__name__}: {str(error)[:300]}".rstrip(": ")
        return Case(name, f"{said} at `{at[:200]}`" if at else said, type(error).__name__, inside, path, line)

    def killed(self, mutant: Mutant, most: int, only: Collection[int]) -> set[int]:
        """The numbers of all cases of *only* that are red on *mutant*."""

        def bound() -> None:
            arm(PROPERTY_CPU if self._properties else CPU, 3.0)

        ended = self._try(mutant, most, only, bound, all_of_them=True)
        if ended[most] == _RUNNING:
            return set(only)
        return {number for number in range(most) if ended[number] in (_RUNNING, _RED)}

    def _try(
        self, mutant: Mutant, most: int, only: Collection[int] | None, bound: Callable[[], None], *, all_of_them: bool
    ) -> bytes:
        """How each case of up to *most* ended on *mutant*, by its number, and at the end how loading the file did; *bound* is
        called before each. *only* these numbers are tried, where they are given, and none after the first red one unless it
        is to be *all_of_them*.
        """
        board = mmap.mmap(-1, most + 1)

        def work(_fd: int) -> None:
            board[most] = _RUNNING
            self._children.served.put_in({mutant.path: mutant.text})
            steps = self._begin(PROPERTY_CPU if self._properties else CPU)
            try:
                cases = list(_cases(self._space()))
            except BaseException:  # noqa: BLE001  # a mutant with which nothing can be imported
                return
            board[most] = _GREEN
            for number, (_, case) in zip(range(most), cases, strict=False):
                if only is not None and number not in only:
                    continue
                board[number] = _RUNNING
                bound()
                red = _red(case, steps, self._steps)
                board[number] = _RED if red else _GREEN
                if red and not all_of_them:
                    return

        run(work, 8 * PROPERTY_CPU if self._properties else 3.5)
        ended = board[:]
        board.close()
        return ended

    def survivors(
        self,
        mutants: Sequence[Mutant],
        owners: Sequence[tuple[str, int] | None],
        cases: int,
        left: Callable[[], float],
        known: Collection[int] = (),
    ) -> tuple[list[Mutant], int]:
        """Those of *mutants* on which no case is red, and how many of them were not tried for want of time. Those whose
        number is *known* were seen to do something else in a call that a case consists of: for want of time, that counts.
        """
        entered = self.entered() if self._properties else []
        alive, untried = set[int](), 0
        # first those of which least is known
        for number in sorted(range(len(mutants)), key=lambda each: each in known):
            mutant, owner = mutants[number], owners[number]
            only = [at for at, each in enumerate(entered) if owner in each] if entered and owner else None
            if left() <= 0:
                untried += number not in known
                alive |= set() if number in known else {number}
            elif only == [] or self.killer(mutant, cases, only) is None:
                alive.add(number)
        return [mutant for number, mutant in enumerate(mutants) if number in alive], untried

    def covered(self, files: Mapping[str, str], only: Collection[str] | None = None) -> Covered:
        """What the cases, or *only* those of these names, cover of *files*, which gives the path for each file on disk."""

        def work(fd: int) -> None:
            import coverage  # noqa: PLC0415  # only this child measures

            arm(20.0, 30.0)
            self._children.enter()
            measure = coverage.Coverage(data_file=None, branch=True, config_file=False, include=list(files))
            measure.start()
            for name, case in _cases(self._space()):
                if only is None or name in only:
                    with contextlib.suppress(Exception):
                        case()
            measure.stop()
            with tempfile.TemporaryDirectory() as folder:
                out = Path(folder) / "coverage.json"
                measure.json_report(outfile=str(out))
                tell(fd, json.loads(out.read_text())["totals"])

        totals = ask(work, 31.0, loads=narrow)
        if not isinstance(totals, dict):
            return Covered()
        return Covered(
            totals["covered_lines"], totals["num_statements"], totals["covered_branches"], totals["num_branches"]
        )

    def _begin(self, cpu: float) -> Steps:
        limit_memory()
        sys.setrecursionlimit(900)
        arm(cpu, 3 * cpu)
        self._children.enter()
        return steps_of(self._children.served, frozenset(self._children.files))

    def _space(self) -> dict[str, Any]:
        space: dict[str, Any] = {"__name__": "test_written"}
        if self._properties:
            import hypothesis  # noqa: PLC0415  # only where it is needed

            space |= {
                "_PHASES": (hypothesis.Phase.explicit, hypothesis.Phase.generate),
                "_CHECKS": list(hypothesis.HealthCheck),
            }
        exec(compile(self._run, "test_written.py", "exec", dont_inherit=True), space)  # noqa: S102  # our own text
        return space


def _told_one_by_one(work: Callable[[int], None]) -> list[tuple[str, str]] | None:
    """The cases as far as *work* came with them: one at which its process ended is red, and so is what it did not reach."""
    child, fd = spawn(work)
    found: dict[str, str] = {}
    try:
        while isinstance(said := hear(fd, 12 * PROPERTY_CPU, narrow), tuple):
            found[said[0]] = said[1]
    except (EOFError, pickle.UnpicklingError):
        # one that took the process with it is the last that was begun
        return list(found.items()) or None
    finally:
        os.close(fd)
        reap(child)
    return list(found.items())


def _cases(space: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each case of a file that has run, by its name: functions, rows of their tables, methods of unittest's classes."""
    for name, test in list(space.items()):
        if isinstance(test, type) and issubclass(test, unittest.TestCase):
            for method in unittest.defaultTestLoader.getTestCaseNames(test):
                yield f"{name}::{method}", test(method).debug
            continue
        if isinstance(test, type) and name.startswith("Test"):
            for method in [each for each in vars(test) if each.startswith("test")]:
                yield from _rows(f"{name}::{method}", getattr(test(), method))
            continue
        if not name.startswith("test") or not callable(test):
            continue
        yield from _rows(name, test)


def _rows(name: str, test: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401  # a test of any kind
    """*test* itself, or with each row of its table."""
    marks = getattr(test, "pytestmark", [])
    work = _in_a_folder(test) if "tmp_path" in inspect.signature(test).parameters else test
    work = _failing(work) if any(mark.name == "xfail" for mark in marks) else work
    tables = [mark.args for mark in marks if mark.name == "parametrize"]
    if not tables:
        yield name, work
        return
    for number, rows in enumerate(product(*(list(rows) for _, rows in tables))):
        given: dict[str, object] = {}
        for (names, _), row in zip(tables, rows, strict=True):
            called = [each.strip() for each in names.split(",")] if isinstance(names, str) else list(names)
            values = getattr(row, "values", row) if type(row).__name__ == "ParameterSet" else row
            single = len(called) == 1 and values is row
            given |= {called[0]: values} if single else dict(zip(called, values, strict=True))
        yield f"{name}[{number}]", partial(work, **given)


def _in_a_folder(test: Any) -> Any:  # noqa: ANN401  # a test of any kind
    def work(**given: object) -> None:
        with tempfile.TemporaryDirectory() as folder:
            test(tmp_path=Path(folder), **given)

    return work


def _failing(test: Any) -> Any:  # noqa: ANN401  # a test of any kind
    """A test that has to fail."""

    def work(**given: object) -> None:
        try:
            test(**given)
        except Exception:  # noqa: BLE001  # whatever it fails by
            return
        raise AssertionError("it was expected to fail")

    return work


def _red(case: Any, steps: Steps, most: int) -> str:  # noqa: ANN401  # a test of any kind
    """Why *case* is red; empty where it is green."""
    steps.start(most)
    try:
        case()
    except BaseException as error:  # noqa: BLE001  # whatever a test raises
        return f"{type(error).__name__}: {error}"[:200] or "red"
    finally:
        spent = steps.spent
        steps.start(1 << 61)
    return "did not end" if spent else ""
