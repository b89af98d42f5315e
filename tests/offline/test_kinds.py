"""What variables held while the tests ran, and what is tried for them."""

from __future__ import annotations

import pytest

from agents.offline.worker.failure import hints
from agents.offline.worker.kinds import apart, kind, merge, note
from agents.offline.worker.site import Hints

from .proposing import proposals

TEXT = "def f(n, xs, k):\n    return n.go(xs, k)\n"
HELD = {("m.py", 1, "f"): {"n": {"number"}, "xs": {"list", "NoneType"}, "k": {"number"}}}


def prices(text: str, held: dict) -> dict[str, float]:
    return {new: change.bits for change, new in reversed(proposals(text, Hints(kinds=held)))}


def test_the_variables_of_a_running_function_are_noted_by_kind():
    """All numbers are of one kind; of a module and of a class's body nothing is kept."""
    found = {}

    for value in (1, 2.5, None):
        note(found, "m.py", prices.__code__, {"n": value, "xs": [value]})
    note(found, "m.py", compile("n = 1", "m.py", "exec"), {"n": 1})

    first = prices.__code__.co_firstlineno
    assert found == {("m.py", first, "prices"): {"n": {"number", "NoneType"}, "xs": {"list"}}}
    assert (kind(True), kind({})) == ("number", "dict")


def test_what_several_tests_saw_is_put_together():
    """And what each saw stays as it was."""
    one, two = {("m.py", 1, "f"): {"n": {"number"}}}, {("m.py", 1, "f"): {"n": {"str"}, "k": {"set"}}}

    assert merge([one, two]) == {("m.py", 1, "f"): {"n": {"number", "str"}, "k": {"set"}}}
    assert one == {("m.py", 1, "f"): {"n": {"number"}}}


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        pytest.param({"list"}, {"number"}, True, id="nothing-in-common"),
        pytest.param({"list", "number"}, {"number"}, False, id="something"),
        pytest.param(set(), {"number"}, False, id="unknown"),
        pytest.param({"NoneType"}, {"number"}, False, id="none-says-nothing"),
        pytest.param({"list", "NoneType"}, {"number", "NoneType"}, True, id="none-in-common-says-nothing"),
    ],
)
def test_kinds_are_apart_where_both_are_known(one, other, wanted):
    """In doubt they are not."""
    assert apart(frozenset(one), frozenset(other)) is wanted
    assert apart(frozenset(other), frozenset(one)) is wanted


def test_like_is_tried_for_like_first():
    """A list in place of a number stays possible."""
    known = prices(TEXT, HELD)
    number, rows = TEXT.replace("(xs, k)", "(xs, n)"), TEXT.replace("(xs, k)", "(xs, xs)")

    assert known[number] < known[rows]
    assert prices(TEXT, {})[number] == prices(TEXT, {})[rows]


def test_a_function_is_known_by_its_first_line_with_its_decorators():
    """As its code object counts."""
    text = "@cache\n" + TEXT

    known = prices(text, HELD)

    assert known[text.replace("(xs, k)", "(xs, n)")] < known[text.replace("(xs, k)", "(xs, xs)")]


@pytest.mark.parametrize(
    ("before", "after", "unlikely"),
    [
        pytest.param(
            "if k:\n        pass", "if k and n > 0:\n        pass", "if k and xs > 0:\n        pass", id="compared-with-zero"
        ),
        pytest.param("if k:\n        pass", "if k in xs:\n        pass", "if k in n:\n        pass", id="looked-for"),
        pytest.param("return k + 1", "return k + len(xs)", "return k + len(n)", id="length"),
        pytest.param("return xs", "return xs[n:]", "return xs[xs:]", id="bound-of-a-part"),
        pytest.param("return g(xs)", "return g(xs[1:])", "return g(xs)[xs:]", id="part-of-a-list"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_of_a_kind_is_not_tried(before, after, unlikely):
    """A list is not compared with 0, and a number contains nothing."""
    text = "def f(n, xs, k):\n    {}\n"

    found = prices(text.format(before), HELD)

    assert text.format(after) in found
    assert text.format(unlikely) not in found


def test_a_number_has_no_parts():
    """What may be one and something else may have."""
    text = "def f(n, xs, k):\n    return g(k)\n"
    part = text.replace("g(k)", "g(k[1:])")

    assert part not in prices(text, HELD)
    assert part in prices(text, {})
    assert part in prices(text, {("m.py", 1, "f"): {"k": {"number", "str"}}})


def test_what_was_seen_reaches_the_templates():
    """With all else that the failures tell."""
    assert hints([], {}, (), kinds=HELD).kinds == HELD
    assert hints([], {}, ()).kinds == {}
