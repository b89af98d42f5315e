"""A server that speaks Anthropic's messages, with today's rules: no sampling options, few cache marks, strict schemas."""

from __future__ import annotations

import json
from typing import Any

from tests.wire.behaviours import Fails, Says
from tests.wire.openai import strict
from tests.wire.server import Request, WireServer


class AnthropicWire(WireServer):
    path = "/v1/messages"

    @property
    def url(self) -> str:
        return self.address

    def sent_key(self, headers: dict[str, str]) -> str | None:
        # Today's client sends the key as a bearer; other clients still use the header of old.
        return headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ") or None

    def objection(self, request: Request) -> Fails | None:
        body = request.body
        if "anthropic-version" not in request.headers:
            return Fails(400, "invalid_request_error", "anthropic-version: header is required")
        if not isinstance(body.get("max_tokens"), int):
            return Fails(400, "invalid_request_error", "max_tokens: Field required")
        if "temperature" in body:
            return Fails(400, "invalid_request_error", "temperature: not supported by this model")
        if json.dumps(body).count('"cache_control"') > 4:
            return Fails(400, "invalid_request_error", "at most 4 blocks with cache_control may be given")
        shape = body.get("output_config", {}).get("format")
        if shape and not strict(shape["schema"]):
            return Fails(400, "invalid_request_error", "output_config.format.schema: additionalProperties")
        return None

    def render(self, says: Says, request: Request) -> dict[str, Any]:
        content: list[dict[str, Any]] = [{"type": "text", "text": says.text}] if says.text else []
        stop = "max_tokens" if says.cut else "end_turn"
        if says.refuses:
            stop = "refusal"
        elif "tools" in request.body and not says.cut:
            try:
                content = [{"type": "tool_use", "id": "toolu_1", "name": "answer", "input": json.loads(says.text)}]
                stop = "tool_use"
            except ValueError:
                pass  # a model that does not call the tool writes text
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": request.body["model"],
            "content": content,
            "stop_reason": stop,
            "stop_sequence": None,
            "stop_details": {"type": "refusal", "category": None, "explanation": says.text} if says.refuses else None,
        } | (
            {
                "usage": {
                    "input_tokens": says.input_tokens - says.cached_tokens - says.written_tokens,
                    "cache_read_input_tokens": says.cached_tokens,
                    "cache_creation_input_tokens": says.written_tokens,
                    "output_tokens": says.output_tokens,
                }
            }
            if says.counted
            else {}
        )

    def render_error(self, fails: Fails) -> dict[str, Any]:
        return {"type": "error", "error": {"type": fails.kind, "message": fails.message}, "request_id": "req_1"}
