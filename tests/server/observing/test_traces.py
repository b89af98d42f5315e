"""One trace from a call to the verdict, for a collector on this machine; names, times and counts, and nothing that anybody wrote."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from fastmcp import Client
from fastmcp.client.transports import StreamableHttpTransport

from agents.base import Draft, Usage
from engine.domain import Attempt, Report, Run, Task, Verdict
from engine.events import (
    AttemptEnded,
    AuthorAsked,
    BoxClosed,
    BoxOpened,
    InputJudged,
    ModelAnswered,
    Preparing,
    RunEnded,
    RunStarted,
)
from engine.settings import Settings
from serving.observing import telemetry
from serving.observing.telemetry import Telemetry
from serving.observing.traces import Traces
from tests.server.conftest import served
from tests.server.double import BREAKS, BROKEN, TESTS
from tests.server.observing.collector import Seen, collecting
from tests.server.observing.conftest import Watched, watched_desk

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"
PROTOCOL_SERVER, PROTOCOL_CLIENT = 2, 3


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is, everything has left when a server has ended; and nothing is set from outside."""
    monkeypatch.setattr(telemetry, "CLOSING_SECONDS", 30.0)
    for name in ("OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_TRACES_SAMPLER"):
        monkeypatch.delenv(name, raising=False)


async def mend(client: Client, code: str = BROKEN, **more: object) -> None:
    arguments = {"code": code, "error_message": "a-secret-error", "tests": TESTS}
    await client.call_tool("auto_fix_code", arguments, raise_on_error=False, **more)


@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_a_call_and_its_run_are_one_trace(watched: Watched, era: str):
    """The attempt within the run, the run within the call, the verdicts where they were taken."""
    with collecting() as seen:
        async with watched(era, otlp_endpoint=seen.address) as client:
            await mend(client)

    call, run = seen.one("tools/call auto_fix_code"), seen.one("run")
    attempt, before, after = seen.one("invoke_agent rehearsed"), seen.one("judge input"), seen.one("judge draft")
    assert {span.trace_id for span in seen.spans} == {call.trace_id}
    assert (call.parent_id, run.parent_id, attempt.parent_id) == ("", call.span_id, run.span_id)
    assert (before.parent_id, after.parent_id) == (run.span_id, attempt.span_id)
    assert call.kind == PROTOCOL_SERVER
    assert call.attributes["gen_ai.tool.name"] == "auto_fix_code"
    assert (call.attributes["mendbox.call.ended"], call.failed) == ("answered", False)
    assert (run.attributes["mendbox.run.id"], run.attributes["mendbox.run.outcome"]) == ("run-0001", "verified")
    assert (before.attributes["mendbox.verdict.green"], after.attributes["mendbox.verdict.verified"]) == (False, True)
    assert seen.resource["service.name"] == "mendbox"


async def test_nothing_that_anybody_wrote_leaves(watched: Watched):
    """Neither code nor tests, errors, findings, nor what an exception says; also where it ends in one."""
    with collecting() as seen:
        async with watched(otlp_endpoint=seen.address) as client:
            await mend(client)
            await mend(client, BREAKS)
            await client.call_tool("sk-made-up-name", {"x": "a-secret-error"}, raise_on_error=False)

    everything = b"".join(seen.raw)
    for text in (b"a-secret-error", b"def add", b"assert", b"sk-secret", b"sk-made-up", b"ideas", b"Traceback"):
        assert text not in everything
    failed = [span for span in seen.spans if span.failed]
    assert {span.name for span in failed} == {"tools/call auto_fix_code", "tools/call unknown"}
    assert {span.message for span in failed} == {""}
    assert {span.attributes["error.type"] for span in failed} == {"ToolError", "NotFoundError"}


async def test_the_trace_of_a_gateway_is_joined_by_its_header(tmp_path: Path):
    """As HTTP proxies pass it on."""
    with collecting() as seen:
        desk, face = watched_desk(tmp_path, otlp_endpoint=seen.address)
        async with served(desk, face) as address:
            for era in ("auto", "legacy"):
                transport = StreamableHttpTransport(f"{address}/mcp", headers={"traceparent": TRACEPARENT})
                async with Client(transport, mode=era) as client:
                    await mend(client)

    calls = [span for span in seen.spans if span.name == "tools/call auto_fix_code"]
    assert [(call.trace_id, call.parent_id) for call in calls] == [(TRACE, PARENT)] * 2
    assert {span.trace_id for span in seen.spans} == {TRACE}


