"""Much that is alike, done a few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


async def side_by_side(
    things: Sequence[T], work: Callable[[T], Awaitable[R]], *, jobs: int, on_end: Callable[[R], None]
) -> tuple[R, ...]:
    """What *work* makes of each of *things*, in their order, *jobs* at a time; *on_end* is told of each as it ends.

    Where one raises, the others are cancelled, and have ended when that comes out.
    """
    slots = asyncio.Semaphore(jobs)

    async def one(thing: T) -> R:
        async with slots:
            result = await work(thing)
        on_end(result)
        return result

    tasks = [asyncio.create_task(one(thing)) for thing in things]
    try:
        return tuple(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
