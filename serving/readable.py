"""Errors that a client's model can read and act upon; whatever is not meant for it stays masked."""

from __future__ import annotations

import contextlib
import inspect
import json
import logging
from collections.abc import Iterator, Mapping

from fastmcp.exceptions import PromptError, ToolError, ValidationError
from fastmcp.prompts.base import Prompt, PromptResult
from fastmcp.prompts.function_prompt import FunctionPrompt
from fastmcp.server.middleware import CallNext, Middleware, MiddlewareContext
from fastmcp.tools import ToolResult
from mcp.shared.exceptions import MCPError
from mcp.types import CallToolRequestParams, GetPromptRequestParams
from pydantic import TypeAdapter
from pydantic import ValidationError as PydanticValidationError

from engine.errors import BadInput, MendboxError, UnknownRun
from sandboxes.errors import SandboxError
from serving.telling import line


@contextlib.contextmanager
def readable() -> Iterator[None]:
    """Our own errors reach the client as sentences; any other stays masked."""
    try:
        yield
    except UnknownRun as error:
        raise ToolError(line(f"{error.what} (list_runs has yours)", 1_000), log_level=logging.INFO) from error
    except BadInput as error:
        raise ToolError(line(str(error), 1_000), log_level=logging.INFO) from error
    except (MendboxError, SandboxError) as error:
        raise ToolError(line(str(error), 1_000)) from error


class NotOurs(logging.Filter):
    """Keeps what a client was told of its own mistake out of the logs: the framework writes a stack for each."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], MCPError))


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
        broken = _no_text(context.message.arguments) or await _misfit(context)
        if broken:
            raise PromptError(f"The arguments do not fit: {broken}.")
        return await call_next(context)


async def _misfit(context: MiddlewareContext[GetPromptRequestParams]) -> str:
    """Why the arguments are none of the prompt that is asked for; looked at here, as the framework would say only that it
    could not be rendered, and would write to the log what they are.
    """
    ctx = context.fastmcp_context
    prompt = None if ctx is None else await ctx.fastmcp.get_prompt(context.message.name)
    return "" if prompt is None else "; ".join(_wrong(prompt, context.message.arguments or {}))


def _wrong(prompt: Prompt, given: Mapping[str, object]) -> Iterator[str]:
    for argument in prompt.arguments or ():
        if argument.required and argument.name not in given:
            yield f"{argument.name}: Missing required argument"
    taken = inspect.signature(prompt.fn).parameters if isinstance(prompt, FunctionPrompt) else {}
    for name, value in given.items():
        if name not in taken:
            continue  # the framework passes those over
        try:
            TypeAdapter(taken[name].annotation).validate_python(value)
        except PydanticValidationError as error:
            yield f"{name}: {error.errors(include_url=False, include_input=False, include_context=False)[0]['msg']}"


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
