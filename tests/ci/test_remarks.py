"""Findings become remarks on lines, each once, with what became of it."""

from __future__ import annotations

from engine.ci.remarks import remarks
from engine.domain import Finding, TestResult
from engine.repository.result import RepositoryResult, SuiteRun
from tests.ci.projects import EMPTY, FLAKY, SUM, TAX, TESTS, partly


def test_each_finding_is_told_once_and_knows_its_cause() -> None:
    """A finding of a cause is not told again as one of the suite; those of no cause follow."""
    told = remarks(partly())

    assert [(remark.test, remark.rule, remark.level) for remark in told] == [
        (SUM, "tests/AssertionError", "error"),
        (EMPTY, "tests/AssertionError", "error"),
        (TAX, "tests/NameError", "error"),
        ("", "lint/F401", "warning"),
        ("", "suspect", "note"),
    ]
    assert [bool(remark.healed and remark.healed.verified) for remark in told] == [True, True, False, False, False]


def test_a_failure_outside_the_code_is_placed_where_its_test_is_defined() -> None:
    """Where no frame of the code is known, a reader is led to the test."""
    told = remarks(partly(), prefix="packages/shop/", tests=TESTS)

    assert (told[0].path, told[0].line) == ("packages/shop/tests/test_cart.py", 5)
    assert (told[2].path, told[2].line) == ("packages/shop/shop/tax.py", 2)


def test_a_red_test_without_a_finding_is_told_all_the_same() -> None:
    """Nothing that is red is left out of a report."""
    suite = SuiteRun(tests=(TestResult(node_id="test_a.py::test_b", ended="hung"),))

    (only,) = remarks(RepositoryResult(root="/p", before=suite, red=("test_a.py::test_b",), outcome="red"))

    assert (only.path, only.level, only.message) == ("test_a.py", "error", "did not pass")


def test_fingerprints_stay_when_lines_move_and_are_never_shared() -> None:
    """A service that keeps issues by fingerprint sees the same ones after code was put above them, and all of them."""
    same = Finding(check="lint", rule="E1", path="a.py", line=3, message="too long")
    there = RepositoryResult(
        root="/p", before=SuiteRun(findings=(same, same.model_copy(update={"line": 9}))), outcome="red"
    )
    moved = there.model_copy(
        update={
            "before": SuiteRun(findings=tuple(f.model_copy(update={"line": f.line + 5}) for f in there.before.findings))
        }
    )

    first, second = ([remark.fingerprint for remark in remarks(result)] for result in (there, moved))

    assert first == second
    assert len(set(first)) == 2


def test_parameters_with_colons_do_not_hide_the_test() -> None:
    """The node id is found as a whole, though its parameters look like the end of it."""
    node = "t.py::test_url[http: //x: 1]"
    suite = SuiteRun(
        tests=(TestResult(node_id=node, ended="failed"),),
        findings=(Finding(check="tests", message=f"{node}: no: yes"),),
    )

    (only,) = remarks(RepositoryResult(root="/p", before=suite, outcome="red"))

    assert (only.test, only.message) == (node, "no: yes")


def test_a_flaky_test_is_a_warning() -> None:
    """It keeps nobody's code from being right, and says that it is flaky."""
    result = partly(flaky=(FLAKY, TAX))

    told = {remark.test: remark for remark in remarks(result)}

    assert told[TAX].level == "warning"
    assert told[TAX].message.startswith("flaky: ")
