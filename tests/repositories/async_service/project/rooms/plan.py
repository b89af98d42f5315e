"""Several bookings at once."""

from __future__ import annotations

import asyncio

from rooms.booking import Desk


async def book_all(desk: Desk, wishes: list[tuple[str, int, str]]) -> int:
    """Book all of *wishes*; how many."""
    async with asyncio.TaskGroup() as group:
        for room, hour, who in wishes:
            group.create_task(desk.book(room, hour, who))
    return len(wishes)
