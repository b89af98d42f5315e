from tally_app.table import table


def test_units_stand_in_a_column():
    assert "tea            150  EUR" in table(["tea 1.50 EUR"])
