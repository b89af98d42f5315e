"""One trace from a call through its runs, attempts, models and boxes to the verdicts; names, counts and times only.

Spans are made by the API of OpenTelemetry alone; with a tracer that goes nowhere they cost next to nothing.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from fastmcp import Context as FastMCPContext
from opentelemetry import context as current
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import NoOpTracer, Span, SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from engine.domain import Attempt, Run, Verdict
from engine.events import (
    AttemptEnded,
    AuthorAsked,
    BoxClosed,
    BoxOpened,
    Event,
    Inner,
    InputJudged,
    Listener,
    ModelAnswered,
    Preparing,
    RunEnded,
    RunStarted,
)
from serving.observing.calls import Call
from serving.observing.counted import CallEnd

_HEADERS = ("traceparent", "tracestate")
_MODEL = re.compile(r"[A-Za-z0-9._:/@-]{1,100}")
_WRONG = Status(StatusCode.ERROR)
"""Without a description: an error's text may quote somebody's code."""


class Traces:
    """Spans of calls and runs, made by *tracer*."""

    def __init__(self, tracer: Tracer | None = None) -> None:
        self._tracer = tracer or NoOpTracer()

    @contextmanager
    def call(self, call: Call, ctx: FastMCPContext) -> Iterator[Span]:
        """The span of *call*, which is the current one meanwhile. Its parent is what the client said in ``_meta``, or
        else in the header ``traceparent``, as gateways do.
        """
        span = self._tracer.start_span(
            "tools/call",
            context=_parent(ctx),
            kind=SpanKind.SERVER,
            attributes={
                "mcp.method.name": "tools/call",
                "gen_ai.operation.name": "execute_tool",
                "enduser.id": call.principal,
                "mendbox.request.id": call.request_id,
            },
        )
        try:
            with trace.use_span(span, record_exception=False, set_status_on_exception=False):
                yield span
        finally:
            span.end()

    def run(self, run_id: str) -> Listener:
        """Who makes the spans of a run, or of a single command, that begins in the current context."""
        return _RunTrace(self._tracer, run_id)


def end_call(span: Span, tool: str, ended: CallEnd, error: BaseException | None, runs: list[str]) -> None:
    """Say on *span* what became of its call."""
    span.update_name(f"tools/call {tool}")
    span.set_attributes({"gen_ai.tool.name": tool, "mendbox.call.ended": ended, "mendbox.run.ids": runs[:20]})
    if error is not None:
        span.set_attribute("error.type", type(error).__name__)
        span.set_status(_WRONG)


def _parent(ctx: FastMCPContext) -> Context | None:
    if trace.get_current_span().get_span_context().is_valid:
        return None  # the current one, which FastMCP took from _meta
    web = ctx.request_context.request if ctx.request_context else None
    if web is None:
        return None
    carrier = {name: value for name in _HEADERS if (value := web.headers.get(name))}
    return TraceContextTextMapPropagator().extract(carrier)


def _here() -> Context:
    """The context of whoever begins a run: the call, or the one that queued it where a worker takes it up."""
    here = current.get_current()
    if trace.get_current_span(here).get_span_context().is_valid:
        return here
    from docket.dependencies import current_execution  # noqa: PLC0415 (in a worker it is there already)

    execution = current_execution.get(None)
    return (execution and execution.trace_context) or here


class _RunTrace:
    """The spans of one run, made from what it tells; what took its time before it is told begins that much earlier."""

    def __init__(self, tracer: Tracer, run_id: str) -> None:
        self._tracer = tracer
        self._run_id = run_id
        self._run: Span | None = None
        self._attempt: Span | None = None
        self._boxes = dict[str, Span]()
        self._outside = _here()

    def __call__(self, event: Event | Inner) -> None:
        match event:
            case RunStarted():
                self._run = self._begin("run", self._outside, {"mendbox.run.id": self._run_id})
            case Preparing(before=before) if before is not None and self._run:
                self._run.add_event("waiting for a box", {"mendbox.runs.before": before})
            case InputJudged(verdict=verdict):
                self._judged("judge input", verdict)
            case AuthorAsked(number=number, author=author):
                self._end_attempt()
                self._attempt = self._begin(
                    f"invoke_agent {author}",
                    self._within(self._run),
                    {
                        "gen_ai.operation.name": "invoke_agent",
                        "gen_ai.agent.name": author,
                        "mendbox.attempt.number": number,
                    },
                )
            case ModelAnswered():
                self._model(event)
            case BoxOpened(box=box, waited=waited):
                # Said first, so that a box which others wait for shows in whose name.
                span = self._begin("box", self._within(self._attempt or self._run), {"mendbox.box.id": box}, ago=waited)
                span.set_attribute("mendbox.box.waited_seconds", waited)
                self._boxes[box] = span
            case BoxClosed(box=box, error=error):
                self._close(box, error)
            case AttemptEnded(attempt=attempt):
                self._attempted(attempt)
            case RunEnded(run=run):
                self._ended(run)

    def _begin(
        self,
        name: str,
        within: Context,
        attributes: Mapping[str, str | int],
        *,
        ago: float = 0.0,
        kind: SpanKind = SpanKind.INTERNAL,
    ) -> Span:
        start = time.time_ns() - int(ago * 1e9)
        return self._tracer.start_span(name, context=within, kind=kind, attributes=attributes, start_time=start)

    def _within(self, span: Span | None) -> Context:
        return self._outside if span is None else trace.set_span_in_context(span, self._outside)

    def _judged(self, name: str, verdict: Verdict) -> None:
        before = bool(verdict.from_run)
        span = self._begin(
            name,
            self._within(self._attempt or self._run),
            {
                "mendbox.verdict.green": verdict.green,
                "mendbox.verdict.verified": verdict.verified,
                "mendbox.verdict.tier": verdict.tier,
                "mendbox.verdict.judged_before": before,
                "mendbox.verdict.tests": len(verdict.tests),
                "mendbox.verdict.findings": len(verdict.findings),
                "mendbox.box.id": verdict.box,
            },
            ago=0.0 if before else verdict.seconds,
        )
        if verdict.broken:
            span.set_status(_WRONG)
        span.end()

    def _model(self, call: ModelAnswered) -> None:
        span = self._begin(
            f"chat {call.model}",
            self._within(self._attempt or self._run),
            {
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": call.author,
                "gen_ai.request.model": call.model,
                "gen_ai.usage.input_tokens": call.usage.input_tokens,
                "gen_ai.usage.output_tokens": call.usage.output_tokens,
                "gen_ai.usage.cache_read.input_tokens": call.usage.cached_tokens,
            },
            ago=call.seconds,
            kind=SpanKind.CLIENT,
        )
        if _MODEL.fullmatch(call.answered_by):  # the client says it where the model is the client's
            span.set_attribute("gen_ai.response.model", call.answered_by)
        if call.error:
            span.set_attribute("error.type", call.error)
            span.set_status(_WRONG)
        span.end()

    def _close(self, box: str, error: str = "") -> None:
        span = self._boxes.pop(box, None)
        if span is None:
            return
        if error:
            span.set_attribute("error.type", error)
        span.end()

    def _attempted(self, attempt: Attempt) -> None:
        self._judged("judge draft", attempt.verdict)
        if self._attempt is not None:
            self._attempt.set_attributes(
                {
                    "mendbox.verdict.verified": attempt.verdict.verified,
                    "mendbox.draft.unusable": bool(attempt.draft.unusable),
                    "mendbox.draft.candidates": attempt.draft.candidates,
                    "mendbox.draft.author": attempt.draft.author,
                }
            )
        self._end_attempt()

    def _end_attempt(self) -> None:
        if self._attempt is not None:
            self._attempt.end()
            self._attempt = None

    def _ended(self, run: Run) -> None:
        self._end_attempt()
        for box in list(self._boxes):
            self._close(box)
        if self._run is None:
            return
        self._run.set_attributes(
            {
                "mendbox.run.outcome": run.outcome or run.status,
                "mendbox.run.reason": run.reason or "",
                "mendbox.run.attempts": len(run.attempts),
                "gen_ai.usage.input_tokens": run.usage.input_tokens,
                "gen_ai.usage.output_tokens": run.usage.output_tokens,
            }
        )
        if run.outcome == "environment":
            self._run.set_status(_WRONG)
        self._run.end()
