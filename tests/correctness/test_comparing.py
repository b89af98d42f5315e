"""Healed programs against right ones, in real boxes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from engine.casting import search_programs
from engine.correctness.comparing import Comparing
from engine.dataset import SolvedRow
from engine.harness import Mendbox
from engine.settings import Settings

pytestmark = pytest.mark.docker

RIGHT = "def clamp(n, low, high):\n    return max(low, min(n, high))\n"
TESTS = """
import pytest

from solution import clamp


@pytest.mark.parametrize("n, wanted", [(5, 5), (12, 10), (-3, 0)])
def test_clamp(n, wanted):
    assert clamp(n, 0, 10) == wanted
"""
PROBE = """
def probe(import_module, random):
    low = random.randint(-20, 20)
    return import_module("solution").clamp(random.randint(-50, 50), low, low + random.randint(0, 30))
"""
HALF = {"test_solution.py": TESTS.replace(", (-3, 0)", "")}


def row(**more: object) -> SolvedRow:
    given = {"id": "clamp", "buggy": "def clamp(n, low, high):\n    return n\n", "tests": TESTS, "fixed": RIGHT}
    return SolvedRow.model_validate(given | more)


@pytest.fixture
async def comparing(tmp_path: object) -> AsyncIterator[Comparing]:
    settings = Settings(data_dir=tmp_path)
    async with Mendbox(settings, journal=False) as mendbox:
        yield Comparing(mendbox.run, behaviour=search_programs())


async def test_a_probe_tells_a_program_that_is_right_otherwise_from_one_that_only_fits(comparing: Comparing) -> None:
    """With the seed and both answers; each answer comes from a process of its own, so that one that exits is only one answer."""
    otherwise = "def clamp(n, low, high):\n    return sorted([low, n, high])[1]\n"
    fitting = "def clamp(n, low, high):\n    return min(max(n, 0), 10)\n"
    leaving = RIGHT.replace("    return", "    if n > 12:\n        raise SystemExit\n    return")
    suite = row().suite

    told = [
        await comparing(row(probe=PROBE), {"solution.py": text}, judged=suite) for text in (otherwise, fitting, leaving)
    ]

    assert [each.correct for each in told] == [True, False, False]
    assert told[0].why == "the same on 150 inputs"
    assert told[1].why.startswith("seed ")
    assert "where the right version has" in told[1].why
    assert "SystemExit" in told[2].why


async def test_a_program_that_hangs_or_eats_memory_differs_at_the_first_such_seed(comparing: Comparing) -> None:
    """It costs one answer's limits, not those of the box."""
    hanging = RIGHT.replace("    return", "    while n > 12:\n        pass\n    return")
    eating = RIGHT.replace("    return", "    kept = [0] * (10**9 if n > 12 else 1)\n    return")

    told = [await comparing(row(probe=PROBE), {"solution.py": text}, judged=row().suite) for text in (hanging, eating)]

    assert [each.correct for each in told] == [False, False]
    assert all("ended otherwise" in each.why for each in told)


async def test_tests_that_were_withheld_are_asked_first(comparing: Comparing) -> None:
    """What passes half of the tests only is wrong, whatever a probe would say."""
    fits_half = "def clamp(n, low, high):\n    return min(n, high)\n"

    wrong = await comparing(row(probe=PROBE), {"solution.py": fits_half}, judged=HALF)
    right = await comparing(row(probe=PROBE), {"solution.py": RIGHT}, judged=HALF)

    assert wrong.correct is False
    assert "a test that it was not judged by is red: FAILED test_solution.py::test_clamp" in wrong.why
    assert right.correct is True


async def test_without_a_probe_inputs_like_those_of_the_tests_are_compared(comparing: Comparing) -> None:
    """The call that differs is told."""
    fitting = "def clamp(n, low, high):\n    return min(max(n, 0), 10)\n"
    suite = row().suite

    wrong = await comparing(row(entry="clamp"), {"solution.py": fitting}, judged=suite)
    right = await comparing(row(entry="clamp"), {"solution.py": RIGHT.replace("max(low", "max(0 + low")}, judged=suite)

    assert wrong.correct is False
    assert wrong.why.startswith("clamp(")
    assert right.correct is True


async def test_a_row_whose_right_version_is_not_known_says_nothing(comparing: Comparing) -> None:
    """And opens no box."""
    told = await comparing(row(fixed=""), {"solution.py": RIGHT}, judged=row().suite)

    assert told.correct is None


async def test_several_files_are_compared_as_they_stand_beside_each_other(comparing: Comparing) -> None:
    """The right version has every file that the bug is not in."""
    limits = "LOW, HIGH = 0, 10\n"
    using = "from shop.limits import LOW, HIGH\n\n\ndef clamp(n):\n    return max(LOW, min(n, HIGH))\n"
    two = SolvedRow.model_validate(
        {
            "id": "two",
            "module": "shop.prices",
            "buggy": using.replace("max", "min"),
            "fixed": {"shop/prices.py": using},
            "extra_files": {"shop/limits.py": limits},
            "tests": {
                "test_a.py": "from shop.prices import clamp\n\n\ndef test_clamp():\n    assert clamp(12) == 10\n"
            },
            "probe": "def probe(import_module, random):\n    return import_module('shop.prices').clamp(random.randint(-9, 19))\n",
        }
    )

    right = await comparing(two, {"shop/prices.py": using, "shop/limits.py": limits}, judged=two.suite)
    wrong = await comparing(two, {"shop/prices.py": using, "shop/limits.py": "LOW, HIGH = 1, 10\n"}, judged=two.suite)

    assert right.correct is True
    assert wrong.correct is False
