"""The suites are what they are said to be, for a pytest and a ruff that know nothing of us."""

from __future__ import annotations

import pytest

from engine.checks.shape import MOST_FILES
from engine.speed.bare import BareHost
from engine.speed.contender import passed_tests
from engine.speed.growth import FILES
from engine.speed.suites import Suite, large, of_files, of_tests, small


@pytest.mark.parametrize(
    ("suite", "count"),
    [
        pytest.param(small(), 10, id="small"),
        pytest.param(of_tests(1), 1, id="one test"),
        pytest.param(of_tests(137), 137, id="137 tests"),
        pytest.param(of_files(1), 1, id="one file"),
        pytest.param(of_files(23), 1, id="23 files"),
    ],
)
@pytest.mark.parametrize("side_by_side", [True, False], ids=["side by side", "one after another"])
async def test_a_suite_is_green_and_clean_on_the_bare_host(suite: Suite, count: int, side_by_side: bool):
    """As many tests as it says, all passed, and no finding; with a changed function it is red."""
    host = BareHost(side_by_side=side_by_side)

    right, wrong = await host.answer(suite), await host.answer(suite.broken())

    assert suite.count == count
    assert right.is_right(suite)
    assert not wrong.green


@pytest.mark.slow
async def test_the_large_suite_has_200_tests_that_wait_and_work():
    """Each of the 200 sleeps and computes; that they take 2 s is in their text, and no clock decides this test."""
    suite = large()

    answer = await BareHost(side_by_side=True).answer(suite)

    assert (suite.count, answer.passed, answer.green) == (200, 200, True)
    assert "time.sleep(0.005)" in suite.files["effort.py"]
    assert "perf_counter() + 0.005" in suite.files["effort.py"]


def test_as_many_files_as_asked_for():
    """And no more: the last of them is as many as one task may have."""
    assert len(of_files(MOST_FILES).files) == MOST_FILES == FILES[-1]


async def test_a_finding_alone_is_red():
    """A suite whose tests pass is not green for a contender while ruff finds something."""
    suite = small().model_copy(update={"files": {"tiny.py": f"import os\n{small().files['tiny.py']}"}})

    answer = await BareHost(side_by_side=True).answer(suite)

    assert answer.passed == 10
    assert not answer.green


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ("..........\n10 passed in 0.80s\n", 10),
        ("==== 3 passed in 0.1s ====\n", 3),
        ("1 failed, 9 passed in 0.10s\n", 9),
        ("no tests ran in 0.01s\n", 0),
        ("a test prints: 5 passed\n1 failed in 0.1s\n", 0),
        ("", 0),
    ],
)
def test_only_pytests_own_line_is_read(said: str, count: int):
    """What a test prints within a line does not count."""
    assert passed_tests(said) == count
