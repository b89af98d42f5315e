import pytest

from weather.degrees import rounded, to_celsius, to_fahrenheit
from weather.report import line, warmest


@pytest.mark.parametrize(("celsius", "fahrenheit"), [(0, 32), (100, 212), (-40, -40), (37, 98.6)])
def test_both_ways(celsius, fahrenheit):
    assert to_fahrenheit(celsius) == pytest.approx(fahrenheit)
    assert to_celsius(fahrenheit) == pytest.approx(celsius)


def test_halves_are_rounded_away_from_zero():
    assert [rounded(degrees) for degrees in (0.5, 1.4, -0.5, -1.4)] == [1, 1, -1, -1]


def test_a_line_from_either_unit():
    assert line("Oslo", -3) == "Oslo: -3 C / 27 F"
    assert line("Reno", 95, unit="F") == "Reno: 35 C / 95 F"


def test_an_unknown_unit_is_refused():
    with pytest.raises(ValueError, match="C or F"):
        line("Bath", 290, unit="K")


def test_the_warmest_place_whatever_the_unit():
    assert warmest([("Oslo", 4, "C"), ("Reno", 59, "F"), ("Bath", 11, "C")]) == "Reno"
