"""What has to be shown before green is called verified."""

from __future__ import annotations

import pytest

from engine import proofs
from engine.checks.base import Subject
from engine.domain import Report, TestEnd, TestResult, Verdict
from tests.engine.made import NODE, case, finding, report, results, task


def ran(*tests: TestResult, **more: object) -> Report:
    return report("tests", "passed", tests=tests, **more)


def was(*tests: TestResult, rule: str = "") -> Verdict:
    findings = (finding(rule=rule),) if rule else ()
    return Verdict(files_sha256="0", reports=(report("tests", "failed", *findings, tests=tests),))


def one(ended: TestEnd, node: str = NODE, seconds: float = 0.01) -> TestResult:
    return TestResult(node_id=node, ended=ended, seconds=seconds)


def test_passed_tests_are_counted_by_name():
    """What the frozen file itself skips is named as not counted; nothing passed is nothing shown."""
    shown = proofs.tests_passed(ran(*results(a="passed", b="passed", c="skipped")))

    assert shown.held
    assert shown.detail.startswith("2 of 2 frozen tests passed by name; not counted")
    assert "::c" in shown.detail
    assert not proofs.tests_passed(ran(*results(a="skipped"))).held
    assert not proofs.tests_passed(report("tests", "failed", tests=results(a="passed"))).held


@pytest.mark.parametrize(
    ("before", "held"),
    [
        pytest.param(was(one("failed")), True, id="failed"),
        pytest.param(was(one("error")), True, id="error"),
        pytest.param(was(one("missing")), True, id="could not be collected"),
        pytest.param(was(), True, id="was not there at all"),
        pytest.param(was(one("passed")), False, id="passed"),
        pytest.param(was(one("skipped")), False, id="skipped"),
        pytest.param(was(one("hung", seconds=1.0)), True, id="did not end, and takes a hundredth now"),
        pytest.param(was(one("hung", seconds=0.1)), False, id="was only stopped early"),
        pytest.param(was(one("missing"), one("hung", "test_solution.py::test_b")), False, id="never run behind a hang"),
        pytest.param(
            was(one("missing"), one("hung", "test_solution.py::test_b"), rule="timeout"), True, id="behind a time-out"
        ),
    ],
)
def test_red_before_green(before: Verdict, held: bool):
    """At least one test that passes now was really red on the input."""
    assert proofs.red_before(case(), ran(one("passed")), before).held is held


def test_a_renamed_case_is_no_red_one():
    """Ids may be named after addresses or values: a case with another id is not red because its id is new."""
    after = ran(one("passed", f"{NODE}[<object at 0x2>]"))

    was_green = proofs.red_before(case(), after, was(one("passed", f"{NODE}[<object at 0x1>]")))
    was_red = proofs.red_before(
        case(), after, was(one("passed", f"{NODE}[a]"), one("failed", f"{NODE}[<object at 0x1>]"))
    )

    assert not was_green.held
    assert was_red.held


def test_what_red_was_seen_on_is_said():
    """Empty stand-ins are not called the code as handed in."""
    shown = proofs.red_before(case(stand_in=True), ran(one("passed")), was(one("failed")))

    assert shown.detail == "1 of 1 tests were red on empty modules of the same names"


def test_an_early_stop_is_undecided():
    """Only where tests were stopped on the input, and nothing else was red there."""
    stopped, failed = was(one("hung", seconds=0.1)), was(one("failed"))

    assert proofs.undecided(stopped, proofs.red_before(case(), ran(one("passed")), stopped))
    assert not proofs.undecided(failed, proofs.red_before(case(), ran(one("passed")), failed))


def test_changed_regions_are_ranges_of_the_new_text():
    """Replaced and new lines, counted from 1; removed lines leave nothing behind."""
    assert proofs.changed_regions("a\nb\nc\n", "a\nB\nc\nd\n") == [range(2, 3), range(4, 5)]
    assert proofs.changed_regions("a\nb\n", "a\n") == []
    assert proofs.changed_regions("", "x\ny\n") == [range(1, 3)]
    assert proofs.changed_regions("x\n", "x\n") == []


def test_every_changed_region_must_have_run():
    """One silent region is one too many, and is named; a region without instructions is none."""
    before, after = "a = 1\nb = 2\nc = 3\n", "a = 9\nb = 2\nc = 9\n# new\n"
    subject = Subject(
        files={"solution.py": after},
        case=case(task(files={"solution.py": before})),
        executable={"solution.py": (1, 2, 3)},
    )

    all_ran = proofs.changed_lines_ran(subject, ran(executed={"solution.py": (1, 2, 3)}))
    silent = proofs.changed_lines_ran(subject, ran(executed={"solution.py": (1, 2)}))
    elsewhere = proofs.changed_lines_ran(subject, ran(executed={"solution.py": (1,), "*": ()}))

    assert (all_ran.held, all_ran.detail) == (True, "2 of 2 changed executable lines ran")
    assert (silent.held, silent.detail) == (False, "1 of 2 changed executable lines ran; none ran at solution.py:3")
    assert elsewhere.held
    assert "other processes" in elsewhere.detail


def test_without_an_earlier_version_some_line_must_have_run():
    """There is nothing to compare with, but tests that run nothing of the code show nothing of it."""
    subject = Subject(files={"solution.py": "x = 1\n"}, case=case(stand_in=True))

    assert proofs.changed_lines_ran(subject, ran(executed={"solution.py": (1,)})).held
    assert not proofs.changed_lines_ran(subject, ran(executed={"solution.py": ()})).held


def test_tests_untouched_and_no_new_finding():
    """Both follow their reports."""
    tampered = report("tests", "failed", finding(rule="tampered"))

    assert proofs.tests_untouched(ran(), {"a": "b"}).held
    assert not proofs.tests_untouched(tampered, {"a": "b"}).held
    assert proofs.no_new_finding(report("lint", summary="no new finding")).held
    assert not proofs.no_new_finding(report("lint", "failed")).held


def test_a_repeat_must_agree():
    """Another order and hash seed; where only the order matters, that is the tests', and said."""
    first, other = ran(*results(a="passed", b="passed")), ran(*results(a="passed", b="failed"))

    same = proofs.repeat_agrees(first, ran(*results(b="passed", a="passed")), None)
    flaky = proofs.repeat_agrees(first, other, other)
    by_order = proofs.repeat_agrees(first, other, first)

    assert same.held
    assert not flaky.held
    assert "test_solution.py::b" in flaky.detail
    assert by_order.held
    assert "in the opposite order test_solution.py::b differ" in by_order.detail


def test_ids_with_addresses_do_not_disagree():
    """A second session names its parameters after other addresses."""
    first, second = ran(one("passed", f"{NODE}[0x1]")), ran(one("passed", f"{NODE}[0x2]"))

    assert proofs.repeat_agrees(first, second, None).held


def test_long_lists_are_cut():
    """A thousand names are not a sentence."""
    many = ran(one("passed"), *results(**{f"t{n}": "skipped" for n in range(1000)}))

    assert proofs.tests_passed(many).detail.endswith("and 995 more")
