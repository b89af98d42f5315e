import pytest

from pages import all_pages, page, page_count


@pytest.mark.parametrize(("total", "size", "pages"), [(0, 5, 0), (1, 5, 1), (5, 5, 1), (6, 5, 2), (10, 5, 2), (7, 1, 7)])
def test_page_count(total, size, pages):
    assert page_count(total, size) == pages


def test_pages_hold_everything_in_order():
    entries = list(range(11))

    assert [entry for one in all_pages(entries, 4) for entry in one] == entries


def test_no_page_is_empty():
    assert all(all_pages(list("abcdef"), 3))


def test_a_page_beyond_the_last_is_empty():
    assert page([1, 2, 3], 3, 2) == []


def test_a_page_holds_at_least_one_entry():
    with pytest.raises(ValueError, match="at least one"):
        page_count(3, 0)
