"""Few tests, many patches that pass them: in a real box the right one comes first, or a person is asked."""

from __future__ import annotations

import ast
import re

import pytest

from agents.base import Allowance, Brief, Shift
from agents.offline.author import OfflineAuthor
from engine.workshop import BoxWorkshop
from sandboxes.base import Limits

pytestmark = pytest.mark.docker


async def first_draft(sandbox, files, tests, **known):
    author = OfflineAuthor(BoxWorkshop(sandbox, limits=Limits(), run_id="test"))
    brief = Brief(goal="", files=files, tests=tests, allowance=Allowance(seconds=100.0), **known)
    return await author.write(brief), author


def answer(code, call):
    """What the program of this *code* answers; the programs here are our own."""
    space = {}
    exec(code, space)
    try:
        return eval(call, space)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        return type(error).__name__


LAST = "def last(xs):\n    return xs[len(xs)]\n"
ABOVE = 'def above(xs, limit):\n    """How many are there.\n{example}    """\n    n = 0\n    for x in xs:\n        if x < limit:\n            n += 1\n    return n\n'
MEAN = "def mean(xs: list) -> float:\n    total = 0\n    for x in xs:\n        total -= x\n    return total / len(xs)\n"
FEW = [
    pytest.param(
        LAST, "assert last([4, 7]) == 7", {"last([5])": 5, "last([1, 2, 3])": 3}, id="the-place-of-the-only-example",
    ),
    pytest.param(
        ABOVE.format(example="\n    >>> above([7, 8, 9], 7)\n    2\n"), "assert above([1, 5, 9, 9], 5) == 2",
        {"above([1, 2, 3, 4], 1)": 3, "above([4, 4], 4)": 0}, id="an-example-in-the-docstring",
    ),
    pytest.param(MEAN, "assert mean([2, 4]) == 3.0", {"mean([1, 2, 6])": 3.0, "mean([-5])": -5.0}, id="a-sum-that-goes-down"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "asked", "right"), FEW)
async def test_of_all_that_pass_the_few_tests_the_right_one_comes_first(sandbox, code, asked, right):
    """It answers rightly what no test asks."""
    name = re.match(r"def (\w+)", code).group(1)
    tests = {"test_m.py": f"from m import {name}\n\ndef test_it():\n    {asked}\n"}

    draft, _ = await first_draft(sandbox, {"m.py": code}, tests)

    assert {call: answer(draft.files["m.py"], call) for call in right} == right


async def test_a_person_is_asked_where_nothing_says_which_is_right(sandbox):
    """The call of the question is one to which the two patches do give the two answers that it names."""
    files = {"m.py": ABOVE.format(example="")}
    tests = {"test_m.py": "from m import above\n\ndef test_it():\n    assert above([1, 5, 9, 9], 5) == 2\n"}

    draft, author = await first_draft(sandbox, files, tests)

    asked = re.search(
        r"this patch returns (.+) for `(.+)`, another plausible one returns (.+): which is right", draft.note
    )
    assert asked, draft.note
    own, call, other = asked.groups()
    (found,) = author._found.values()
    answers = {repr(answer(patch.files["m.py"], call)) for patch in found.patches}
    assert own != other
    assert repr(answer(draft.files["m.py"], call)) == own
    assert other in answers
    assert isinstance(ast.parse(call, mode="eval").body, ast.Call)


async def test_a_person_is_asked_although_one_of_them_mended_such_a_failure_before(sandbox):
    """The memory says what is tried first; that it was right elsewhere does not settle what is right here."""
    files = {"m.py": "def area(w, h):\n    return w + h\n"}
    tests = {"test_m.py": "from m import area\n\ndef test_it():\n    assert area(2, 5) == 10\n"}
    usual = (Shift(failure="", template="var-replace", bits=-6.0),)

    draft, _ = await first_draft(sandbox, files, tests, shifts=usual)

    assert draft.files["m.py"] == "def area(w, h):\n    return h + h\n"
    assert re.search(r"this patch returns \S+ for `area\(\S+ \S+\)`, another plausible one returns", draft.note), (
        draft.note
    )
    assert draft.question
