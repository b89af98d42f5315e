import pytest

from tally_core import Amount, parse


@pytest.mark.parametrize(
    ("text", "currency", "units"),
    [("12.5", "EUR", 1250), ("7", "EUR", 700), ("300", "JPY", 300), ("1.234", "KWD", 1234)],
)
def test_amounts_are_parsed(text, currency, units):
    assert parse(text, currency=currency) == Amount(units, currency)


def test_too_fine_an_amount_is_refused():
    with pytest.raises(ValueError, match="finer"):
        parse("1.5", currency="JPY")
