"""Changes that mend a part: which are gone on from, and which are tried together."""

from __future__ import annotations

import pytest

from agents.offline.worker.edits import Change, Edit, apply
from agents.offline.worker.parts import MOST_OF_A_SORT, Part, Parts


def change(at: int, bits: float = 5.0, path: str = "m.py", new: str = "X") -> Change:
    return Change(path, 1, f"kind-{at}", f"note {at}", (Edit(at, at + 1, new),), bits, suspicion=at / 10)


def parts(*found: Part) -> Parts:
    made = Parts()
    for part in found:
        made.add(part)
    return made


def test_what_mends_most_is_gone_on_from_first():
    """At the same gain the cheaper one; what breaks as much as it mends is left."""
    one, two = Part(change(1, bits=7.0), green=0b11), Part(change(2, bits=6.0), green=0b1100)
    little, none = Part(change(3, bits=1.0), green=0b1), Part(change(4), green=0b1, broken=True)

    found = parts(little, none, one, two)

    assert list(found.best(9)) == [two, one, little]


def test_what_is_gone_on_from_is_not_given_again():
    """Neither does its price count any more for when the search goes on from the rest."""
    cheap, dear = Part(change(1, bits=3.0), green=0b11), Part(change(2, bits=8.0), green=0b1)
    found = parts(cheap, dear)

    assert found.cheapest == 3.0
    assert list(found.best(1)) == [cheap]
    assert found.cheapest == 8.0
    assert list(found.best(9)) == [dear]
    assert list(found.best(9)) == []
    assert found.cheapest == float("inf")


def test_of_those_that_mend_the_same_only_the_cheapest_are_gone_on_from():
    """They are most likely the same idea."""
    same = [Part(change(n, bits=float(n)), green=0b1) for n in range(5)]
    other = Part(change(7, bits=9.0), green=0b10)

    assert list(parts(*reversed(same), other).best(9)) == [*same[:MOST_OF_A_SORT], other]


def test_a_change_after_which_something_else_is_missing_comes_before_any_green_test():
    """Where nothing can be imported there are no tests to turn green."""
    moved, green = Part(change(1, bits=9.0), moved=1), Part(change(2), green=0b1111)
    found = parts(green, moved)

    assert found.moved
    assert list(found.best(1)) == [moved]
    assert not found.moved


def test_two_parts_are_tried_together_where_each_brings_something():
    """Both edits in one change, at the price of both."""
    found = parts(Part(change(0, bits=4.0), green=0b1), Part(change(2, bits=3.0, new="YY"), green=0b10))

    (joined,) = found.pairs()

    assert apply("abcd", joined.edits) == "XbYYd"
    assert (joined.bits, joined.suspicion) == (7.0, 0.2)
    assert joined.template == "kind-2+kind-0"
    assert joined.note == "note 2; note 0"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(Part(change(2), green=0b1), id="mends-no-other-test"),
        pytest.param(Part(change(2)), id="mends-nothing"),
        pytest.param(Part(change(2, path="n.py"), green=0b100), id="another-file"),
        pytest.param(Part(change(0), green=0b100), id="the-same-place"),
    ],
)
def test_two_parts_that_cannot_help_each_other_are_no_pair(other):
    """No candidate is spent on them."""
    assert parts(Part(change(0), green=0b11), other).pairs() == []


def test_pairs_that_mend_the_most_together_come_first():
    """Then the cheaper ones."""
    found = parts(
        Part(change(0, bits=2.0), green=0b1), Part(change(2, bits=4.0), green=0b10), Part(change(4, bits=3.0), green=0b110)
    )  # fmt: skip

    assert [pair.template for pair in found.pairs()] == ["kind-4+kind-0", "kind-0+kind-2"]


def test_two_changes_complete_each_other_wherever_they_are():
    """A fault in each of two files, each shown by a test of its own: no single change mends both."""
    one, two = Part(change(1, bits=6.0), green=0b01), Part(change(2, bits=5.0, path="n.py"), green=0b10)
    dear = Part(change(3, bits=9.0, path="n.py"), green=0b10)
    breaks = Part(change(4, bits=1.0, path="n.py"), green=0b10, broken=True)
    whole = parts(one, two, dear, breaks)

    assert list(whole.completing(0b11, until=8.0)) == [(two.change, one.change)]
    assert list(whole.completing(0b11, until=8.0)) == []
    assert list(whole.completing(0b11, until=10.0)) == [(one.change, dear.change)]
    assert list(whole.completing(0b111, until=10.0)) == []


def test_what_is_changed_at_the_same_place_does_not_complete_it():
    """Two answers to one question are not two faults."""
    one, two = Part(change(1), green=0b01), Part(change(2), green=0b10)

    assert list(parts(one, two).completing(0b11, until=9.0)) == []
