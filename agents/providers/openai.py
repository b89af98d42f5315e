"""Any server that speaks the OpenAI chat completions API, through the official client."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from agents.base import Message
from agents.prices import PriceTable, Tokens
from agents.prompts import fill
from agents.providers.asking import NO_KEY, Asking, Question, Reply, TurnedAway
from agents.providers.turned_away import PASSING_KINDS, Door, Rejection, kind_of
from agents.retrying import CallFailed, Patience, retry_after

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncOpenAI
    from openai.types.chat import ChatCompletion

ADDRESS = "https://api.openai.com/v1"
_TOOL = "answer"
_THOUGHTS = re.compile(r"<think>.*?</think>", re.DOTALL)
"""Local models write down what they think before they answer."""
_NO_SCHEMA = re.compile(r"(?i)response_format|json_schema|structured|grammar|guided")
_NO_TOOLS = re.compile(r"(?i)\btools?\b|tool_choice|function")
_NO_LIMIT = re.compile(r"(?i)max_completion_tokens")


class OpenAIProvider(Asking["AsyncOpenAI"]):
    """One model of OpenAI's, or of any server with the same API.

    Without a key it is meant for a local server: *base_url* has to be given then.
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
            raise ValueError("an OpenAI provider needs a key or the address of a local server")
        self.name = "openai"
        door = Door(
            author=self.name,
            model=model,
            key_variable="OPENAI_API_KEY",
            url_variable="OPENAI_BASE_URL",
            model_variable="MENDBOX_OPENAI_MODEL",
        )
        super().__init__(model=model, door=door, key=key, prices=prices, patience=patience or Patience())
        self._address = base_url or ADDRESS
        self._old_limit = False
        """Whether the server knows only ``max_tokens``."""

    def _connect(self) -> AsyncOpenAI:
        import openai.resources.chat.completions  # noqa: PLC0415 (only now that it is needed)

        from agents.providers.bounded import PLAIN, bound  # noqa: PLC0415 (as above)

        return openai.AsyncOpenAI(
            api_key=self._key.get_secret_value() if self._key else NO_KEY,
            base_url=self._address,
            max_retries=0,
            default_headers=PLAIN,
            http_client=openai.DefaultAsyncHttpxClient(event_hooks={"response": [bound]}),
        )

    async def _call(self, client: AsyncOpenAI, question: Question) -> Reply:
        import openai  # noqa: PLC0415 (loaded by now)

        schema, shape = question.schema_, question.shape
        rejection: Rejection | None = None
        failed = ""
        try:
            limit: dict[str, Any] = {"max_tokens" if self._old_limit else "max_completion_tokens": question.most_tokens}
            reply = await client.chat.completions.create(
                model=self.model,
                messages=_messages(question),  # type: ignore[arg-type]  # the client's TypedDicts, as plain dicts
                response_format={
                    "type": "json_schema",
                    "json_schema": {"name": _TOOL, "strict": True, "schema": schema},
                }
                if shape == "schema"
                else openai.omit,
                tools=[{"type": "function", "function": {"name": _TOOL, "parameters": schema, "strict": True}}]
                if shape == "tool"
                else openai.omit,
                tool_choice={"type": "function", "function": {"name": _TOOL}} if shape == "tool" else openai.omit,
                timeout=question.seconds + 1,  # the deadline around this call ends it first
                **limit,
            )
        except openai.APIConnectionError as error:
            failed = f"{type(error).__name__} (the connection failed or was cut)"
        except openai.APIStatusError as error:
            rejection = _rejection(error)
        except (openai.APIError, ValueError) as error:
            # ValueError: a body that says it is JSON and is not comes out of the client as the decoder left it.
            failed = f"{type(error).__name__} (the server's answer is not of the API's form)"
        # Outside of the handlers, so that the client's exception, which holds the key, hangs on none of ours.
        if rejection:
            raise TurnedAway(rejection)
        if failed:
            raise CallFailed(failed)
        return self._read(reply)

    def _read(self, reply: ChatCompletion) -> Reply:
        # The client does not validate: proxies answer status 200 with a page, an error, or no choice at all.
        if not hasattr(reply, "choices"):
            raise CallFailed("an answer that is not of the API's form (HTTP 200)")
        tokens = _tokens(reply)
        if not reply.choices:
            error = (reply.model_extra or {}).get("error")
            if error:
                kind = kind_of(error.get("type"), error.get("code")) if isinstance(error, dict) else ""
                usage = self._prices.usage(self.model, tokens) if tokens else None
                raise CallFailed(f"an error inside an answer (HTTP 200{f', {kind}' if kind else ''})", usage=usage)
            return Reply(text="", model=reply.model or self.model, tokens=tokens)
        choice = reply.choices[0]
        message = choice.message
        calls = [call.function.arguments for call in message.tool_calls or () if call.type == "function"]
        declined = message.refusal
        if declined is None and choice.finish_reason == "content_filter":
            declined = "its content filter stopped the reply"
        return Reply(
            text=_THOUGHTS.sub("", "\n".join(calls) or message.content or ""),
            model=reply.model or self.model,
            tokens=tokens,
            cut=choice.finish_reason == "length",
            declined=declined,
        )

    def _learn(self, rejection: Rejection) -> bool:
        if rejection.status not in (400, 404, 422, 501) or rejection.kind in PASSING_KINDS:
            return False
        if _NO_LIMIT.search(rejection.said) and not self._old_limit:
            self._old_limit = True
            return True
        lacking = {"schema": _NO_SCHEMA, "tool": _NO_TOOLS, "text": None}[self._shape]
        return bool(lacking and lacking.search(rejection.said)) and self._step_down()


def _messages(question: Question) -> list[dict[str, str]]:
    messages = list(question.messages)
    if question.shape == "text":
        schema = json.dumps(question.schema_)
        messages.append(Message(role="user", content=fill("answer_schema", schema=schema)))
    return [{"role": message.role, "content": message.content} for message in messages]


def _tokens(reply: ChatCompletion) -> Tokens | None:
    usage = reply.usage
    if usage is None:
        return None
    details = usage.prompt_tokens_details
    return Tokens(
        input=usage.prompt_tokens or 0,
        cached=(details and details.cached_tokens) or 0,
        written=(details and details.cache_write_tokens) or 0,
        output=usage.completion_tokens or 0,
    )


def _rejection(error: APIStatusError) -> Rejection:
    return Rejection(
        error=type(error).__name__,
        status=error.status_code,
        kind=kind_of(error.code, error.type),
        said=error.message,
        after=retry_after(error.response.headers),
    )
