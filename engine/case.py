"""The case a draft is judged on: everything that is fixed before the first draft is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from engine.domain import Task, TestResult, Value, Verdict, hash_files, sha256

STAND_IN = ""
"""What stands in for a source file where there is no earlier version of it: an empty module."""
_SOURCES = (".py", ".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".mts", ".cts", ".vue")
CALLER = "caller"
"""Who wrote what is only to be judged."""


def stand_ins(files: Mapping[str, str]) -> dict[str, str]:
    """*files* with an empty module in place of every source, and everything else as it is."""
    return {path: STAND_IN if path.endswith(_SOURCES) else text for path, text in files.items()}


class Names(Value):
    """The tests a frozen file defines, as its source says, before any submitted code has run."""

    expected: tuple[str, ...] = ()
    """``path::Class::function`` without parameters."""
    marked: tuple[str, ...] = ()
    """Those of `expected` that the frozen file itself marks to be skipped or to fail."""
    may_skip: tuple[str, ...] = ()
    """Those whose own source may skip them while they run."""


class Case(Value):
    """What is judged against what."""

    task: Task
    before: Mapping[str, str]
    """The code as it was handed in, or its empty stand-ins."""
    tests: Mapping[str, str]
    tests_from: Literal["caller", "reproduction"] = "caller"
    stand_in: bool = False
    """There was no earlier code: `before` is empty modules of the same names."""
    only_judged: bool = False
    """Nobody goes on from a red draft, so that it is looked at once more before it is called red."""
    green_before: bool = False
    """Nothing was wrong with `before`: an improvement is judged, and what was green there has to be green again."""
    baseline: Verdict | None = None
    """The verdict on `before`; None while that one is taken."""

    @property
    def key(self) -> str:
        """Content hash of all that a verdict depends on, the draft aside."""
        fixed = self.task.model_dump_json(include={"language", "limits"}) + self.task.budget.model_dump_json(
            include={"test_seconds"}
        )
        of_project = self.task.model_dump_json(include={"data", "suite", "dependencies"}, exclude_defaults=True)
        green = "|green before" if self.green_before else ""
        return sha256(
            f"{fixed}|{hash_files(self.before)}|{hash_files(self.tests)}|{self.baseline is None}{green}|{of_project}"
        )

    @property
    def test_paths(self) -> tuple[str, ...]:
        """The frozen Python files that may hold tests."""
        return tuple(
            sorted(path for path in self.tests if path.endswith(".py") and not f"/{path}".endswith("/conftest.py"))
        )

    def ended_before(self) -> dict[str, TestResult]:
        """How each test ended on the code as handed in, by node id."""
        return {test.node_id: test for test in self.baseline.tests} if self.baseline else {}
