"""Which scope each tool, resource and prompt takes; what is not named here takes the highest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mcp_types
from fastmcp import Context
from fastmcp.exceptions import AuthorizationError, ToolError
from fastmcp.prompts.base import PromptResult
from fastmcp.resources.base import ResourceResult
from fastmcp.server.middleware import CallNext, Middleware, MiddlewareContext
from fastmcp.tools import ToolResult
from mcp import MCPError

from engine.signin import ADMIN, READ, RUN
from serving.access.principals import Principal, principal
from serving.telling import line

TOOLS: Mapping[str, str] = {
    "auto_fix_code": RUN,
    "cancel_run": RUN,
    "check_code": RUN,
    "generate_architecture": RUN,
    "generate_tests": RUN,
    "get_cequence_analytics": READ,  # of oneself; it asks by itself for more where everybody is meant
    "get_project": READ,
    "get_run": READ,
    "list_runs": READ,
    "orchestrate_development": RUN,
    "run_code": RUN,
    "start_run": RUN,
    "validate_authentication": READ,
}
RESOURCES: Mapping[str, str] = {
    "orchestrator://analytics": READ,
    "orchestrator://capabilities": READ,
    "orchestrator://health": READ,
}
RUNS = "orchestrator://runs/"
"""What every resource of a run begins with."""
PAGES = "ui://"
"""What the user interface's own files begin with: the same for everybody."""


def scope_of_resource(uri: str) -> str:
    return READ if uri.startswith((RUNS, PAGES)) else RESOURCES.get(uri, ADMIN)


class Scopes(Middleware):
    """Refuses what the caller's scopes do not cover, and says which one is missing.

    Everything stays listed: a client that sees what there is can ask its issuer for more.
    """

    async def on_call_tool(
        self,
        context: MiddlewareContext[mcp_types.CallToolRequestParams],
        call_next: CallNext[mcp_types.CallToolRequestParams, ToolResult],
    ) -> ToolResult:
        name = context.message.name
        missing = await self._missing_for_tool(name, context)
        if missing is not None:
            raise ToolError(missing)
        return await call_next(context)

    async def _missing_for_tool(self, name: str, context: MiddlewareContext[Any]) -> str | None:
        ctx = _context(context)
        if name not in TOOLS and await ctx.fastmcp.get_tool(name) is None:
            return None  # which is then told in the usual way
        return _missing(principal(ctx), TOOLS.get(name, ADMIN), line(name, 100))

    async def check_resource_access(self, context: MiddlewareContext[mcp_types.ReadResourceRequestParams]) -> None:
        uri = str(context.message.uri)
        missing = _missing(principal(_context(context)), scope_of_resource(uri), line(uri, 100))
        if missing is not None:
            raise AuthorizationError(missing)

    async def on_read_resource(
        self,
        context: MiddlewareContext[mcp_types.ReadResourceRequestParams],
        call_next: CallNext[mcp_types.ReadResourceRequestParams, ResourceResult],
    ) -> ResourceResult:
        try:
            await self.check_resource_access(context)
        except AuthorizationError as error:
            raise _refusal(str(error)) from None
        return await call_next(context)

    async def on_get_prompt(
        self,
        context: MiddlewareContext[mcp_types.GetPromptRequestParams],
        call_next: CallNext[mcp_types.GetPromptRequestParams, PromptResult],
    ) -> PromptResult:
        missing = _missing(principal(_context(context)), READ, line(context.message.name, 100))
        if missing is not None:
            raise _refusal(missing)
        return await call_next(context)


def _refusal(why: str) -> MCPError:
    # Other errors of this kind would be told as the server's own failure.
    return MCPError(code=mcp_types.INVALID_REQUEST, message=why)


def _context(context: MiddlewareContext[Any]) -> Context:
    if context.fastmcp_context is None:
        raise AuthorizationError("nobody can be told who calls outside of a request")
    return context.fastmcp_context


def _missing(who: Principal, scope: str, what: str) -> str | None:
    if scope in who.scopes:
        return None
    has = ", ".join(sorted(who.scopes)) or "none"
    return (
        f"insufficient scope for {what} (required: {scope}): the token has {has}. Sign in again with that scope, or ask "
        "whoever runs this server for it."
    )
