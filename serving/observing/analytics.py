"""`get_cequence_analytics` and `orchestrator://analytics`: what was counted here, and what the gateway says."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from fastmcp import Context, FastMCP
from mcp.types import ToolAnnotations

from engine.signin import ADMIN
from serving.access.principals import Principal, principal
from serving.observing.cequence import Cequence
from serving.observing.counted import LOCAL
from serving.observing.counting import Reading, count, no_figures
from serving.observing.figures import AnalyticsAnswer, LocalFigures
from serving.observing.store import Store

READ_SECONDS = 8.0
"""After this it is said that the figures cannot be read, rather than nothing."""
NOT_YOURS = "what the gateway says is about everybody, and so takes the scope mendbox:admin"


class Analytics:
    """Answers from *store*, which is None where nothing is counted, and from *gateway*."""

    def __init__(self, store: Store | None, gateway: Cequence, *, days: float) -> None:
        self._store = store
        self._gateway = gateway
        self._days = days
        self._readings: dict[str | None, asyncio.Task[LocalFigures]] = {}
        """Those that are under way: whoever wants the same meanwhile gets the same."""

    async def get_cequence_analytics(self, *, ctx: Context) -> AnalyticsAnswer:
        """How this server is used and how well it does: calls, durations, errors, outcomes, models' tokens and cost,
        containers, and what is unusual, as counted by the server itself; and what your Cequence AI Gateway says, where
        one is set up.

        Without the scope mendbox:admin you get your own figures only. All of them were counted: where there is nothing,
        it says why.
        """
        return await self.answer(principal(ctx))

    async def resource(self, ctx: Context) -> str:
        return (await self.answer(principal(ctx))).model_dump_json()

    async def answer(self, who: Principal) -> AnalyticsAnswer:
        """What *who* may see."""
        everything = ADMIN in who.scopes
        if not everything:
            return AnalyticsAnswer(
                local=await self._local(who.name or LOCAL), gateway=self._gateway.withheld(NOT_YOURS)
            )
        local, gateway = await asyncio.gather(self._local(None), self._gateway.ask())
        return AnalyticsAnswer(local=local, gateway=gateway)

    async def _local(self, whose: str | None) -> LocalFigures:
        reading = Reading(now=time.time(), days=self._days, principal=whose)
        if self._store is None:
            return no_figures(reading, enabled=False, trouble="ANALYTICS_ENABLED=false: nothing is counted")
        store = self._store
        try:
            async with asyncio.timeout(READ_SECONDS):
                figures = await asyncio.shield(self._reading(store, reading))
        except (sqlite3.Error, TimeoutError, RuntimeError) as error:  # the last: the store is closed
            why = "another process keeps it busy" if isinstance(error, TimeoutError) else str(error)
            return no_figures(reading, enabled=True, trouble=f"the figures cannot be read now: {why}")
        return figures.model_copy(update={"kept": store.kept, "trouble": store.trouble, "lost": store.lost})

    def _reading(self, store: Store, reading: Reading) -> asyncio.Task[LocalFigures]:
        whose = reading.principal
        if whose not in self._readings:
            task = asyncio.create_task(store.read(partial(count, reading=reading)))
            task.add_done_callback(lambda _: self._readings.pop(whose, None))
            self._readings[whose] = task
        return self._readings[whose]


def analytics_part(analytics: Analytics) -> Callable[[FastMCP[Any]], None]:
    """Adds the tool and the resource."""

    def add(server: FastMCP[Any]) -> None:
        server.tool(
            analytics.get_cequence_analytics,
            title="See how the server is used",
            annotations=ToolAnnotations(read_only_hint=True, destructive_hint=False, open_world_hint=True),
        )
        server.resource(
            "orchestrator://analytics",
            name="analytics",
            title="How the server is used",
            description="What get_cequence_analytics answers, as JSON.",
            mime_type="application/json",
        )(analytics.resource)

    return add
