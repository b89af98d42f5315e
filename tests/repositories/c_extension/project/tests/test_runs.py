import pytest

import runs


@pytest.mark.parametrize(
    ("data", "expected"),
    [(b"", []), (b"a", [1]), (b"ab", [1, 1]), (b"aabccc", [2, 1, 3]), (b"aaaa", [4])],
)
def test_lengths(data, expected):
    assert runs.lengths(data) == expected


def test_longest():
    assert runs.longest(b"abbbcc") == 3
    assert runs.longest(b"") == 0


def test_description():
    assert runs.describe(b"aab") == "2x1x"


def test_what_is_no_buffer_is_refused():
    with pytest.raises(TypeError):
        runs.lengths("text")
