from catalogue import contains, count_between, first_at_least

NUMBERS = [2, 3, 5, 7, 11, 13]


def test_the_first_one():
    assert first_at_least(NUMBERS, 1) == 0


def test_one_in_the_upper_half():
    assert first_at_least(NUMBERS, 11) == 4


def test_beyond_the_last():
    assert first_at_least(NUMBERS, 14) == 6


def test_an_empty_catalogue():
    assert first_at_least([], 3) == 0
    assert not contains([], 3)


def test_contains():
    assert [number for number in range(15) if contains(NUMBERS, number)] == NUMBERS


def test_count_between():
    assert count_between(NUMBERS, 3, 11) == 3
