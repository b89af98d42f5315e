import pytest

from loans_api import Shelf


@pytest.fixture
def shelf(tmp_path):
    return Shelf(str(tmp_path / "loans.db"))


def test_R1_what_is_lent_is_kept(shelf):
    loan = shelf.lend("Emma", 30)

    assert loan == {"id": 1, "title": "Emma", "days": 30, "overdue": False, "reminders": 0}
    assert shelf.every() == [loan]
    assert shelf.one(1) == loan


def test_R1_what_there_is_not_is_none(shelf):
    assert (shelf.one(7), shelf.mark(7), shelf.remind(7)) == (None, None, None)


def test_R1_loans_are_marked_and_reminders_counted(shelf):
    shelf.lend("Emma", 30)
    shelf.lend("Sanditon", 1)

    assert shelf.mark(1)["overdue"] is True
    assert shelf.remind(1)["reminders"] == 1
    assert shelf.remind(1)["reminders"] == 2
    assert shelf.one(2) == {"id": 2, "title": "Sanditon", "days": 1, "overdue": False, "reminders": 0}
