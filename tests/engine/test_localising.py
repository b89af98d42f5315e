"""Where a fault may be is told from the lines that red tests ran, and how many others ran them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from agents.base import Lead, Suspect
from agents.errors import NothingToOffer
from engine.conclusion import give_up
from engine.domain import Finding, Report, Verdict
from engine.localising import suspects
from tests.engine.made import case, run, task

FILES = {"calc.py": "def add(a, b):\n    c = a\n    return c - b\n\n\ndef same(a):\n    return a\n"}


def seen(reached: Mapping[str, tuple[int, ...]], beside: Mapping[int, int], *findings: Finding) -> Report:
    return Report(
        check="tests",
        status="failed",
        reached={node: {"calc.py": lines} for node, lines in reached.items()},
        beside={"calc.py": beside},
        findings=findings,
    )


def places(report: Report) -> list[int]:
    return [suspect.line for suspect in suspects(report, FILES)]


def test_what_only_red_tests_ran_comes_before_what_green_ones_ran_too() -> None:
    """Each is quoted, and the first one is as suspicious as any can be."""
    found = suspects(seen({"t.py::one": (7, 3), "t.py::two": (3,)}, {7: 9, 3: 0}), FILES)

    assert [(each.line, each.text) for each in found] == [(3, "return c - b"), (7, "return a")]
    assert found[0].score == 1.0
    assert found[1].score < 0.5


def test_a_line_that_the_error_came_through_comes_first_among_equals() -> None:
    """As the traceback or the finding names it."""
    told = Finding(check="tests", message="boom", evidence='File "/box/work/calc.py", line 7, in same')

    assert places(seen({"t.py::one": (2, 7)}, {2: 0, 7: 0})) == [2, 7]
    assert places(seen({"t.py::one": (2, 7)}, {2: 0, 7: 0}, told)) == [7, 2]


def test_what_the_linter_says_makes_no_line_suspicious() -> None:
    """It has always been there, and the tests were green."""
    told = Finding(check="lint", message="unused", path="calc.py", line=7)

    assert places(seen({"t.py::one": (2, 7)}, {2: 0, 7: 0}, told)) == [2, 7]


def test_of_equals_in_a_function_the_later_come_first_and_what_only_begins_something_last() -> None:
    """All of a function's lines are often run by the same tests."""
    text = "def add(a, b):\n    c = a\n    try:\n        d = c + b\n    finally:\n        pass\n    return d\n"
    report = seen({"t.py::one": (2, 3, 4, 6, 7)}, dict.fromkeys((2, 3, 4, 6, 7), 0))

    found = [suspect.line for suspect in suspects(report, {"calc.py": text})]

    assert found == [7, 4, 2, 6, 3]


def test_a_file_that_does_not_parse_is_told_of_all_the_same() -> None:
    """Nothing is known of its functions then."""
    found = suspects(seen({"t.py::one": (1, 2)}, {1: 3, 2: 0}), {"calc.py": "def add(:\n    oops\n"})

    assert [suspect.line for suspect in found] == [2, 1]


def test_where_nothing_ran_what_tracebacks_name_is_suspected_the_innermost_first() -> None:
    """A fault that keeps files from being imported is in the way of every test."""
    text = "calc.py:2: in <module>\n    c = a\ncalc.py:7: in same\n    return a\nE   NameError"
    told = Finding(check="tests", message="test_calc.py cannot be collected: NameError", evidence=text)

    assert places(seen({}, {}, told)) == [7, 2]


def test_nothing_is_suspected_where_no_line_was_seen_to_run() -> None:
    """Nor a file that is none of the project's."""
    elsewhere = seen({"t.py::one": (2,)}, {}).model_copy(update={"reached": {"t.py::one": {"other.py": (1,)}}})

    assert suspects(Report(check="tests", status="failed"), FILES) == ()
    assert suspects(elsewhere, FILES) == ()


@pytest.mark.parametrize(
    ("partial", "first"), [pytest.param((), 3, id="in vain"), pytest.param(("a diff",), 2, id="part of the way")]
)
def test_what_a_look_shows_counts_until_a_search_has_mended_something(partial: tuple[str, ...], first: int) -> None:
    """A search that changed nothing for the better has learnt nothing of where the fault is."""
    files = {"solution.py": "a = 1\nb = 2\nc = 3\n"}
    report = Report(
        check="tests",
        status="failed",
        reached={"t.py::one": {"solution.py": (2, 3)}},
        beside={"solution.py": {2: 5, 3: 0}},
        findings=(Finding(check="tests", message="boom"),),
    )
    verdict = Verdict(files_sha256="", reports=(report,), proofs=())
    of = case(task(files=files), baseline=verdict)
    started = run(of.task).model_copy(update={"baseline": verdict})
    searched = (Suspect(path="solution.py", line=2, score=1.0),)
    lead = Lead(author="offline", suspects=searched, partial=partial)

    ended = give_up(started, of, (), NothingToOffer("offline", "nothing", lead=lead))

    assert ended.suspects[0].line == first
