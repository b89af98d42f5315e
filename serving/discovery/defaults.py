"""Gives calls the bounds that their connection was set to, where they say nothing themselves."""

from __future__ import annotations

from typing import Any

from fastmcp.server.middleware import CallNext, Middleware, MiddlewareContext
from fastmcp.tools import ToolResult
from mcp.types import CallToolRequestParams

from serving.discovery.session import SCOPE, SessionSettings

TAKES = {
    "auto_fix_code": ("attempts", "seconds", "language"),
    "start_run": ("attempts", "seconds", "language"),
    "check_code": ("language",),
    "run_code": ("language",),
}
"""Which of a connection's settings each tool has an argument for."""


class SessionDefaults(Middleware):
    async def on_call_tool(
        self, context: MiddlewareContext[CallToolRequestParams], call_next: CallNext[CallToolRequestParams, ToolResult]
    ) -> ToolResult:
        message = context.message
        said = _settings(context)
        if said is None or message.name not in TAKES:
            return await call_next(context)
        given = message.arguments or {}
        more = {
            name: value
            for name in TAKES[message.name]
            if given.get(name) is None and (value := getattr(said, name)) is not None
        }
        return await call_next(context.copy(message=message.model_copy(update={"arguments": {**given, **more}})))


def _settings(context: MiddlewareContext[Any]) -> SessionSettings | None:
    asked = None if context.fastmcp_context is None else context.fastmcp_context.request_context
    if asked is None or asked.request is None:
        return None
    found = asked.request.scope.get(SCOPE)
    return found if isinstance(found, SessionSettings) else None
