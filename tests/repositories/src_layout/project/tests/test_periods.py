from datetime import date

import pytest

from ledger.periods import month


@pytest.mark.parametrize(("number", "last"), [(1, 31), (2, 28), (4, 30), (12, 31)])
def test_a_month_ends_with_its_last_day(number, last):
    assert month(2025, number).last == date(2025, number, last)


def test_days_outside_do_not_belong():
    assert not month(2025, 2).holds(date(2025, 3, 1))
    assert not month(2025, 2).holds(date(2025, 1, 31))
