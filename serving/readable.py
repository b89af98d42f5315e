"""Errors that a client's model can read and act upon; whatever is not meant for it stays masked."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping

from fastmcp.exceptions import PromptError, ToolError, ValidationError
from fastmcp.prompts.base import PromptResult
from fastmcp.server.middleware import CallNext, Middleware, MiddlewareContext
from fastmcp.tools import ToolResult
from mcp.types import CallToolRequestParams, GetPromptRequestParams
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
        broken = _no_text(context.message.arguments)
        if broken:
            raise ToolError(f"The arguments do not fit: {broken}.")
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

    async def on_get_prompt(
        self,
        context: MiddlewareContext[GetPromptRequestParams],
        call_next: CallNext[GetPromptRequestParams, PromptResult],
    ) -> PromptResult:
        broken = _no_text(context.message.arguments)
        if broken:
            raise PromptError(f"The arguments do not fit: {broken}.")
        return await call_next(context)


def _no_text(arguments: Mapping[str, object] | None) -> str:
    """Why *arguments* cannot be passed on, whatever takes them; empty where they can."""
    for name, value in (arguments or {}).items():
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            return f"{line(name.encode('utf-8', 'replace').decode(), 100)} has half a surrogate pair, which is no text"
        except RecursionError:
            return f"{line(name, 100)} is nested too deep"
    return ""
