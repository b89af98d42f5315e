"""Of a suite that takes long, the tests that get a twin: those that were red, those that run what was changed, and some
others that nobody can foresee.
"""

from __future__ import annotations

import secrets

from engine.case import Case
from engine.checks.base import Subject
from engine.checks.node_ids import file_of, function_of
from engine.domain import Report, Value

MOST = 200
"""Tests that get twins, at most."""
_AT_RANDOM = 50


class Chosen(Value):
    """Some of the tests, by the names of their functions."""

    tests: frozenset[str]
    of: int
    """How many there are."""

    @property
    def files(self) -> frozenset[str]:
        return frozenset(file_of(test) for test in self.tests)

    @property
    def not_shown(self) -> str:
        return (
            f"Twins were made of {len(self.tests)} of {self.of} tests only: of those that were red, of those that run files "
            "that were changed, and of some others taken at random."
        )


def choose(subject: Subject, after: Report) -> Chosen:
    """Of the tests that passed in *after*, at most `MOST`."""
    case = subject.case
    passed = list(dict.fromkeys(function_of(test.node_id) for test in after.tests if test.ended == "passed"))
    was = {function_of(node) for node, test in case.ended_before().items() if test.ended == "passed"}
    reaching = _reaching(case, {path for path, text in subject.files.items() if case.before.get(path) != text})
    first = [name for name in passed if name not in was]
    second = [name for name in passed if name in was and name in reaching]
    others = [name for name in passed if name in was and name not in reaching]
    chosen = [*first, *second][: MOST - min(_AT_RANDOM, len(others))]
    others += [*first, *second][len(chosen) :]
    # a draft that knew which tests have no twin could do as it likes in those
    chosen += secrets.SystemRandom().sample(others, min(len(others), MOST - len(chosen)))
    return Chosen(tests=frozenset(chosen), of=len(passed))


def _reaching(case: Case, changed: set[str]) -> set[str]:
    """Tests that ran a line of a *changed* file on the input."""
    reports = case.baseline.reports if case.baseline else ()
    groups = (group for report in reports for group in report.touched if changed.intersection(group.files))
    return {function_of(node) for group in groups for node in group.tests}
