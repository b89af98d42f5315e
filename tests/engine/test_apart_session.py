"""A session apart tells of every test what became of it, as a session beside the code does."""

from __future__ import annotations

from tests.engine.host_box import ends, kept_apart

CODE = "def add(a, b):\n    return a + b\n"
EVERYTHING = """
import unittest

import pytest

from solution import add


@pytest.fixture
def breaks():
    raise RuntimeError("no fixture")


@pytest.fixture
def breaks_later():
    yield
    raise RuntimeError("no clean-up")


@pytest.mark.parametrize("a", [1, 2], ids=["one", "two"])
def test_grid(a):
    assert add(a, 1) == a + 1


def test_wrong():
    assert add(1, 1) == 3


def test_setup(breaks):
    pass


def test_teardown(breaks_later):
    pass


@pytest.mark.skip(reason="no")
def test_skipped():
    pass


def test_skips_itself():
    pytest.skip("no")


@pytest.mark.xfail
def test_xfailed():
    assert add(1, 1) == 3


@pytest.mark.xfail
def test_xpassed():
    pass


def test_leaves():
    raise SystemExit(0)


class TestOfUnittest(unittest.TestCase):
    def test_right(self):
        self.assertEqual(add(1, 1), 2)

    def test_subtests(self):
        for number in range(3):
            with self.subTest(number=number):
                self.assertEqual(add(number, number), 2)
"""


async def test_every_end_of_a_test_is_told():
    """Passed, failed, broken, skipped, expected to fail; with its parameters, its class and what it said."""
    sitting = await kept_apart(CODE, EVERYTHING)

    assert ends(sitting) == {
        "test_grid[one]": "passed",
        "test_grid[two]": "passed",
        "test_wrong": "failed",
        "test_setup": "error",
        "test_teardown": "error",
        "test_skipped": "skipped",
        "test_skips_itself": "skipped",
        "test_xfailed": "xfailed",
        "test_xpassed": "xpassed",
        "test_leaves": "failed",
        "TestOfUnittest::test_right": "passed",
        "TestOfUnittest::test_subtests": "failed",
    }
    wrong = next(finding for finding in sitting.report.findings if "test_wrong" in finding.message)
    assert "AssertionError" in wrong.message
    assert "assert add(1, 1) == 3" in wrong.evidence


async def test_some_of_the_tests_can_be_run_alone_and_all_backwards():
    """By their names without parameters."""
    tests = "from solution import add\n\nRAN = []\n\n\ndef test_a():\n    RAN.append(1)\n\n\ndef test_b():\n    assert RAN == []\n\n\ndef test_c():\n    assert add(1, 2) == 4\n"

    forwards = await kept_apart(CODE, tests)
    backwards = await kept_apart(CODE, tests, reverse=True)
    alone = await kept_apart(CODE, tests, only=("test_solution.py::test_b",))

    assert ends(forwards) == {"test_a": "passed", "test_b": "failed", "test_c": "failed"}
    assert ends(backwards) == {"test_a": "passed", "test_b": "passed", "test_c": "failed"}
    assert ends(alone) == {"test_b": "passed"}


async def test_files_that_cannot_be_collected_do_not_hide_the_others():
    """With what was wrong and where; one that skips itself is none."""
    tests = {
        "test_a.py": "from solution import nothing\n",
        "test_b.py": "def test_b(:\n",
        "test_c.py": "import pytest\n\npytest.skip('no', allow_module_level=True)\n",
        "test_d.py": "from solution import add\n\n\ndef test_d():\n    assert add(1, 1) == 2\n",
    }

    sitting = await kept_apart({"solution.py": CODE}, tests)

    rules = {finding.message.split(" ", 1)[0]: finding.rule for finding in sitting.report.findings}
    assert rules == {"test_a.py": "ImportError", "test_b.py": "SyntaxError"}
    assert ends(sitting) == {"test_d": "passed"}


async def test_code_that_cannot_be_imported_fails_its_tests():
    """As it would beside them, with its own exception."""
    raising = await kept_apart(
        "raise ValueError('not today')\n", "from solution import add\n\n\ndef test_a():\n    pass\n"
    )
    leaving = await kept_apart("import os\nos._exit(0)\n", "from solution import add\n\n\ndef test_a():\n    pass\n")

    for sitting, word in ((raising, "not today"), (leaving, "the other process has ended")):
        assert sitting.report.status == "failed"
        assert word in sitting.report.findings[0].message
