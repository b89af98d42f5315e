"""How many calls each principal may make, in a minute and at one time."""

from __future__ import annotations

import math
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import mcp_types
from fastmcp.exceptions import ToolError
from fastmcp.server.middleware import CallNext, Middleware, MiddlewareContext
from fastmcp.tools import ToolResult

from serving.access.principals import principal

MOST_PRINCIPALS = 10_000
"""Whose calls are remembered; of more, those are forgotten who have not called for longest."""


class Rate:
    """A bucket for each name that holds *per_minute* calls and fills evenly."""

    def __init__(
        self, per_minute: int, *, most: int = MOST_PRINCIPALS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._size = float(per_minute)
        self._most = most
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._left)

    def wait_for(self, name: str) -> int:
        """0 where *name* may call now, and has; else in how many seconds it may."""
        now = self._clock()
        left, at = self._left.pop(name, (self._size, now))
        left = min(self._size, left + (now - at) * self._size / 60)
        wait = 0 if left >= 1 else math.ceil((1 - left) * 60 / self._size)
        self._left[name] = (left if wait else left - 1, now)
        while len(self._left) > self._most:
            self._left.popitem(last=False)
        return wait


class Quotas(Middleware):
    """Refuses the calls of tools that are too many; looking at what there is costs nothing."""

    def __init__(self, *, per_minute: int, at_once: int) -> None:
        """0 means any number."""
        self._per_minute = per_minute
        self._at_once = at_once
        self._rate = Rate(per_minute) if per_minute else None
        self._going = Counter[str]()

    async def on_call_tool(
        self,
        context: MiddlewareContext[mcp_types.CallToolRequestParams],
        call_next: CallNext[mcp_types.CallToolRequestParams, ToolResult],
    ) -> ToolResult:
        if context.fastmcp_context is None:
            raise ToolError("this call belongs to no request")
        with self._counted(principal(context.fastmcp_context).name):
            return await call_next(context)

    @contextmanager
    def _counted(self, name: str) -> Iterator[None]:
        if self._at_once and self._going[name] >= self._at_once:
            raise ToolError(
                f"too many calls at a time: {self._at_once} of yours are going on, and no more are taken; try again in "
                "1 second, or as soon as one of them is answered"
            )
        wait = 0 if self._rate is None else self._rate.wait_for(name)
        if wait:
            raise ToolError(
                f"too many calls: you have {self._per_minute} in a minute; try again in {wait} "
                f"second{'s' if wait > 1 else ''}"
            )
        self._going[name] += 1
        try:
            yield
        finally:
            self._going[name] -= 1
            if not self._going[name]:
                del self._going[name]
