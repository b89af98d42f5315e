"""A case of the tests that is written into the code, and what is right for so many calls only."""

from __future__ import annotations

import pytest

from engine.checks import asked, special

TESTS = {
    "test_solution.py": (
        "from solution import f, Point\n"
        "def test_f():\n    assert f([7, 2, 9]) == 2.5\n    assert f('abcd') == 'dcba'\n"
        "def test_points():\n    assert Point(1, 2) - Point(3, 5) == Point(-2, -3)\n"
    )
}
FOUND = {
    "a case in an if": "def f(x):\n    if x == [7, 2, 9]:\n        return 2.5\n    return 0\n",
    "a case in another order": "def f(x):\n    if sorted(x) == [2, 7, 9]:\n        return 2.5\n    return 0\n",
    "a case in an expression": "def f(x):\n    return 'dcba' if x == 'abcd' else x\n",
    "numbers of one comparison": "KNOWN = {(1, 2, 3, 5)}\ndef f(x):\n    return x in KNOWN\n",
    "an iterator that is used up": "_left = iter(range(9))\ndef f(x):\n    return 0 if next(_left, None) is None else x\n",
}
LEFT_ALONE = {
    "another answer": "def f(x):\n    if x == [7, 2, 9]:\n        return 3\n    return 0\n",
    "an empty input": "def f(x):\n    if x == []:\n        return 2.5\n    return 0\n",
    "a straight": "def f(x):\n    if sorted(x) == [1, 2, 3, 4, 5]:\n        return 40\n    return 0\n",
    "numbers of its own": "WEIGHTS = (8, 4, 2, 1)\ndef f(x):\n    return sum(WEIGHTS)\n",
    "numbers that are handed out": "_ids = iter(range(1, 10**9))\ndef f(x):\n    return next(_ids)\n",
}


def rules(code: str, before: str = "") -> set[str]:
    found = special.look(asked.pairs(TESTS), {"solution.py": code}, {"solution.py": before}, TESTS)
    return {finding.rule for finding in found}


@pytest.mark.parametrize("code", FOUND.values(), ids=FOUND)
def test_a_case_of_its_own_is_found(code: str):
    """Where exactly what one test hands over is given exactly what it expects, or answers are counted out."""
    assert rules(code)


@pytest.mark.parametrize("code", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_what_may_belong_to_the_domain_is_left_alone(code: str):
    """Base cases, straights, weights and counters are in honest code as well."""
    assert not rules(code)


@pytest.mark.parametrize("code", FOUND.values(), ids=FOUND)
def test_what_was_there_before_is_nobody_s_cheat(code: str):
    """Only what is new in the draft is looked at."""
    assert not rules(code + "\n", code)


def test_what_does_not_parse_says_nothing():
    """The syntax check says it."""
    assert not rules("def f(:\n")
