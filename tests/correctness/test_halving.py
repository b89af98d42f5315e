"""Halves of test suites: which parts stay, and that what stays still runs."""

from __future__ import annotations

import ast

import pytest

from engine.correctness.halving import halve

FUNCTIONS = "from solution import f\n\n\n" + "".join(
    f"def test_{n}():\n    assert f({n}) == {n}\n\n\n" for n in range(6)
)
CASES = """
import pytest

from solution import f

DATA = [(0, 0), (1, 1), (2, 4), (3, 9)]


@pytest.mark.parametrize("n, square", DATA)
def test_squares(n, square):
    assert f(n) == square


class TestMore:
    @pytest.mark.parametrize("n", [5, 6], ids=str)
    def test_small(self, n):
        assert f(n) < 50
"""


def test_every_second_test_is_left_out_and_the_seed_says_which() -> None:
    """The same seed always leaves the same; what is no test stays."""
    halves = [halve({"test_a.py": FUNCTIONS}, seed=str(seed))["test_a.py"] for seed in (1, 1, 2, 3, 4)]

    assert {text.count("def test_") for text in halves} == {3}
    assert halves[0] == halves[1]
    assert len(set(halves)) > 1
    assert all("from solution import f" in text for text in halves)


def test_cases_of_parametrized_tests_are_parts_like_tests() -> None:
    """Written out at the test or in a list of the module: six cases, of which three stay, and never a test without a case."""
    for seed in range(8):
        text = halve({"test_a.py": CASES}, seed=str(seed))["test_a.py"]

        lists = [node.elts for node in ast.walk(ast.parse(text)) if isinstance(node, ast.List)]
        used = text.count("def test_squares") * len(lists[0]) + ("def test_small" in text) * len(lists[-1])
        assert used == 3
        compile(text, "test_a.py", "exec")


def test_a_class_that_loses_all_its_tests_still_parses() -> None:
    """It is empty then."""
    text = "class TestOne:\n    def test_a(self):\n        pass\n\n\ndef test_b():\n    pass\n"

    halves = {halve({"test_a.py": text}, seed=str(seed))["test_a.py"] for seed in range(9)}

    assert halves == {
        "class TestOne:\n    pass\n\ndef test_b():\n    pass\n",
        "class TestOne:\n\n    def test_a(self):\n        pass\n",
    }


def test_files_without_a_test_left_are_gone_and_other_files_stay() -> None:
    """A file that only helps is no suite."""
    tests = {"test_a.py": "def test_a():\n    pass\n", "test_b.py": "def test_b():\n    pass\n", "given.py": "X = 1\n"}

    halves = [halve(tests, seed=str(seed)) for seed in range(9)]

    assert {tuple(sorted(half)) for half in halves} == {("given.py", "test_a.py"), ("given.py", "test_b.py")}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("def test_a():\n    pass  # alone\n", id="one part"),
        pytest.param("def test_a(:\n", id="no Python"),
        pytest.param("from others import *\n", id="no part that can be seen"),
    ],
)
def test_what_cannot_be_halved_stays_as_it_is(text: str) -> None:
    """To the letter."""
    assert halve({"test_a.py": text}, seed="1") == {"test_a.py": text}


def test_a_list_that_is_used_twice_or_has_a_name_for_each_case_is_not_cut() -> None:
    """Whatever else uses it would be another test then."""
    shared = CASES.replace("class TestMore", "N = len(DATA)\n\n\nclass TestMore")
    named = 'import pytest\n\n\n@pytest.mark.parametrize("n", [1, 2], ids=["one", "two"])\ndef test_n(n):\n    pass\n'

    for seed in range(5):
        assert "(3, 9)" in halve({"test_a.py": shared}, seed=str(seed))["test_a.py"]
        assert halve({"test_a.py": named}, seed=str(seed)) == {"test_a.py": named}
