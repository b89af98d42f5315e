import pytest

from tally_app.statement import read, total
from tally_core import Amount


def test_a_line_is_read():
    assert read("tea and cake 12.50 EUR") == ("tea and cake", Amount(1250, "EUR"))


def test_lines_are_summed():
    assert total(["tea 1.50 EUR", "cake 3 EUR"], "EUR") == Amount(450, "EUR")


def test_currencies_are_not_mixed():
    with pytest.raises(ValueError, match="JPY"):
        total(["tea 1.50 EUR", "sushi 900 JPY"], "EUR")


def test_nothing_is_nothing():
    assert total([], "EUR") == Amount(0, "EUR")
