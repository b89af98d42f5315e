"""The stream that the memory is measured on: what is planted, what is told of it, and how it is drawn."""

from __future__ import annotations

import ast
import xml.etree.ElementTree as ET

import pytest

from tests.repairs.learning import Pair, told
from tests.repairs.learning_curve import draw
from tests.repairs.own import own_programs
from tests.repairs.slips import SLIPS, Slip, slipped


def pair(place: int, without: int, taught: int, *, found: bool = True) -> Pair:
    return Pair("no + 1", f"p{place}", place, without, taught, found, right_without=True, right_taught=True)


PAIRS = [pair(1, 100, 100), pair(2, 80, 4), pair(3, 60, 2), pair(4, 0, 0, found=False)]


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.name)
def test_a_slip_has_enough_programs_and_breaks_one_place_of_each(slip: Slip) -> None:
    """What comes out parses and is another program; the same text gives the same bug each time."""
    fitting = [(p.code, list(slipped(p.code, slip))) for p in own_programs() if slip.right.search(p.code)]

    broken = [(code, wrong) for code, wrongs in fitting for wrong in wrongs]
    assert sum(bool(wrongs) for _, wrongs in fitting) >= 10
    assert all(ast.dump(ast.parse(code)) != ast.dump(ast.parse(wrong)) for code, wrong in broken)
    assert fitting[0][1] == list(slipped(fitting[0][0], slip))


def test_a_slip_is_never_made_inside_a_text() -> None:
    """What stands in a string or a comment is no code."""
    code = 'def f(a, b):\n    """This and that."""  # and more\n    return a and b\n'
    slip = next(slip for slip in SLIPS if slip.name == "or for and")

    assert list(slipped(code, slip)) == [code.replace("a and b", "a or b")]


def test_the_table_tells_first_and_later_apart_and_leaves_out_what_was_not_found() -> None:
    """Medians, both ways."""
    lines = {line[:18].strip(): line[18:].split() for line in told(PAIRS)}

    assert lines["first of its kind"] == ["100", "100"]
    assert lines["second"] == ["80", "4"]
    assert lines["second and later"] == ["70", "3"]
    assert next(told(PAIRS)).startswith("4 bugs, 3 mended both ways")


def test_the_curve_is_a_document_with_a_dot_for_each_search() -> None:
    """Two lines, and two dots for a bug."""
    root = ET.fromstring(draw(PAIRS))

    names = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert names.count("circle") == 2 * len(PAIRS)
    assert {"without the memory", "with it"} <= {element.text for element in root.iter()}