async def test_the_trace_of_a_client_is_joined_by_meta(watched: Watched):
    """As the protocol has it, on every transport."""
    with collecting() as seen:
        async with watched(otlp_endpoint=seen.address) as client:
            await mend(client, meta={"traceparent": TRACEPARENT})

    call = seen.one("tools/call auto_fix_code")
    assert (call.trace_id, call.parent_id) == (TRACE, PARENT)


async def test_a_run_in_the_background_belongs_to_the_call_that_began_it(watched: Watched, tasking: None):
    """Whether it is begun by start_run, or its call is queued for a worker."""
    with collecting() as seen:
        async with watched(otlp_endpoint=seen.address) as client:
            begun = await client.call_tool("start_run", {"code": BROKEN, "error_message": "", "tests": TESTS})
            await client.call_tool("get_run", {"run_id": begun.structured_content["run_id"], "wait_seconds": 20})
            await mend(client)

    by_start, by_task = (seen.one("tools/call start_run"), seen.one("tools/call auto_fix_code"))
    runs = {span.parent_id: span for span in seen.spans if span.name == "run"}
    assert set(runs) == {by_start.span_id, by_task.span_id}
    assert runs[by_task.span_id].attributes["mendbox.run.id"].startswith("task-")


async def test_models_and_boxes_have_their_spans(tmp_path: Path):
    """By the conventions for generative AI: who was asked for what, and how many tokens it took."""
    with collecting() as seen:
        leaving = Telemetry(Settings(data_dir=tmp_path, otlp_endpoint=seen.address))
        run = Traces(leaving.tracer).run("run-7")
        verdict = Verdict(files_sha256="0" * 64, reports=(Report(check="pytest", status="broken"),), seconds=2.0)
        run(RunStarted(run_id="run-7"))
        run(Preparing.turn(3))
        run(Preparing(message="a line of a build"))
        run(BoxOpened(box="b1", waited=1.5))
        run(InputJudged(verdict=verdict))
        run(BoxClosed(box="b1", seconds=1, error="CancelledError"))
        run(BoxClosed(box="never opened", seconds=1))
        run(AuthorAsked(number=1, author="auto"))
        usage = Usage(calls=1, input_tokens=70, output_tokens=9, cached_tokens=30, usd=0.1)
        run(ModelAnswered(author="openai", model="m-1", answered_by="m-1-2026", usage=usage, seconds=4.0))
        run(ModelAnswered(author="openai", model="m-1", answered_by="a prompt", seconds=0.5, error="KeyRejected"))
        run(BoxOpened(box="b2", waited=0))
        draft = Draft(files={}, author="openai", usage=usage)
        run(AttemptEnded(attempt=Attempt(number=1, draft=draft, verdict=verdict, seconds=5.0)))
        run(AuthorAsked(number=2, author="auto"))
        run(RunEnded(run=Run(id="run-7", task=Task(files={}), status="ended", outcome="environment", usage=usage)))
        await leaving.close()

    whole, first, second = (
        seen.one("run"),
        *sorted(
            (span for span in seen.spans if span.name == "invoke_agent auto"),
            key=lambda span: span.attributes["mendbox.attempt.number"],
        ),
    )
    good, bad = sorted((span for span in seen.spans if span.name == "chat m-1"), key=lambda span: span.begins)
    assert (whole.failed, whole.events) == (True, ("waiting for a box",))
    assert whole.attributes["gen_ai.usage.input_tokens"] == 70
    assert (first.parent_id, second.parent_id) == (whole.span_id, whole.span_id)
    assert (good.parent_id, good.kind) == (first.span_id, PROTOCOL_CLIENT)
    assert good.attributes == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "m-1",
        "gen_ai.response.model": "m-1-2026",
        "gen_ai.usage.input_tokens": 70,
        "gen_ai.usage.output_tokens": 9,
        "gen_ai.usage.cache_read.input_tokens": 30,
    }
    assert lasted(good) == pytest.approx(4.0, abs=0.5)
    assert (bad.failed, bad.attributes["error.type"]) == (True, "KeyRejected")
    boxes = {span.attributes["mendbox.box.id"]: span for span in seen.spans if span.name == "box"}
    assert (boxes["b1"].parent_id, boxes["b1"].attributes["error.type"]) == (whole.span_id, "CancelledError")
    assert lasted(boxes["b1"]) >= 1.5
    assert boxes["b2"].parent_id == first.span_id
    assert lasted(seen.one("judge input")) == pytest.approx(2.0, abs=0.5)
    assert seen.one("judge draft").failed
    assert b"a line of a build" not in b"".join(seen.raw)
    assert b"a prompt" not in b"".join(seen.raw)


