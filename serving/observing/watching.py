"""Around every call of a tool: counts it, traces it, and writes one line of the request log."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from fastmcp import Context
from fastmcp.server.middleware import CallNext, Middleware, MiddlewareContext
from fastmcp.tools import ToolResult
from mcp.types import CallToolRequestParams

from engine.logs import bound, get_log
from serving.observing.calls import Call, calling
from serving.observing.counted import UNKNOWN_TOOL, CallEnd, CountedCall, ending_of
from serving.observing.heard import Sink
from serving.observing.traces import Traces, end_call

log = get_log(__name__)


class Watching(Middleware):
    """Sees calls and what became of them; of what was in them nothing is kept."""

    def __init__(self, sinks: Sequence[Sink], traces: Traces) -> None:
        self._sinks = sinks
        self._traces = traces
        self._tools = set[str]()

    async def on_call_tool(
        self, context: MiddlewareContext[CallToolRequestParams], call_next: CallNext[CallToolRequestParams, ToolResult]
    ) -> ToolResult:
        ctx = context.fastmcp_context
        if ctx is None:
            return await call_next(context)
        call = Call.of(ctx, context.message.name)
        # Asked before: a call that its client has given up can wait for nothing any more.
        tool = call.tool if await self._is_tool(call.tool, ctx) else UNKNOWN_TOOL
        begun = time.monotonic()
        ended: CallEnd = "answered"
        error: BaseException | None = None
        token = calling.set(call)
        try:
            with bound(request_id=call.request_id), self._traces.call(call, ctx) as span:
                try:
                    result = await call_next(context)
                    ended = "refused" if getattr(result, "is_error", False) else "answered"
                    call.about(_run_of(result))
                except BaseException as raised:
                    ended, error = ending_of(raised), raised
                    raise
                else:
                    return result
                finally:
                    end_call(span, tool, ended, error, call.runs)
                    self._tell(call, tool, ended, error, time.monotonic() - begun)
        finally:
            calling.reset(token)

    def _tell(self, call: Call, tool: str, ended: CallEnd, error: BaseException | None, seconds: float) -> None:
        counted = CountedCall(
            at=time.time(),
            tool=tool,
            principal=call.principal,
            ended=ended,
            seconds=seconds,
            boxes=call.boxes,
            box_seconds=call.box_seconds,
        )
        try:
            for sink in self._sinks:
                sink.count(counted)
        except Exception:
            log.exception("not_observed")
        log.info(
            "called",
            tool=tool,
            ended=ended,
            seconds=round(seconds, 4),
            principal=call.principal,
            run_id=call.runs[0] if call.runs else None,
            error=type(error).__name__ if error else None,
        )

    async def _is_tool(self, name: str, ctx: Context) -> bool:
        """Whether *name* is one of ours: a client could make up any number of others."""
        if name not in self._tools and await _has(ctx, name):
            self._tools.add(name)
        return name in self._tools


async def _has(ctx: Context, name: str) -> bool:
    try:
        return await ctx.fastmcp.get_tool(name) is not None
    except Exception:  # noqa: BLE001 - whatever that is, it is no tool's name that may be repeated
        return False


def _run_of(result: Any) -> object:  # noqa: ANN401 (a tool's answer, a task, a question to the client's model)
    content = getattr(result, "structured_content", None)
    return content.get("run_id") if isinstance(content, dict) else None
