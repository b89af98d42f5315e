"""A model, real boxes and a collector: one trace from a client's call to the verdict, and the figures that go with it."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from fastmcp import Client
from pydantic import SecretStr

from engine.desk import Desk
from engine.settings import Settings
from server import create_server, face_of
from serving.observing import telemetry
from tests.server.observing.collector import collecting
from tests.server.observing.conftest import analytics
from tests.stories.test_handing_over import FIX, GREETING, TEST
from tests.wire.openai import OpenAIWire
from tests.wire.server import KEY

pytestmark = [pytest.mark.docker, pytest.mark.slow]

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


async def test_one_trace_leads_from_the_call_through_models_and_boxes_to_the_verdict(
    tmp_path: Path, sandbox_image: str, monkeypatch: pytest.MonkeyPatch
):
    """The search has no idea, the model has: every box and the model's call lie within the client's own trace."""
    monkeypatch.setattr(telemetry, "CLOSING_SECONDS", 30.0)
    with collecting() as seen, OpenAIWire(FIX) as model:
        settings = Settings(
            data_dir=tmp_path,
            image=sandbox_image,
            boxes=4,
            openai_api_key=SecretStr(KEY),
            openai_base_url=model.url,
            otlp_endpoint=seen.address,
        )
        desk = Desk(settings, answer_seconds=300)
        face = face_of(settings, desk, over_http=False)
        async with AsyncExitStack() as stack:
            for open_ in face.opened:
                await stack.enter_async_context(open_())
            await stack.enter_async_context(desk.open())
            client = await stack.enter_async_context(Client(create_server(desk, face=face)))
            arguments = {"code": GREETING, "error_message": "", "tests": TEST}
            meta = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
            answer = await client.call_tool("auto_fix_code", arguments, meta=meta, timeout=300)
            told = (await analytics(client))["local"]

    assert answer.structured_content["outcome"] == "verified"
    in_trace = [span for span in seen.spans if span.trace_id == TRACE]
    call, run = seen.one("tools/call auto_fix_code"), seen.one("run")
    (chat,) = [span for span in in_trace if span.name.startswith("chat ")]
    attempts = [span for span in in_trace if span.name.startswith("invoke_agent ")]
    boxes = [span for span in in_trace if span.name == "box"]
    (verdict,) = [
        span for span in in_trace if span.attributes.get("mendbox.verdict.verified") and span in judged(in_trace)
    ]
    assert (call.parent_id, run.parent_id) == (PARENT, call.span_id)
    assert chat.parent_id in {attempt.span_id for attempt in attempts}
    assert chat.attributes["gen_ai.provider.name"] == "openai"
    assert chat.attributes["gen_ai.usage.input_tokens"] > 0
    assert len(boxes) >= 3
    assert {box.parent_id for box in boxes} <= {run.span_id, *(attempt.span_id for attempt in attempts)}
    assert verdict.attributes["mendbox.box.id"] in {box.attributes["mendbox.box.id"] for box in boxes}
    assert all(span.begins <= span.ends for span in in_trace)
    everything = b"".join(seen.raw)
    assert b"greet" not in everything
    assert KEY.encode() not in everything
    assert told["runs"]["boxes"] == len(boxes)
    assert told["runs"]["input_tokens"] == chat.attributes["gen_ai.usage.input_tokens"]
    assert {author["author"]: author["verified"] for author in told["authors"]} == {"openai": 1}


def judged(spans: list) -> list:
    return [span for span in spans if span.name.startswith("judge ")]
