"""Calls that go on in the background: the tasks extension, as a second front to the runs that every client can have."""

from __future__ import annotations

from datetime import timedelta

from fastmcp import Context
from fastmcp.server.extensions import ToolCallContinuation, ToolCallOutcome
from fastmcp_tasks import TasksExtension
from mcp.types import CallToolRequestParams

from engine.clients import MOST_RUNS
from serving.borrowing import lends

REDELIVERED_AFTER = timedelta(seconds=60)


class Background(TasksExtension):
    """Queues calls whose clients know of tasks.

    A client that lends its model is answered in the foreground, with the run's id at the latest: a task could only ask
    it through a detour that the clients of today answer for forms and not for models.
    """

    def __init__(self, url: str) -> None:
        """*url* is a Redis that several servers share, or ``memory://`` for this process alone."""
        # Whoever wants more boxes than there are waits for them at the desk, which knows whose turn it is.
        super().__init__(url=url, name="mendbox", concurrency=MOST_RUNS, redelivery_timeout=REDELIVERED_AFTER)

    async def intercept_tool_call(
        self, params: CallToolRequestParams, context: Context, call_next: ToolCallContinuation
    ) -> ToolCallOutcome:
        if lends(context):
            return await call_next()
        return await super().intercept_tool_call(params, context, call_next)
