from rooms.booking import Desk
from rooms.plan import book_all
from rooms.store import Store


async def test_all_wishes_are_booked():
    desk = Desk(Store())
    assert await book_all(desk, [("red", 9, "ann"), ("blue", 9, "bob")]) == 2
    assert await desk.free("red", range(9, 11)) == [10]