def lasted(span: Seen) -> float:
    return (span.ends - span.begins) / 1e9


async def test_metrics_go_the_same_way(watched: Watched):
    """By tool, outcome, author and model; never by principal or id."""
    with collecting() as seen:
        async with watched(otlp_endpoint=seen.address) as client:
            await mend(client)

    assert seen.points["mcp.server.operation.duration"] == [
        {"mcp.method.name": "tools/call", "gen_ai.tool.name": "auto_fix_code", "mendbox.call.ended": "answered"}
    ]
    assert seen.points["mendbox.run.duration"] == [{"mendbox.run.outcome": "verified", "mendbox.run.reason": ""}]
    assert seen.points["mendbox.attempts"] == [{"gen_ai.agent.name": "rehearsed"}]


async def test_what_models_cost_is_measured(tmp_path: Path):
    """Tokens by direction, seconds, money; a call that failed says by which class of error."""
    with collecting() as seen:
        leaving = Telemetry(Settings(data_dir=tmp_path, otlp_metrics_endpoint=f"{seen.address}/v1/metrics"))
        assert leaving.tracer is None
        assert leaving.figures is not None
        leaving.figures.count(ModelAnswered(author="openai", model="m", seconds=1, usage=Usage(input_tokens=5)))
        leaving.figures.count(ModelAnswered(author="openai", model="m", seconds=1, error="Refused"))
        await leaving.close()

    assert {point["gen_ai.token.type"] for point in seen.points["gen_ai.client.token.usage"]} == {"input", "output"}
    assert [point.get("error.type") for point in seen.points["gen_ai.client.operation.duration"]] == [None, "Refused"]


async def test_the_headers_for_the_collector_are_sent(watched: Watched, monkeypatch: pytest.MonkeyPatch):
    """As its own variable says, such as a key."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-api-key=of-the-collector")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "mending")
    with collecting() as seen:
        async with watched(otlp_endpoint=seen.address) as client:
            await mend(client)

    assert {headers["x-api-key"] for headers in seen.headers} == {"of-the-collector"}
    assert seen.resource["service.name"] == "mending"


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({}, id="no endpoint"),
        pytest.param({"otel_disabled": True}, id="switched off"),
        pytest.param({"otel_traces": "none", "otel_metrics": "console"}, id="other exporters"),
    ],
)
async def test_nothing_leaves_where_nothing_is_to(watched: Watched, said: dict[str, object]):
    """Without an endpoint, or where the usual variables switch it off."""
    with collecting() as seen:
        endpoint = {"otlp_endpoint": seen.address} if said else {}
        async with watched(**endpoint, **said) as client:
            await mend(client)

    assert seen.headers == []


async def test_a_collector_that_refuses_disturbs_no_call(watched: Watched):
    """Also where it is to be spoken to in a protocol that is not ours."""
    with collecting(status=400) as seen:
        async with watched(otlp_endpoint=seen.address, otlp_protocol="grpc") as client:
            answer = await client.call_tool("run_code", {"code": "print(1)"})

    assert answer.structured_content["ended"] == "exited"
    assert len(seen.headers) == 2


async def test_a_collector_that_hangs_does_not_hold_up_the_end(watched: Watched, monkeypatch: pytest.MonkeyPatch):
    """What could not leave by then is lost, and said to be."""
    monkeypatch.setattr(telemetry, "CLOSING_SECONDS", 0.01)
    held = threading.Event()
    with collecting(held=held) as seen:
        async with watched(otlp_endpoint=seen.address) as client:
            await client.call_tool("run_code", {"code": "print(1)"})
        arrived = len(seen.raw)
        held.set()
        for thread in threading.enumerate():
            if thread.name == "last telemetry":
                thread.join()

    assert arrived == 0


def test_the_sdk_is_imported_only_where_something_is_to_leave():
    """A server that tells nobody anything does not pay for it."""
    program = """
import sys
import server
from engine.desk import Desk
from engine.settings import Settings
settings = Settings(analytics=False)
server.face_of(settings, Desk(settings), over_http=False)
print([name for name in sys.modules if name.startswith(("opentelemetry.sdk.trace", "opentelemetry.exporter"))])
"""

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3]
    )

    assert done.stdout.strip() == "[]"
