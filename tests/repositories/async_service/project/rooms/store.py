"""Where bookings are kept: in memory, behind the same calls as a database has."""

from __future__ import annotations

import anyio


class Store:
    def __init__(self) -> None:
        self._taken: dict[tuple[str, int], str] = {}
        self._lock = anyio.Lock()

    async def holder(self, room: str, hour: int) -> str | None:
        async with self._lock:
            return self._taken.get((room, hour))

    async def take(self, room: str, hour: int, who: str) -> None:
        async with self._lock:
            self._taken[room, hour] = who

    async def hours(self, room: str) -> list[int]:
        async with self._lock:
            return sorted(hour for name, hour in self._taken if name == room)
