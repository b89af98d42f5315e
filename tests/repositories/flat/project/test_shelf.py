import pytest

from shelf import Shelf

pytestmark = pytest.mark.shelf


def test_a_note_is_found_again():
    shelf = Shelf()
    assert shelf.take(shelf.put("To do", "milk")) == "milk"
    assert len(shelf) == 0


def test_two_notes_of_one_name_are_refused():
    shelf = Shelf()
    shelf.put("To do", "milk")
    with pytest.raises(ValueError, match="to-do.txt"):
        shelf.put("to DO", "eggs")
