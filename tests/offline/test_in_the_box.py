"""The search itself, in a real box, on little programs that are broken in the usual ways."""

from __future__ import annotations

import pytest

from agents.base import Allowance, Brief
from agents.errors import NothingToOffer
from agents.offline.author import OfflineAuthor
from engine.workshop import BoxWorkshop
from sandboxes.base import Limits

pytestmark = pytest.mark.docker

CASES = [
    pytest.param(
        {"m.py": "def total(xs):\n    t = 0\n    for x in xs:\n        t -= x\n    return t\n"},
        {"test_m.py": "from m import total\n\ndef test_t():\n    assert total([1, 2]) == 3\n    assert total([]) == 0\n"},
        "t += x", id="wrong-operator",
    ),
    pytest.param(
        {"m.py": "def area(r):\n    return math.pi * r ** 2\n"},
        {"test_m.py": "from m import area\n\ndef test_a():\n    assert round(area(1), 2) == 3.14\n"},
        "import math", id="missing-import",
    ),
    pytest.param(
        {"m.py": "def f(x)\n    if x = 1:\n        return 'one'\n    return 'many'\n"},
        {"test_m.py": "from m import f\n\ndef test_f():\n    assert (f(1), f(2)) == ('one', 'many')\n"},
        "def f(x):\n    if x == 1:", id="syntax",
    ),
    pytest.param(
        {"m.py": "def digits(n):\n    found = []\n    while n > 0:\n        found.append(n % 10)\n        n = n // 1\n    return found\n"},
        {"test_m.py": "import pytest\nfrom m import digits\n\n@pytest.mark.parametrize('n, e', [(0, []), (7, [7]), (123, [3, 2, 1])])\ndef test_d(n, e):\n    assert digits(n) == e\n"},
        "n // 10", id="endless-loop",
    ),
    pytest.param(
        {"m.py": "def collect(x, into=[]):\n    into.append(x)\n    return into\n"},
        {"test_m.py": "from m import collect\n\ndef test_a():\n    assert collect(1) == [1]\n\ndef test_b():\n    assert collect(2) == [2]\n"},
        "into=None", id="mutable-default",
    ),
    pytest.param(
        {"m.py": "from colections import defaultdct\n\ndef count(ws):\n    d = defaultdct(int)\n    for w in ws:\n        d[w] += 1\n    return dict(d)\n"},
        {"test_m.py": "from m import count\n\ndef test_c():\n    assert count('aab') == {'a': 2, 'b': 1}\n"},
        "from collections import defaultdict", id="two-misspelt-names",
    ),
    pytest.param(
        {"shop/__init__.py": "", "shop/prices.py": "def gross(net, rate):\n    return net * (1 - rate)\n", "shop/basket.py": "from shop.prices import gross\n\ndef total(items, rate):\n    return sum(gross(i, rate) for i in items)\n"},
        {"tests/test_b.py": "import unittest\nfrom shop.basket import total\nfrom shop.prices import gross\n\nclass T(unittest.TestCase):\n    def setUp(self):\n        self.items = [100, 200]\n\n    def test_total(self):\n        self.assertEqual(total(self.items, 0.5), 450)\n\n    def test_gross(self):\n        self.assertEqual(gross(100, 0.25), 125)\n"},
        "1 + rate", id="second-of-two-files",
    ),
    pytest.param(
        {"m.py": "def total(xs, less=0):\n    t = 0\n    for x in xs:\n        t -= x\n    return t - less\n", "w.py": "def shout(text):\n    return text.uper() + '!'\n"},
        {"test_both.py": "from m import total\nfrom w import shout\n\ndef test_t():\n    assert total([1, 2]) == 3\n\ndef test_less():\n    assert total([5, 5], 3) == 7\n\ndef test_s():\n    assert shout('hi') == 'HI!'\n"},
        "return text.upper() + '!'", id="a-fault-in-each-of-two-files",
    ),
    pytest.param(
        {"m.py": "def total(xs, less=0):\n    t = 0\n    for x in xs:\n        t -= x\n    return t - less\n"},
        {"test_m.py": "from m import total\n\ndef test_t():\n    assert total([1, 2]) == 3\n\ndef test_less():\n    assert total([5, 5], 3) == 7\n"},
        "t += x", id="the-operator-before-another-target",
    ),
]  # fmt: skip


def ask(files, tests, **more):
    return Brief(goal="", files=files, tests=tests, allowance=Allowance(seconds=75.0), **more)


@pytest.mark.parametrize(("files", "tests", "expected"), CASES)
async def test_a_little_fault_is_mended(sandbox, files, tests, expected):
    """The first draft contains the edit that a person would make."""
    author = OfflineAuthor(BoxWorkshop(sandbox, limits=Limits(), run_id="test"))

    draft = await author.write(ask(files, tests))

    assert any(expected in text for text in draft.files.values())
    assert draft.candidates > 0
    assert draft.note


async def test_code_that_no_small_edit_mends_ends_with_a_word_on_where_it_may_be(sandbox):
    """The tests ask for something that is nowhere in the program; leaving and filling memory cost one candidate."""
    files = {"m.py": "import sys\n\ndef f(x):\n    if x > 5:\n        sys.exit(3)\n    return [x] * (10 ** x)\n"}
    tests = {"test_m.py": "from m import f\n\ndef test_f():\n    assert f(1) == 'zzxq'\n    assert f(2) == 'qwv'\n"}
    author = OfflineAuthor(BoxWorkshop(sandbox, limits=Limits(), run_id="test"))

    with pytest.raises(NothingToOffer) as caught:
        await author.write(ask(files, tests).model_copy(update={"allowance": Allowance(seconds=20.0)}))

    assert caught.value.candidates > 20
    assert caught.value.lead is not None
    assert {suspect.path for suspect in caught.value.lead.suspects} == {"m.py"}
    assert "return [x] * (10 ** x)" in {suspect.text for suspect in caught.value.lead.suspects}
