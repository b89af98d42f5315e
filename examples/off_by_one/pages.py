"""Cutting a list into pages that are counted from 1."""


def page_count(total, size):
    """How many pages of *size* it takes for *total* entries."""
    if size < 1:
        raise ValueError(f"a page holds at least one entry, not {size}")
    return (total + size) // size


def page(entries, number, size):
    """Entries of page *number*; an empty list beyond the last page."""
    if number < 1:
        raise ValueError(f"pages are counted from 1, not {number}")
    first = (number - 1) * size
    return entries[first : first + size]


def all_pages(entries, size):
    return [page(entries, number, size) for number in range(1, page_count(len(entries), size) + 1)]
