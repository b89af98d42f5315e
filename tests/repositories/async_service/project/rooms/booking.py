"""The rules of booking."""

from __future__ import annotations

from rooms.store import Store


class Taken(Exception):
    """Somebody else has the room then."""


class Desk:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def book(self, room: str, hour: int, who: str) -> None:
        """Book *room*; booking one's own room again changes nothing."""
        holder = self._store.holder(room, hour)
        if holder is not None and holder != who:
            raise Taken(f"{room} at {hour} is {holder}'s")
        await self._store.take(room, hour, who)

    async def free(self, room: str, opening: range) -> list[int]:
        """Hours of *opening* in which nobody has the room."""
        taken = await self._store.hours(room)
        return [hour for hour in opening if hour not in taken]
