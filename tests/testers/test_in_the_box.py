"""The tester itself, in real boxes: what it writes, what it suspects, and what the judge says of it."""

from __future__ import annotations

import pytest

from agents.offline.testing.tester import OfflineTester
from engine.domain import Task
from engine.settings import Settings
from engine.testing import write_tests
from engine.workshop import BoxWorkshop
from sandboxes.base import Limits

pytestmark = pytest.mark.docker

SHOP = '''"""A shop."""


class Full(Exception):
    """No room."""


def slug(title: str) -> str:
    """As it stands in an address.

    >>> slug("Hello World")
    'hello-world'
    >>> slug("A B")
    'a_b'
    """
    return "-".join(title.lower().split())


def mean(values: list[int]) -> float:
    return sum(values) / len(values)


class Stock:
    def __init__(self, size: int):
        self.size = size
        self.items: list[str] = []

    def put(self, item: str) -> int:
        if len(self.items) >= self.size:
            raise Full("no room")
        self.items.append(item)
        return len(self.items)
'''


async def write(sandbox, files, seconds=20.0):
    tester = OfflineTester(BoxWorkshop(sandbox, limits=Limits(), run_id="test"))
    settings = Settings()
    task = Task(files=files, tests={}, budget=settings.budget, limits=settings.limits)
    return await write_tests(task, tester, lambda: sandbox.open(run_id="test", limits=Limits()), seconds=seconds)


async def test_tests_are_written_that_notice_changes_and_say_what_they_are_worth(sandbox):
    """Green in the judge's sessions, all branches taken, nearly all mutants killed; what looks wrong is not asserted."""
    found = await write(sandbox, {"shop.py": SHOP})

    assert found.reason == ""
    assert found.path == "test_shop.py"
    assert "with pytest.raises(Full" in found.text
    assert "def test_stock_put_returns_a_number" in found.text
    assert found.branch_coverage == 1.0
    assert found.line_coverage == 1.0
    assert (found.mutation_score or 0.0) >= 0.8
    assert all(survivor.diff.startswith("--- a/shop.py") for survivor in found.survivors)
    suspected = {(each.what, each.call) for each in found.suspects}
    assert ("contradiction", "slug('A B')") in suspected
    assert ("crash", "mean([])") in suspected
    assert "a_b" not in found.text


async def test_what_is_another_every_time_becomes_no_test(sandbox):
    """Nothing is asserted of it, and why there is no test is said."""
    text = "import random\n\n\ndef draw(n: int) -> float:\n    return random.random() + n\n"

    found = await write(sandbox, {"m.py": text}, seconds=6.0)

    assert found.text == ""
    assert found.reason
    assert any("another order" in each.why for each in found.dropped)


async def test_code_that_cannot_be_imported_has_no_tests_and_the_reason_is_told(sandbox):
    """The module's own error is in it."""
    found = await write(sandbox, {"m.py": "import nowhere\n\n\ndef f(a):\n    return a\n"}, seconds=6.0)

    assert found.text == ""
    assert "ModuleNotFoundError" in found.reason


async def test_what_depends_on_the_hash_seed_is_dropped_by_the_judge(sandbox):
    """The tester's own processes all have one seed; the judge's have not. What is left is measured anew."""
    text = (
        "def letters(n: int) -> list[str]:\n    return list({chr(97 + each % 20) * 3 for each in range(40 + abs(n) % 2)})\n\n\n"
        "def twice(n: int) -> int:\n    return n * 2\n"
    )

    found = await write(sandbox, {"m.py": text}, seconds=8.0)

    assert "def test_twice" in found.text
    assert "def test_letters" not in found.text
    assert any("test_letters" in each.what for each in found.dropped)
    assert 0 < found.killed < found.mutants
