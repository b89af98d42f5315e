import pytest

from rooms.booking import Desk, Taken
from rooms.store import Store


@pytest.fixture
def desk():
    return Desk(Store())


async def test_a_free_room_can_be_booked(desk):
    await desk.book("red", 9, "ann")
    assert await desk.free("red", range(8, 11)) == [8, 10]


async def test_a_taken_room_is_refused(desk):
    await desk.book("red", 9, "ann")
    with pytest.raises(Taken, match="ann"):
        await desk.book("red", 9, "bob")


async def test_ones_own_room_can_be_booked_again(desk):
    await desk.book("red", 9, "ann")
    await desk.book("red", 9, "ann")
    assert await desk.free("red", range(9, 10)) == []


async def test_an_empty_desk_is_free(desk):
    assert await desk.free("blue", range(8, 10)) == [8, 9]
