"""Several things side by side, none of which is left behind."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


async def together(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """The results of all, in order. Where one raises, the others are cancelled, and its exception comes out as it was."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in work]
    except BaseExceptionGroup as raised:
        first: BaseException = raised
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        raise first from None
    return [task.result() for task in tasks]


async def all_of(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """The same, where what each does is paid for: the others are waited for, and only then the first exception comes out.

    A cancelled call cancels all.
    """

    async def kept(each: Coroutine[Any, Any, T]) -> T | Exception:
        try:
            return await each
        except Exception as error:  # noqa: BLE001 (it is raised below)
            return error

    results = await together(kept(each) for each in work)
    for result in results:
        if isinstance(result, Exception):
            raise result
    return [result for result in results if not isinstance(result, Exception)]
