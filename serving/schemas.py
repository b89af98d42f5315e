"""Schemas without references, as some clients need them, worked out once and not at every call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import mcp_types
from fastmcp.server.dependencies import get_http_request
from fastmcp.server.middleware import CallNext, MiddlewareContext
from fastmcp.server.middleware.dereference import DereferenceRefsMiddleware
from fastmcp.tools import Tool
from fastmcp.utilities.json_schema import dereference_refs
from mcp.shared.inbound import decode_header_value

Schema = dict[str, Any]


class _Worked(NamedTuple):
    parameters: Schema
    output: Schema | None
    updates: dict[str, Schema]


class SelfContained(DereferenceRefsMiddleware):
    """Does what the framework's does, which takes most of a call's time: of each one the tools are listed beforehand, to
    hold its headers against the schema of the one that is called.
    """

    def __init__(self) -> None:
        self._worked: dict[str, _Worked] = {}

    async def on_list_tools(
        self,
        context: MiddlewareContext[mcp_types.ListToolsRequest],
        call_next: CallNext[mcp_types.ListToolsRequest, Sequence[Tool]],
    ) -> Sequence[Tool]:
        tools, only = await call_next(context), _wanted()
        return [tool.model_copy(update=self._of(tool)) for tool in tools if only in {None, tool.name}]

    def _of(self, tool: Tool) -> dict[str, Schema]:
        worked = self._worked.get(tool.key)
        if worked is None or (worked.parameters, worked.output) != (tool.parameters, tool.output_schema):
            updates = {"parameters": dereference_refs(tool.parameters)}
            if tool.output_schema is not None:
                updates["output_schema"] = dereference_refs(tool.output_schema)
            worked = self._worked[tool.key] = _Worked(tool.parameters, tool.output_schema, updates)
        return worked.updates


def _wanted() -> str | None:
    """The one tool whose schema is wanted, where the list is made for a call; None where a client asked for all."""
    try:
        headers = get_http_request().headers
    except RuntimeError:
        return None
    # That the header is the message's own method the SDK has made sure of before.
    return decode_header_value(headers.get("mcp-name")) if headers.get("mcp-method") == "tools/call" else None
