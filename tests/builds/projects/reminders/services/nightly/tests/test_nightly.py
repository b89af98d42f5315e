from nightly import overdue


def loan(number, days, marked=False):
    return {"id": number, "title": "Emma", "days": days, "overdue": marked, "reminders": 0}


def test_R2_what_is_out_for_more_than_14_days_is_overdue():
    assert overdue([loan(1, 15), loan(2, 14), loan(3, 400)]) == [1, 3]


def test_R2_what_is_marked_is_not_marked_again():
    assert overdue([loan(1, 15, marked=True), loan(2, 15)]) == [2]
