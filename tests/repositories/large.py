"""A project with a suite as large as one wants, and one fault that shows in every twentieth of its files."""

from __future__ import annotations

from pathlib import Path

FAULTY = "shop/money.py"
RIGHT = "return int(amount + 0.5)"
WRONG = "return int(amount + half)"
_MONEY = f"def rounded(amount):\n    {WRONG}\n\n\ndef cents(amount):\n    return amount * 100\n"
_SETTINGS = '[project]\nname = "shop"\nversion = "1"\n\n[tool.pytest.ini_options]\ntestpaths = ["tests"]\n'
EVERY = 20
"""In one of so many files a test is red."""


def lay(root: Path, *, files: int, tests: int, seconds: float = 0.0) -> None:
    """Write *files* modules into *root*, each with as many *tests*, that take so many *seconds* each."""
    for folder in ("shop", "tests"):
        (root / folder).mkdir(parents=True)
    (root / "pyproject.toml").write_text(_SETTINGS)
    (root / "shop" / "__init__.py").write_text("")
    (root / FAULTY).write_text(_MONEY)
    for number in range(files):
        total = "rounded(sum(numbers))" if number % EVERY == 0 else "sum(numbers)"
        (root / "shop" / f"part{number}.py").write_text(
            "from shop.money import cents, rounded\n\n\n"
            f"def price(number):\n    return cents(number) + {number}\n\n\n"
            f"def total(numbers):\n    return {total}\n"
        )
        (root / "tests" / f"test_part{number}.py").write_text(_tests(number, tests, seconds))


def _tests(number: int, count: int, seconds: float) -> str:
    head = f"import time\n\nfrom shop.part{number} import price, total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n"
    wait = f"    time.sleep({seconds})\n" if seconds else ""
    prices = (
        f"\n\ndef test_price_{each}():\n{wait}    assert price({each}) == {100 * each + number}\n"
        for each in range(count - 1)
    )
    return head + "".join(prices)
