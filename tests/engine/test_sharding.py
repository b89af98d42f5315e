"""How a suite is parted over boxes: by what was seen of its tests, once for all, and not where it is small."""

from __future__ import annotations

import pytest

from agents.base import Suite
from engine.checks.base import Subject
from engine.checks.tests import Sitting, Tests
from engine.checks.ways import Way
from engine.domain import Report, TestResult
from engine.sharding import Stand, merged, part, parted, parts_of
from tests.engine.host_box import subject_of
from tests.engine.made import PlayedBox, finding, lines, outcome, report

TEST = "def test_0():\n    pass\n"


def results(**seconds: float) -> list[TestResult]:
    return [TestResult(node_id=f"{name}.py::test_a", ended="passed", seconds=took) for name, took in seconds.items()]


def of_project(*paths: str, parts: tuple[tuple[str, ...], ...] = ()) -> Subject:
    """A project with a test in each file."""
    subject = subject_of({"solution.py": ""}, dict.fromkeys(paths, TEST))
    task = subject.case.task.model_copy(update={"suite": Suite(parts=parts)})
    return subject.model_copy(update={"case": subject.case.model_copy(update={"task": task})})


def test_files_are_parted_by_how_long_their_tests_took():
    """Into groups of about the same length; one of which nothing is known is short."""
    known = results(a=6.0, b=3.0, c=3.0)

    assert part(["a.py", "b.py", "c.py", "new.py"], known, most=2) == (("a.py", "new.py"), ("b.py", "c.py"))


@pytest.mark.parametrize(
    ("known", "files", "most"),
    [
        pytest.param(results(a=3.0, b=3.0), ["a.py", "b.py"], 4, id="short"),
        pytest.param(results(a=60.0, b=60.0), ["a.py", "b.py"], 1, id="one core"),
        pytest.param(results(a=60.0), ["a.py"], 4, id="one file"),
    ],
)
def test_what_is_not_worth_a_second_box_stays_in_one(known: list[TestResult], files: list[str], most: int):
    """One empty group stands for all files."""
    assert part(files, known, most=most) == ((),)


def test_a_suite_is_parted_once_for_all_that_is_judged_by_it():
    """By what was seen of it as a whole; the input and each draft are run alike. Without such a word it is not parted."""
    subject = of_project("test_a.py", "test_b.py", "test_c.py", parts=(("test_a.py",),))
    slow, quick = results(test_a=6.0, test_b=3.0, test_c=3.0), results(test_a=0.1)
    task = subject.case.task

    large = parted(task, slow, most=2)

    assert large.suite == Suite(parts=(("test_a.py",), ("test_b.py", "test_c.py")))
    assert parted(large, quick, most=2).suite == Suite()
    assert parted(task.model_copy(update={"suite": None}), slow, most=2).suite is None
    assert parts_of(subject) == (("test_a.py",),)
    assert parts_of(of_project("test_a.py")) == ((),)
    assert parts_of(subject_of({"solution.py": ""}, {"test_a.py": TEST})) == ((),)


def session(node: str, ended: str = "passed") -> bytes:
    said = {"event": "ended", "node": node, "seconds": 0.5, "ended": ended, "rule": "E", "message": "no"}
    return lines({"event": "collected", "nodes": [node]}, said, {"event": "done", "exit_code": 0})


async def test_a_session_is_held_in_all_boxes_that_have_a_part_of_what_is_asked():
    """What they said is one report; a box with no part of it is left alone."""
    boxes = [PlayedBox(iter([outcome(session("test_a.py::test_0")), outcome(session("test_a.py::test_0"))]))]
    boxes.append(PlayedBox(iter([outcome(session("test_b.py::test_0", "failed"))])))
    stand = Stand(Tests(), boxes, [("test_a.py",), ("test_b.py",)])
    subject = of_project("test_a.py", "test_b.py")

    whole = await stand.sit(subject, Way(hang_seconds=5.0))
    half = await stand.sit(subject, Way(hang_seconds=5.0, paths=("test_a.py",)))

    assert stand.count == 2
    assert whole.report.status == "failed"
    assert {test.node_id: test.ended for test in whole.report.tests} == {
        "test_a.py::test_0": "passed",
        "test_b.py::test_0": "failed",
    }
    assert half.report.status == "passed"
    assert [len(box.commands) for box in boxes] == [2, 1]


def sitting(*findings: str, passed: int = 0, **more: object) -> Sitting:
    rules = [finding(rule=rule) for rule in findings]
    tests = tuple(TestResult(node_id=f"test_a.py::test_{each}", ended="passed") for each in range(passed))
    told: Report = report("tests", "failed" if findings else "passed", *rules, tests=tests, seconds=float(passed))
    return Sitting.model_validate({"report": told, **more})


def test_a_part_without_a_test_is_no_fault_where_another_has_one():
    """Where none has, the suite has none; and what one box saw, all saw."""
    some = merged([sitting(passed=2, decided={"a"}), sitting("no-tests", decided={"b"}, deceived="it lies")])
    none = merged([sitting("no-tests"), sitting("no-tests", unseparable="a frame")])

    assert (some.report.status, some.report.seconds) == ("passed", 2.0)
    assert (some.decided, some.deceived) == ({"a", "b"}, "it lies")
    assert (none.report.status, none.unseparable) == ("failed", "a frame")
