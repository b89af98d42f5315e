"""Borrows the client's own model for a run: a question goes out with an answer of ours, or beside it, and comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from fastmcp import Context
from mcp.shared.exceptions import MCPError
from mcp.shared.message import ServerMessageMetadata
from mcp.types import (
    ClientCapabilities,
    CreateMessageRequest,
    CreateMessageRequestParams,
    CreateMessageResult,
    CreateMessageResultWithTools,
    InputRequiredResult,
    SamplingCapability,
    SamplingMessage,
    TextContent,
)
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from agents.base import Message
from agents.borrowed import Declined, Question, Said
from serving.telling import line


class Returned(NamedTuple):
    """What a client came back with: which run it is for, and what its model said, by question."""

    run_id: str
    said: Mapping[str, Said | Declined]


def lends(ctx: Context) -> bool:
    """Whether the client of this call says that it lets us ask its model. A call in the background has nobody to ask."""
    asked = ctx.request_context
    return asked is not None and ctx.session.check_client_capability(ClientCapabilities(sampling=SamplingCapability()))


def answers_by_calling_again(ctx: Context) -> bool:
    """Whether this connection's protocol has no requests from the server, so that questions go out as results."""
    asked = ctx.request_context
    return asked is not None and asked.protocol_version in MODERN_PROTOCOL_VERSIONS


def asking(run_id: str, question: Question) -> InputRequiredResult:
    """The result that makes a client ask its model and call again. The run's id comes back with it, sealed."""
    return InputRequiredResult(
        result_type="input_required", request_state=run_id, input_requests={question.id: _request(question)}
    )


def returned(ctx: Context) -> Returned | None:
    """What the client brings, where this call is the second part of an earlier one."""
    if ctx.request_state is None:
        return None
    said = {key[:64]: _said(response) for key, response in list((ctx.input_responses or {}).items())[:10]}
    return Returned(run_id=ctx.request_state, said=said)


async def ask(ctx: Context, question: Question, *, seconds: float) -> Said | Declined | None:
    """Ask the client's model while its call waits, as the older protocols allow; None where *seconds* were not enough."""
    asked = ctx.request_context
    assert asked is not None  # noqa: S101 (`lends` has seen it)
    try:
        async with asyncio.timeout(seconds):
            # Not by `create_message`, which is the same and warns that newer protocols have no such request.
            return _said(
                await ctx.session.send_request(
                    _request(question),
                    result_type=CreateMessageResult,
                    metadata=ServerMessageMetadata(related_request_id=asked.request_id),
                )
            )
    except TimeoutError:
        return None
    except MCPError as error:
        return Declined(f"the client would not ask its model: {line(str(error), 200)}")


def _said(response: object) -> Said | Declined:
    if not isinstance(response, CreateMessageResult | CreateMessageResultWithTools):
        return Declined("the client answered the question to its model with something else")
    content = response.content if isinstance(response.content, list) else [response.content]
    return Said(
        text="\n".join(part.text for part in content if isinstance(part, TextContent)),
        model=line(response.model, 100) or "unnamed",
        cut=response.stop_reason == "maxTokens",
    )


def _request(question: Question) -> CreateMessageRequest:
    return CreateMessageRequest(
        method="sampling/createMessage",
        params=CreateMessageRequestParams(messages=_messages(question), max_tokens=question.most_tokens),
    )


def _messages(question: Question) -> list[SamplingMessage]:
    """Neighbours of one role as one message: hosts differ in whether they take a system prompt, or two in a row."""
    grouped = groupby(question.messages, key=lambda message: "assistant" if message.role == "assistant" else "user")
    return [
        SamplingMessage(
            role="assistant" if role == "assistant" else "user", content=TextContent(type="text", text=_joined([*some]))
        )
        for role, some in grouped
    ]


def _joined(messages: Sequence[Message]) -> str:
    return "\n\n".join(message.content for message in messages)
