"""Calls that go on in the background: the tasks extension, as a second front to the runs that every client can have."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from fastmcp import Context
from fastmcp.server.extensions import ToolCallContinuation, ToolCallOutcome
from fastmcp_tasks import TasksExtension
from fastmcp_tasks.models import CancelTaskParams, CancelTaskResult
from mcp.server.context import ServerRequestContext
from mcp.types import CallToolRequestParams

from engine.clients import MOST_RUNS
from engine.desk import Desk
from serving.borrowing import lends

REDELIVERED_AFTER = timedelta(seconds=60)


class Background(TasksExtension):
    """Queues calls whose clients know of tasks.

    A client that lends its model is answered in the foreground, with the run's id at the latest: a task could only ask
    it through a detour that the clients of today answer for forms and not for models.
    """

    def __init__(self, url: str, desk: Desk) -> None:
        """*url* is a Redis that several servers share, or ``memory://`` for this process alone; *desk* has its runs."""
        self._desk = desk
        # Whoever wants more boxes than there are waits for them at the desk, which knows whose turn it is.
        super().__init__(url=url, name="mendbox", concurrency=MOST_RUNS, redelivery_timeout=REDELIVERED_AFTER)

    async def intercept_tool_call(
        self, params: CallToolRequestParams, context: Context, call_next: ToolCallContinuation
    ) -> ToolCallOutcome:
        if lends(context):
            return await call_next()
        return await super().intercept_tool_call(params, context, call_next)

    async def _handle_cancel(self, ctx: ServerRequestContext[Any, Any], params: CancelTaskParams) -> CancelTaskResult:
        # First it is asked whether there is such a task, and whether it is this client's.
        result = await super()._handle_cancel(ctx, params)
        # The body may miss that it is cancelled: while it tells how far it is, the queue's client swallows that.
        await self._desk.give_up(run_of(params.task_id))
        return result


def run_of(task_id: str) -> str:
    """The id of the run that a task is the front of: whoever learns the run's cannot tell the task's."""
    return f"task-{hashlib.sha256(task_id.encode()).hexdigest()[:32]}"
