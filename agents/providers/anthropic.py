"""Anthropic's messages API, through the official client."""

from __future__ import annotations

import json
import re
from itertools import groupby
from typing import TYPE_CHECKING

from pydantic import SecretStr

from agents.base import Message
from agents.prices import PriceTable, Tokens
from agents.prompts import fill
from agents.providers.asking import NO_KEY, Asking, Question, Reply, TurnedAway
from agents.providers.turned_away import PASSING_KINDS, Door, Rejection, kind_of
from agents.retrying import CallFailed, Patience, retry_after

if TYPE_CHECKING:
    from anthropic import APIStatusError, AsyncAnthropic
    from anthropic.types import Message as AnthropicMessage
    from anthropic.types import MessageParam, TextBlockParam

ADDRESS = "https://api.anthropic.com"
_TOOL = "answer"
_NO_SCHEMA = re.compile(r"(?i)output_config|output_format|json_schema|structured|extra inputs")
_NO_TOOLS = re.compile(r"(?i)\btools?\b|tool_choice")


class AnthropicProvider(Asking["AsyncAnthropic"]):
    """One model of Anthropic's, or of a server with the same API.

    The answer's shape is the API's structured output: today's models refuse a forced tool call, which
    is only the second way, for servers and models that are older.
    """

    def __init__(
        self,
        *,
        model: str,
        prices: PriceTable,
        key: SecretStr | None = None,
        base_url: str | None = None,
        patience: Patience | None = None,
    ) -> None:
        if key is None and base_url is None:
            raise ValueError("an Anthropic provider needs a key or the address of a local server")
        self.name = "anthropic"
        door = Door(
            author=self.name,
            model=model,
            key_variable="ANTHROPIC_API_KEY",
            url_variable="ANTHROPIC_BASE_URL",
            model_variable="MENDBOX_ANTHROPIC_MODEL",
        )
        super().__init__(model=model, door=door, key=key, prices=prices, patience=patience or Patience())
        self._address = base_url or ADDRESS

    def _connect(self) -> AsyncAnthropic:
        import anthropic.resources.messages  # noqa: PLC0415 (only now that it is needed)

        from agents.providers.bounded import PLAIN, bound  # noqa: PLC0415 (as above)

        return anthropic.AsyncAnthropic(
            api_key=self._key.get_secret_value() if self._key else NO_KEY,
            base_url=self._address,
            max_retries=0,
            default_headers=PLAIN,
            http_client=anthropic.DefaultAsyncHttpxClient(event_hooks={"response": [bound]}),
        )

    async def _call(self, client: AsyncAnthropic, question: Question) -> Reply:
        import anthropic  # noqa: PLC0415 (loaded by now)

        schema, shape = question.schema_, question.shape
        rejection: Rejection | None = None
        failed = ""
        try:
            reply = await client.messages.create(
                model=self.model,
                system=[_block(message) for message in question.messages if message.role == "system"],
                messages=_turns(question),
                max_tokens=question.most_tokens,
                output_config={"format": {"type": "json_schema", "schema": schema}}
                if shape == "schema"
                else anthropic.omit,
                tools=[{"name": _TOOL, "description": "Give the answer.", "input_schema": schema}]
                if shape == "tool"
                else anthropic.omit,
                tool_choice={"type": "tool", "name": _TOOL} if shape == "tool" else anthropic.omit,
                # Without it the client turns a long answer away before it asks.
                timeout=question.seconds + 1,  # the deadline around this call ends it first
            )
        except anthropic.APIConnectionError as error:
            failed = f"{type(error).__name__} (the connection failed or was cut)"
        except anthropic.APIStatusError as error:
            rejection = _rejection(error)
        except (anthropic.APIError, ValueError) as error:
            # ValueError: a body that says it is JSON and is not comes out of the client as the decoder left it.
            failed = f"{type(error).__name__} (the server's answer is not of the API's form)"
        # Outside of the handlers, so that the client's exception, which holds the key, hangs on none of ours.
        if rejection:
            raise TurnedAway(rejection)
        if failed:
            raise CallFailed(failed)
        return self._read(reply)

    def _read(self, reply: AnthropicMessage) -> Reply:
        # The client does not validate: proxies answer status 200 with a page or an error.
        extra = getattr(reply, "model_extra", None) or {}
        if isinstance(error := extra.get("error"), dict):
            raise CallFailed(f"an error inside an answer (HTTP 200, {kind_of(error.get('type')) or 'unnamed'})")
        if not isinstance(getattr(reply, "content", None), list):
            raise CallFailed("an answer that is not of the API's form (HTTP 200)")
        calls = [json.dumps(block.input) for block in reply.content if block.type == "tool_use"]
        words = [block.text for block in reply.content if block.type == "text"]
        declined = None
        if reply.stop_reason == "refusal":
            declined = (reply.stop_details and reply.stop_details.explanation) or ""
        return Reply(
            text="\n".join(calls or words),
            model=reply.model or self.model,
            tokens=_tokens(reply),
            cut=reply.stop_reason in ("max_tokens", "model_context_window_exceeded"),
            declined=declined,
        )

    def _learn(self, rejection: Rejection) -> bool:
        if rejection.status not in (400, 404, 422, 501) or rejection.kind in PASSING_KINDS:
            return False
        lacking = {"schema": _NO_SCHEMA, "tool": _NO_TOOLS, "text": None}[self._shape]
        return bool(lacking and lacking.search(rejection.said)) and self._step_down()


def _turns(question: Question) -> list[MessageParam]:
    """What was said in turn, all of one side between two words of the other together, as this API wants it."""
    messages = [message for message in question.messages if message.role != "system"]
    if question.shape == "text":
        schema = json.dumps(question.schema_)
        messages.append(Message(role="user", content=fill("answer_schema", schema=schema)))
    turns: list[MessageParam] = []
    for role, said in groupby(messages, key=lambda message: message.role):
        blocks = [_block(message) for message in said]
        if role == "assistant":
            turns.append({"role": "assistant", "content": blocks})
        else:
            turns.append({"role": "user", "content": blocks})
    return turns


def _block(message: Message) -> TextBlockParam:
    if message.cache:
        return {"type": "text", "text": message.content, "cache_control": {"type": "ephemeral"}}
    return {"type": "text", "text": message.content}


def _tokens(reply: AnthropicMessage) -> Tokens | None:
    usage = reply.usage
    if usage is None:
        return None
    cached, written = usage.cache_read_input_tokens or 0, usage.cache_creation_input_tokens or 0
    return Tokens(
        # This API counts the cached ones apart; ours are part of the input.
        input=(usage.input_tokens or 0) + cached + written,
        cached=cached,
        written=written,
        output=usage.output_tokens or 0,
    )


def _rejection(error: APIStatusError) -> Rejection:
    return Rejection(
        error=type(error).__name__,
        status=error.status_code,
        kind=kind_of(error.type, error.error_code),
        said=error.api_message or error.message,
        after=retry_after(error.response.headers),
    )
