"""An alphabetical index of a shelf's titles."""

from shelf import Shelf


def index(titles):
    """(title, name) of each, by title, put on a shelf of their own."""
    shelf = Shelf()
    return [(title, shelf.put(title, "")) for title in sorted(titles, key=str.casefold)]
