"""Red tests are parted by what breaks them, so that each cause gets a diff of its own."""

from __future__ import annotations

from engine.domain import Finding, TestResult
from engine.repository.causes import find_causes, parts, together
from engine.repository.result import SuiteRun


def a_finding(node: str, message: str, *, rule: str = "AssertionError", at: tuple[str, int] | None = None) -> Finding:
    path, line = at or (None, None)
    return Finding(check="tests", rule=rule, message=f"{node}: {message}", path=path, line=line)


def a_run(*findings: Finding, green: tuple[str, ...] = (), broken: tuple[str, ...] = ()) -> SuiteRun:
    red = [finding.message.split(": ", 1)[0] for finding in findings if "cannot be collected" not in finding.message]
    tests = [TestResult(node_id=node, ended="failed") for node in red]
    tests += [TestResult(node_id=node, ended="passed") for node in green]
    return SuiteRun(tests=tuple(tests), findings=findings, broken=broken)


def test_tests_that_break_at_one_line_of_the_project_are_one_cause() -> None:
    """Wherever the tests stand."""
    run = a_run(
        a_finding("tests/test_a.py::test_x", "KeyError: 'id'", rule="KeyError", at=("shop/cart.py", 7)),
        a_finding("tests/test_b.py::test_y", "KeyError: 'id'", rule="KeyError", at=("shop/cart.py", 7)),
    )

    causes = find_causes(run)

    assert [cause.tests for cause in causes] == [("tests/test_a.py::test_x", "tests/test_b.py::test_y")]
    assert causes[0].name == "KeyError: 'id' at shop/cart.py:7"


def test_wrong_answers_are_parted_by_file_and_the_larger_cause_comes_first() -> None:
    """Where no line of the project broke, tests of one file mostly test one thing."""
    run = a_run(
        a_finding("tests/test_b.py::test_one", "assert 1 == 2"),
        a_finding("tests/test_a.py::test_two", "assert 3 == 4"),
        a_finding("tests/test_a.py::test_three", "assert 5 == 6"),
    )

    names = [cause.tests for cause in find_causes(run)]

    assert names == [
        ("tests/test_a.py::test_two", "tests/test_a.py::test_three"),
        ("tests/test_b.py::test_one",),
    ]


def test_files_that_cannot_be_collected_for_one_reason_are_one_cause() -> None:
    """Where they stand, and at which line they break, makes no difference."""
    message = "{} cannot be collected: ImportError: cannot import name 'Cart' from 'shop' (/box/work/{})"
    findings = [
        Finding(check="tests", rule="ImportError", message=message.format(path, number))
        for number, path in enumerate(("tests/test_a.py", "tests/test_b.py"))
    ]

    causes = find_causes(a_run(*findings, broken=("tests/test_a.py", "tests/test_b.py")))

    assert [cause.tests for cause in causes] == [("tests/test_a.py", "tests/test_b.py")]


def test_flaky_tests_are_no_cause() -> None:
    """Nobody is asked to mend the code for a test that ends one way and then another."""
    run = a_run(a_finding("tests/test_a.py::test_x", "assert 1 == 2"))

    assert find_causes(run, besides=frozenset({"tests/test_a.py::test_x"})) == ()


def test_a_red_test_without_a_finding_is_a_cause_still() -> None:
    """A test that was not run has nothing to say, and must not be lost."""
    run = SuiteRun(tests=(TestResult(node_id="tests/test_a.py::test_x", ended="missing"),))

    assert [cause.tests for cause in find_causes(run)] == [("tests/test_a.py::test_x",)]


def test_all_causes_together_hold_every_test() -> None:
    """For a fault that can only be mended in one go."""
    run = a_run(a_finding("t/test_a.py::test_x", "assert 1 == 2"), a_finding("t/test_b.py::test_y", "assert 1 == 2"))

    whole = together(find_causes(run))

    assert set(whole.tests) == set(run.red)


def test_a_cause_that_was_several_is_parted_by_test_function() -> None:
    """Examples of one parametrised test stay together; a single function is parted no further."""
    found = find_causes(
        a_run(
            a_finding("tests/test_a.py::test_one[1]", "assert 1 == 2"),
            a_finding("tests/test_a.py::test_one[2]", "assert 2 == 3"),
            a_finding("tests/test_a.py::test_two", "assert 'a' == 'b'"),
        )
    )

    finer = parts(found[0])

    assert [part.tests for part in finer] == [
        ("tests/test_a.py::test_one[1]", "tests/test_a.py::test_one[2]"),
        ("tests/test_a.py::test_two",),
    ]
    assert finer[1].name == "assert 'a' == 'b'"
    assert parts(finer[0]) == ()
