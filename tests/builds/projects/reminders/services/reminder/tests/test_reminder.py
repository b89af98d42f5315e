from reminder import due


def loan(number, overdue, reminders=0):
    return {"id": number, "title": "Emma", "days": 30, "overdue": overdue, "reminders": reminders}


def test_R3_whoever_has_what_is_overdue_is_reminded():
    assert due([loan(1, True), loan(2, False)]) == [1]


def test_R3_once():
    assert due([loan(1, True, reminders=1), loan(2, True)]) == [2]
