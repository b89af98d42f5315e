"""Errors that a client's model can read and act upon; whatever is not meant for it stays masked."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from fastmcp.exceptions import ToolError, ValidationError
from fastmcp.server.middleware import CallNext, Middleware, MiddlewareContext
from fastmcp.tools import ToolResult
from mcp.types import CallToolRequestParams
from pydantic import ValidationError as PydanticValidationError

from engine.errors import MendboxError
from sandboxes.errors import SandboxError
from serving.telling import line


@contextlib.contextmanager
def readable() -> Iterator[None]:
    """Our own errors reach the client as sentences; any other stays masked."""
    try:
        yield
    except (MendboxError, SandboxError) as error:
        raise ToolError(line(str(error), 1_000)) from error


class ReadableRefusal(Middleware):
    """Arguments that do not fit are told in one short line each, without pydantic's links and without their text."""

    async def on_call_tool(
        self, context: MiddlewareContext[CallToolRequestParams], call_next: CallNext[CallToolRequestParams, ToolResult]
    ) -> ToolResult:
        try:
            return await call_next(context)
        except (ValidationError, PydanticValidationError) as error:
            cause = error if isinstance(error, PydanticValidationError) else error.__cause__
            if not isinstance(cause, PydanticValidationError):
                raise
            wrong = cause.errors(include_url=False, include_input=False, include_context=False)
            lines = [f"{line('.'.join(map(str, item['loc'])), 100)}: {item['msg']}" for item in wrong[:5]]
            more = f"; and {len(wrong) - 5} more" if len(wrong) > 5 else ""
            raise ToolError(f"The arguments do not fit: {'; '.join(lines)}{more}.") from None
