"""Each type of test, and each framework of Python, in real boxes: what it is, and that the judge has seen it green."""

from __future__ import annotations

import pytest

from agents.offline.testing.tester import OfflineTester
from agents.testing import Wanted
from engine.cli.entry import enter
from engine.domain import Task
from engine.plain_tests import is_plain
from engine.settings import Settings
from engine.testing import Generated, write_tests
from engine.workshop import BoxWorkshop
from sandboxes.base import Limits

pytestmark = [pytest.mark.docker, pytest.mark.slow]

PRICES = '''"""Prices."""


def gross(net: int) -> int:
    """With tax.

    >>> gross(100)
    120
    """
    if net < 0:
        raise ValueError("below zero")
    return net * 120 // 100


def alone(n: int) -> int:
    return n + 1
'''
BASKET = '''"""What somebody takes along.

>>> basket = Basket(2)
>>> basket.put(100)
120
>>> basket.total
120
>>> basket.put(5)
7
"""

from prices import gross


class Basket:
    def __init__(self, room: int):
        self.room = room
        self.total = 0
        self.held = 0

    def put(self, net: int) -> int:
        if self.held >= self.room:
            raise OverflowError("no room")
        self.held += 1
        self.total += gross(net)
        return self.total


def bill(nets: list[int]) -> int:
    return sum(gross(net) for net in nets)
'''
CODES = '''"""Texts as numbers."""


def encode(text: str) -> list[int]:
    return [ord(letter) + 3 for letter in text]


def decode(codes: list[int]) -> str:
    return "".join(chr(code - 3) for code in codes)


def ordered(values: list[int]) -> list[int]:
    found = list(values)
    for i in range(len(found)):
        for j in range(len(found) - 1 - i):
            if found[j] > found[j + 1]:
                found[j], found[j + 1] = found[j + 1], found[j]
    return found


def positive(n: int) -> int:
    if n < 0:
        raise ValueError("below zero")
    return n + 1
'''
FORMS = '''"""Forms."""

from contextlib import contextmanager
from pathlib import Path


def count_lines(path: Path) -> int:
    return sum(1 for line in path.read_text().splitlines() if line.strip())


def save(path, rows: list[int]):
    with open(path, "w") as file:
        for row in rows:
            file.write(f"{row * 2}\\n")


def chosen(keep, values):
    return [value for value in values if keep(value)]


async def doubled(value: int) -> int:
    return value * 2


async def counted(limit: int):
    for number in range(limit):
        yield number * number


@contextmanager
def tagged(name: str):
    yield f"<{name}>"


def show(name: str) -> None:
    print(f"hello {name}")


class Account:
    def __init__(self, owner: str, balance: int = 0):
        self.owner = owner
        self.balance = balance

    def deposit(self, amount: int) -> None:
        self.balance += amount

    @property
    def rich(self) -> bool:
        return self.balance > 5

    def copy(self) -> "Account":
        return Account(self.owner, self.balance)
'''


async def write(sandbox, files, seconds=25.0, **wanted) -> Generated:
    tester = OfflineTester(BoxWorkshop(sandbox, limits=Limits(), run_id="test"))
    settings = Settings()
    task = Task(files=files, tests={}, budget=settings.budget, limits=settings.limits)
    found = await write_tests(
        task,
        tester,
        lambda: sandbox.open(run_id="test", limits=Limits(seconds=300)),
        seconds=seconds,
        wanted=Wanted(**wanted),
    )
    assert not found.text or is_plain(found.text, files)
    return found


async def test_an_integration_test_goes_through_two_modules(sandbox):
    """What one module does alone is none; where nothing goes through two, it is told."""
    found = await write(sandbox, {"prices.py": PRICES, "basket.py": BASKET}, type="integration")
    nothing = await write(sandbox, {"prices.py": PRICES}, type="integration", seconds=8.0)

    assert found.type == "integration"
    assert "from basket import" in found.text
    assert "alone(" not in found.text
    assert "gross(" not in found.text
    assert nothing.text == ""
    assert "one function of this one module uses another" in nothing.reason


async def test_a_regression_test_follows_an_object_and_what_is_documented(sandbox):
    """The rows of a docstring in their order; calls of an object with each answer. What the docstring denies is suspected."""
    found = await write(sandbox, {"prices.py": PRICES, "basket.py": BASKET}, type="regression")

    assert "def test_basket_through_put" in found.text
    assert "does_what_its_examples_show" not in found.text
    assert [(each.what, each.call) for each in found.suspects if each.what == "contradiction"] == [
        ("contradiction", "basket.put(5)")
    ]
    right = await write(sandbox, {"prices.py": PRICES, "basket.py": BASKET.replace("7\n", "126\n")}, type="regression")
    assert "def test_basket_does_what_its_examples_show" in right.text
    assert "assert basket.put(5) == 126" in right.text


async def test_a_property_holds_for_all_inputs_and_notices_a_change(sandbox):
    """Round trips, orders, refusals: written for hypothesis, the same at every run."""
    found = await write(sandbox, {"codes.py": CODES}, type="property", seconds=60.0)

    assert "@given(" in found.text
    assert "assert decode(encode(text)) == text" in found.text
    assert "sorted(values)" in found.text
    assert "derandomize=True" in found.text
    assert found.killed >= 8


async def test_unittest_has_the_same_cases(sandbox):
    """As methods of one class; the judge runs them by pytest."""
    found = await write(sandbox, {"prices.py": PRICES, "basket.py": BASKET}, framework="unittest")

    assert found.framework == "unittest"
    assert "class TestTogether(unittest.TestCase):" in found.text
    assert "self.assertRaisesRegex(OverflowError, 'no room')" in found.text.replace('"', "'")
    assert "import pytest" not in found.text
    assert (found.mutation_score or 0.0) >= 0.7


async def test_many_forms_of_code_have_their_tests(sandbox):
    """Files, functions that are given, coroutines, streams, contexts, prints, and objects by their attributes."""
    found = await write(sandbox, {"forms.py": FORMS}, seconds=30.0)

    for line in (
        'tmp_path / "a.txt"',
        '.read_text(encoding="utf-8") ==',
        "asyncio.run(doubled(",
        "each async for each in counted(",
        "with tagged(",
        "redirect_stdout(StringIO())",
        "account.balance ==",
        "account.rich is ",
        "found.owner ==",
        "chosen(",
    ):
        assert line in found.text, line
    assert found.branch_coverage == 1.0


def test_the_command_takes_type_framework_and_author(tmp_path, capsys):
    """And says which they were; what is of another language is refused before a box is opened."""
    code = tmp_path / "prices.py"
    code.write_text(PRICES)

    named = ["--type", "regression", "--framework", "unittest", "--author", "offline", "--goal", "sell"]
    assert enter(["tests", str(code), *named, "--seconds", "8"]) == 0
    printed = capsys.readouterr()
    assert enter(["tests", str(code), "--framework", "vitest"]) == 2

    assert "unittest.TestCase" in printed.out
    assert "regression tests for unittest, by offline" in printed.err
    assert "not shown: that the code is right" in printed.err
    assert "no file of either" in capsys.readouterr().err
