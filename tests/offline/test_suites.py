"""How a project says that its tests are run, as the search reads it."""

from __future__ import annotations

import json

import pytest

from agents.offline.worker.job import Job
from agents.offline.worker.suite import left_out


def job(files=(), tests=(), **more):
    texts = {"files": dict.fromkeys(files, "x = 1\n"), "tests": dict.fromkeys(tests, ""), "seconds": 1.0}
    return Job.read(json.dumps({**texts, **more}))


def test_test_files_are_those_that_the_judge_would_run():
    """By the usual names, by the suite's own, and whatever holds a test that was seen to be red; not what is set aside."""
    found = job(
        tests=[
            "tests/test_a.py",
            "tests/check_b.py",
            "tests/conftest.py",
            "tests/odd.py",
            "tests/test_out.py",
            "x.txt",
        ],
        suite={"options": {"python_files": "check_*.py"}, "aside": ["tests/test_out.py"]},
        failing=["tests/odd.py::test_it"],
    )

    assert found.suites == ["tests/check_b.py", "tests/odd.py", "tests/test_a.py"]
    assert job(tests=["a.py", "b.py"]).suites == ["a.py", "b.py"]


def test_a_suite_may_keep_to_some_folders():
    """A file elsewhere counts only where the judge has seen a test of it."""
    tests = ["tests/unit/test_a.py", "tests/end/test_b.py", "test_c.py"]
    suite = {"options": {"testpaths": "tests/unit"}}

    assert job(tests=tests, suite=suite).suites == ["tests/unit/test_a.py"]
    assert job(tests=tests, suite=suite, failing=["test_c.py::test_c"]).suites == ["test_c.py", "tests/unit/test_a.py"]


def test_import_folders_come_in_the_order_that_the_suite_gives():
    """Only without a suite are the folders of the tests among them: pytest adds those itself where they belong."""
    files, tests = ["src/m.py", "lib/n.py"], ["tests/test_m.py"]

    assert job(files, tests, suite={"path": ["lib"], "options": {"pythonpath": "more"}}).folders == (
        "lib",
        "more",
        ".",
        "src",
    )
    assert job(files, tests).folders == (".", "src", "tests")
    assert set(job(files, tests, suite={"path": ["lib"]}).modules) == {"m", "n"}


def test_a_suite_adds_its_settings_to_the_call_of_pytest():
    """Plugins, options and arguments, each in pytest's own words."""
    suite = job(suite={"options": {"a": "1"}, "arguments": ["--doctest-modules"], "plugins": ["pytester"]}).suite

    assert suite.called == ["-p", "pytester", "-o", "a=1", "--doctest-modules"]
    assert suite.strict


@pytest.mark.parametrize(
    ("node", "out"),
    [
        pytest.param("t.py::test_a", True, id="by-its-id"),
        pytest.param("t.py::test_a[1]", True, id="one-of-its-cases"),
        pytest.param("t.py::test_ab", False, id="another-that-begins-so"),
        pytest.param("u.py::test_x", True, id="its-whole-file"),
        pytest.param("t.py::test_b[2]", False, id="another-case"),
    ],
)
def test_tests_are_set_aside_by_node_id_function_or_file(node, out):
    """A name is never taken for the beginning of a longer one."""
    assert left_out(node, frozenset({"t.py::test_a", "u.py", "t.py::test_b[1]"})) is out
