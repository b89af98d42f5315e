"""A server that speaks OpenAI's chat completions, strict schemas checked as the real one does."""

from __future__ import annotations

from typing import Any

from tests.wire.behaviours import Fails, Says
from tests.wire.server import Request, WireServer


class OpenAIWire(WireServer):
    path = "/v1/chat/completions"

    @property
    def url(self) -> str:
        return f"{self.address}/v1"

    def sent_key(self, headers: dict[str, str]) -> str | None:
        return headers.get("authorization", "").removeprefix("Bearer ") or None

    def objection(self, request: Request) -> Fails | None:
        body = request.body
        if "max_tokens" in body and "max_completion_tokens" in body:
            return Fails(400, "invalid_request_error", "max_tokens and max_completion_tokens exclude each other")
        if not body.get("messages") or body["messages"][-1]["role"] != "user":
            return Fails(400, "invalid_request_error", "messages must end with the user's")
        shape = body.get("response_format")
        if shape and not strict(shape["json_schema"]["schema"]):
            return Fails(400, "invalid_request_error", "Invalid schema for response_format")
        return None

    def render(self, says: Says, request: Request) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": says.text, "refusal": None}
        finish = "length" if says.cut else "stop"
        if says.refuses:
            message |= {"content": None, "refusal": says.text}
        elif "tools" in request.body:
            call = {"id": "call_1", "type": "function", "function": {"name": "answer", "arguments": says.text}}
            message |= {"content": None, "tool_calls": [call]}
            finish = "length" if says.cut else "tool_calls"
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": request.body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        } | (
            {
                "usage": {
                    "prompt_tokens": says.input_tokens,
                    "completion_tokens": says.output_tokens,
                    "total_tokens": says.input_tokens + says.output_tokens,
                    "prompt_tokens_details": {
                        "cached_tokens": says.cached_tokens,
                        "cache_write_tokens": says.written_tokens,
                    },
                }
            }
            if says.counted
            else {}
        )

    def render_error(self, fails: Fails) -> dict[str, Any]:
        return {"error": {"message": fails.message, "type": fails.kind, "param": None, "code": fails.kind}}


def strict(schema: Any) -> bool:
    """Whether every object in *schema* demands all of its properties and allows no other."""
    if isinstance(schema, list):
        return all(strict(item) for item in schema)
    if not isinstance(schema, dict):
        return True
    if "properties" in schema and not (
        schema.get("additionalProperties") is False and set(schema.get("required", ())) == set(schema["properties"])
    ):
        return False
    return "default" not in schema and all(strict(value) for value in schema.values())
