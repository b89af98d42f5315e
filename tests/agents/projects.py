"""A made-up project of some three hundred files, for what is chosen of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from agents.base import Brief
from tests.agents.models import brief

FAULTY = "src/shop/money/rounding.py"
"""Three imports away from the failing test."""
TEST_PATH = "tests/test_checkout.py"
TEST = """from shop.checkout import total_of


def test_nothing_costs_nothing():
    assert total_of([]) == 0


def test_half_a_cent_is_rounded_up(basket):
    assert total_of(basket) == 3
"""
CONFTEST = """import pytest


@pytest.fixture
def basket():
    return [1.25, 1.25]
"""
_CHECKOUT = """from shop.prices import sum_of


def total_of(basket):
    return sum_of(basket)
"""
_PRICES = """from shop.money import rounded


def sum_of(prices):
    return rounded(sum(prices))
"""
ROUNDING = """def rounded(amount):
    return int(amount)


def halves_of(amount):
    return amount / 2
"""


def filler(number: int, *, functions: int = 12) -> str:
    """A module that has nothing to do with anything."""
    return "".join(
        f"def step_{number}_{n}(value, factor={n}):\n"
        f'    """Scale the value of step {number}, number {n}."""\n'
        f"    scaled = value * factor + {number}\n"
        f"    return scaled if scaled > {n} else -scaled\n\n\n"
        for n in range(functions)
    )


def project(**changes: str) -> tuple[dict[str, str], dict[str, str]]:
    """Its files and its tests; *changes* replace whole files, by names in which ``__`` stands for a slash."""
    files = dict(_files()) | {name.replace("__", "/") + ".py": text for name, text in changes.items()}
    tests = {
        TEST_PATH: TEST,
        "tests/conftest.py": CONFTEST,
        **{f"tests/test_step_{n}.py": f"from steps.step_{n} import step_{n}_0\n" * 30 for n in range(60)},
    }
    return files, tests


def _files() -> Iterator[tuple[str, str]]:
    yield "pyproject.toml", '[project]\nname = "shop"\n'
    yield "src/shop/__init__.py", ""
    yield "src/shop/checkout.py", _CHECKOUT
    yield "src/shop/prices.py", _PRICES
    yield "src/shop/money/__init__.py", "from shop.money.rounding import halves_of, rounded\n"
    yield FAULTY, ROUNDING
    for n in range(240):
        yield f"src/steps/step_{n}.py", filler(n)


def told(files: Mapping[str, str], tests: Mapping[str, str], **changes: Any) -> Brief:
    """The brief about its one failing test."""
    facts: dict[str, Any] = {
        "files": files,
        "tests": tests,
        "failing": (f"{TEST_PATH}::test_half_a_cent_is_rounded_up",),
        "failure": "assert 2 == 3",
    }
    return brief(**(facts | changes))
