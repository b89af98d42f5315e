"""What a person is told of a whole project: never that nothing could be mended where nobody tried."""

from __future__ import annotations

from pathlib import Path

from engine.domain import TestResult
from engine.repository.result import Cause, Healed, RepositoryResult, SuiteRun
from engine.repository.words import conclusion
from tests.cli import runs

SUITE = SuiteRun(tests=tuple(TestResult(node_id=f"test_a.py::test_{name}", ended="failed") for name in ("x", "y")))


def a_result(*healed: Healed, outcome: str) -> RepositoryResult:
    return RepositoryResult.model_validate(
        {"root": Path("shop"), "red": SUITE.red, "before": SUITE, "healed": healed, "outcome": outcome}
    )


def test_a_budget_that_ends_before_the_first_cause_is_said() -> None:
    """And how more is allowed."""
    said = conclusion(a_result(outcome="no_fix"))

    assert said.summary == (
        "2 tests red, and nothing could be mended. Nobody came to 2 red tests: the budget was used up."
    )
    assert "--seconds" in said.next_step


def test_what_nobody_came_to_is_told_beside_what_was_tried() -> None:
    """Of two causes only the one was tried."""
    healed = Healed(cause=Cause(name="x", tests=("test_a.py::test_x",)), run=runs.run({}, {}, outcome="no_fix"))

    said = conclusion(a_result(healed, outcome="partly"))

    assert said.summary.endswith("Nobody came to 1 red test: the budget was used up.")
    assert "Nobody" not in conclusion(a_result(healed, healed, outcome="verified")).summary
