"""What a name promises, and whether the code keeps it."""

from __future__ import annotations

import ast

import pytest

from agents.offline.worker.meaning import contradictions
from agents.offline.worker.ranking import form

KEPT = "def f(xs):\n    {name} = xs[0]\n    for x in xs:\n        if x {sign} {name}:\n            {name} = x\n    return {name}\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("lowest = max(xs)\n", id="made-by-the-other-builtin"),
        pytest.param("self.maxPrice = min(prices)\n", id="attribute-in-camel-case"),
        pytest.param("def cheapest(xs):\n    return max(xs)\n", id="a-function's-answer"),
        pytest.param(KEPT.format(name="shortest", sign=">"), id="kept-while-it-grows"),
        pytest.param(KEPT.format(name="best_high", sign="<="), id="kept-while-it-falls"),
        pytest.param("if peak > x:\n    peak = x\n", id="written-the-other-way-round"),
    ],
)
def test_a_name_that_is_given_the_other_end_of_an_order_is_a_contradiction(text):
    """Whatever the tests say."""
    assert contradictions(ast.parse(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("lowest = min(xs)\nhighest = max(xs)\n", id="kept"),
        pytest.param(KEPT.format(name="longest", sign=">="), id="kept-in-a-loop"),
        pytest.param("total = 0\ncount = len(xs)\n", id="names-and-values-without-order"),
        pytest.param("lowest = 0\n", id="a-value-without-order"),
        pytest.param("result = max(xs)\n", id="a-name-without-order"),
        pytest.param("min_of_max = max(xs)\n", id="both-promised"),
        pytest.param("almost = max(xs)\nminute = max(xs)\n", id="only-a-part-of-a-word"),
        pytest.param("if x > lowest:\n    lowest = y\n", id="something-else-is-kept"),
        pytest.param("if lowest == x:\n    lowest = x\n", id="not-an-order"),
    ],
)
def test_what_promises_nothing_or_keeps_it_is_none(text):
    """A patch must not be held against its author for names that say nothing."""
    assert contradictions(ast.parse(text)) == 0


def test_a_patch_that_keeps_a_promise_is_likelier():
    """And one that takes away a neutral line gains nothing by it."""
    before = "def f(xs):\n    total = 0\n    lowest = max(xs)\n    return lowest, total\n"

    kept = {r.words: r.bits for r in form(before, before.replace("max", "min"), {})}
    gone = {r.words: r.bits for r in form(before, before.replace("    total = 0\n", ""), {})}

    assert kept["a name is given what it promises"] < 0
    assert not any("promises" in words for words in gone)
    assert gone["statements are gone"] > 0
