from ledger import monthly
from ledger.report import as_text


def test_every_month_with_bookings_is_summed(book):
    assert monthly(book, 2025) == {1: 750, 2: 4_200, 12: 77}


def test_a_year_without_bookings_is_empty(book):
    assert monthly(book, 2024) == {}


def test_sums_are_shown_in_units():
    assert as_text({2: 4_200}) == "02      42.00"
