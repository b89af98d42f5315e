"""Runs the written file itself, function by function, on the code and on each mutant; and measures what it covers."""

from __future__ import annotations

import contextlib
import json
import mmap
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from ...worker.guard import Steps, arm, limit_memory
from ...worker.processes import ask, tell
from .killing import CPU, Children, run, steps_of
from .task import Mutant

_STEPS = 60_000
"""Calls and jumps of one case."""
_RUNNING, _GREEN, _RED = 1, 2, 3


@dataclass(frozen=True)
class Covered:
    """Counts over the files under test."""

    lines: int = 0
    all_lines: int = 0
    branches: int = 0
    all_branches: int = 0


class Proof:
    """One written file."""

    def __init__(self, children: Children, text: str) -> None:
        self._children = children
        self._text = text

    def cases(self) -> list[tuple[str, str]] | None:
        """Each case by its name, and why it is red on the code, empty where it is green; None where the file cannot run."""

        def work(fd: int) -> None:
            steps = self._begin(10.0)
            found = []
            for name, case in _cases(self._space()):
                found.append((name, _red(case, steps, 5 * _STEPS)))
            tell(fd, found)

        answer: Any = ask(work, 31.0)
        return answer if isinstance(answer, list) else None

    def kills(self, mutant: Mutant, most: int) -> bool:
        """Whether a case of the file, which has up to *most*, is red on *mutant*."""
        board = mmap.mmap(-1, most + 1)

        def work(_fd: int) -> None:
            board[most] = _RUNNING
            self._children.served.put_in({mutant.path: mutant.text})
            steps = self._begin(CPU)
            try:
                cases = list(_cases(self._space()))
            except BaseException:  # noqa: BLE001  # a mutant with which nothing can be imported
                return
            board[most] = _GREEN
            for number, (_, case) in zip(count(), cases, strict=False):
                board[number] = _RUNNING
                red = _red(case, steps, _STEPS)
                board[number] = _RED if red else _GREEN
                if red:
                    return

        run(work, 3.5)
        killed = any(board[number] in (_RUNNING, _RED) for number in range(most + 1))
        board.close()
        return killed

    def covered(self, files: Mapping[str, str]) -> Covered:
        """What the cases cover of *files*, which gives the path for each file on disk."""

        def work(fd: int) -> None:
            import coverage  # noqa: PLC0415  # only this child measures

            arm(20.0, 30.0)
            self._children.served.install()
            measure = coverage.Coverage(data_file=None, branch=True, config_file=False, include=list(files))
            measure.start()
            for _, case in _cases(self._space()):
                with contextlib.suppress(Exception):
                    case()
            measure.stop()
            with tempfile.TemporaryDirectory() as folder:
                out = Path(folder) / "coverage.json"
                measure.json_report(outfile=str(out))
                tell(fd, json.loads(out.read_text())["totals"])

        totals = ask(work, 31.0)
        if not isinstance(totals, dict):
            return Covered()
        return Covered(
            totals["covered_lines"], totals["num_statements"], totals["covered_branches"], totals["num_branches"]
        )

    def _begin(self, cpu: float) -> Steps:
        limit_memory()
        sys.setrecursionlimit(900)
        arm(cpu, 3 * cpu)
        self._children.served.install()
        return steps_of(self._children.served, frozenset(self._children.files))

    def _space(self) -> dict[str, Any]:
        space: dict[str, Any] = {"__name__": "test_written"}
        exec(compile(self._text, "test_written.py", "exec", dont_inherit=True), space)  # noqa: S102  # our own text
        return space


def _cases(space: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, test in list(space.items()):
        if not name.startswith("test_") or not callable(test):
            continue
        marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
        if not marks:
            yield name, test
            continue
        names, rows = marks[0].args
        for number, row in enumerate(rows):
            given = {names: row} if isinstance(names, str) else dict(zip(names, row, strict=True))
            yield f"{name}[{number}]", partial(test, **given)


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
