"""Tests that stand in a suite, and whether all of them were run."""

from __future__ import annotations

import pytest

from engine.projects.building.written import left_out

SUITE = """\
import pytest


@pytest.fixture
def test_client():
    return 1


@pytest.mark.parametrize("title", ["", "x"])
def test_one(title):
    assert title


async def test_two():
    assert True


@pytest.mark.skipif(True, reason="elsewhere")
def test_elsewhere():
    assert True


class TestMany:
    def test_three(self):
        assert True

    def other(self):
        assert True


class TestMade:
    def __init__(self):
        pass

    def test_never(self):
        assert True
"""
PASSED = ("tests/test_a.py::test_one[x]", "tests/test_a.py::test_two", "tests/test_a.py::TestMany::test_three")


def test_nothing_is_left_out_where_all_that_stands_there_was_run() -> None:
    """Cases stand for their test; what pytest takes for no test, and what says that it may be skipped, does not count."""
    assert left_out({"tests/test_a.py": SUITE}, PASSED) == ()


@pytest.mark.parametrize("missing", PASSED)
def test_a_test_that_was_not_run_is_named(missing: str) -> None:
    """Whatever left it out."""
    ran = set(PASSED) - {missing}

    assert left_out({"tests/test_a.py": SUITE}, ran) == (missing.partition("[")[0],)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("tests/help.py", SUITE),
        ("tests/test_b.py", "def test_broken(:"),
        ("tests/test_b.py", "import pytest\npytest.importorskip('x')\ndef test_x(): pass\n"),
        ("tests/test_b.py", "@pytest.mark.skip\nclass TestX:\n    def test_x(self): pass\n"),
    ],
)
def test_what_cannot_be_told_is_left_to_the_judge(path: str, text: str) -> None:
    """It says itself what was broken, and what was skipped."""
    assert left_out({path: text}, ()) == ()
