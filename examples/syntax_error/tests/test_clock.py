import pytest

from clock import seconds, written


@pytest.mark.parametrize(("text", "total"), [("45s", 45), ("2m", 120), ("1h30m", 5400), ("1h1m1s", 3661)])
def test_both_ways(text, total):
    assert seconds(text) == total
    assert written(total) == text


@pytest.mark.parametrize("text", ["", "5", "m5", "1h 30m", "1d"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match="not a duration"):
        seconds(text)


def test_nothing_is_zero_seconds():
    assert written(0) == "0s"
