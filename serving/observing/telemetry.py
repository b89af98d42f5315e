"""Traces and metrics over OTLP, where the usual variables say whereto; the SDK of OpenTelemetry is imported only then."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

from opentelemetry.trace import Tracer

from engine.events import ModelAnswered
from engine.logs import get_log
from engine.settings import Settings
from engine.version import version
from serving.observing.counted import CountedCall, CountedRun

if TYPE_CHECKING:
    from opentelemetry.metrics import Meter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider

log = get_log(__name__)

NAME = "mendbox"
CLOSING_SECONDS = 1.0
"""What the last spans and figures get to leave; a collector that hangs must not hold up the end."""


class Telemetry:
    """What leaves this process for a collector: nothing, where no endpoint is set."""

    def __init__(self, settings: Settings) -> None:
        self._tracers: TracerProvider | None = None
        self._meters: MeterProvider | None = None
        self.tracer: Tracer | None = None
        self.figures: Figures | None = None
        base = None if settings.otel_disabled else settings.otlp_endpoint
        traces = (settings.otlp_traces_endpoint or _below(base, "traces")) if settings.exports("traces") else None
        metrics = (settings.otlp_metrics_endpoint or _below(base, "metrics")) if settings.exports("metrics") else None
        if (traces or metrics) and settings.otlp_protocol not in {None, "http/protobuf"}:
            log.warning(
                "otlp_protocol",
                said=settings.otlp_protocol,
                used="http/protobuf",
                hint="use the collector's port for HTTP",
            )
        if traces:
            self._tracers = _tracers(traces)
            self.tracer = self._tracers.get_tracer(NAME, version())
        if metrics:
            self._meters = _meters(metrics)
            self.figures = Figures(self._meters.get_meter(NAME, version()))

    async def close(self) -> None:
        """Send what is left, for a second at most."""
        closing = [provider.shutdown for provider in (self._tracers, self._meters) if provider is not None]
        if not closing:
            return
        loop, closed = asyncio.get_running_loop(), asyncio.Event()

        def close() -> None:
            for shutdown in closing:
                shutdown()
            # RuntimeError: the loop was not willing to wait so long
            try:
                loop.call_soon_threadsafe(closed.set)
            except RuntimeError:
                return

        # A daemon, because one that is stuck may be left behind.
        threading.Thread(target=close, name="last telemetry", daemon=True).start()
        try:
            await asyncio.wait_for(closed.wait(), CLOSING_SECONDS)
        except TimeoutError:
            log.warning("telemetry_lost", seconds=CLOSING_SECONDS)


class Figures:
    """The metrics that go to a collector, by tool, outcome and model, never by principal or id."""

    def __init__(self, meter: Meter) -> None:
        self._calls = meter.create_histogram("mcp.server.operation.duration", unit="s", description="Calls of tools.")
        self._runs = meter.create_histogram("mendbox.run.duration", unit="s", description="Runs that have ended.")
        self._attempts = meter.create_counter("mendbox.attempts", description="Drafts that were judged.")
        self._boxes = meter.create_counter("mendbox.boxes", description="Disposable containers that were used.")
        self._models = meter.create_histogram("gen_ai.client.operation.duration", unit="s")
        self._tokens = meter.create_histogram("gen_ai.client.token.usage", unit="{token}")
        self._usd = meter.create_counter("mendbox.model.usd", description="What models cost, by the price table.")

    def count(self, what: CountedCall | CountedRun | ModelAnswered) -> None:
        match what:
            case CountedCall():
                told = {
                    "mcp.method.name": "tools/call",
                    "gen_ai.tool.name": what.tool,
                    "mendbox.call.ended": what.ended,
                }
                self._calls.record(what.seconds, told)
                self._boxes.add(what.boxes)
            case CountedRun():
                ended = {"mendbox.run.outcome": what.outcome, "mendbox.run.reason": what.reason}
                self._runs.record(what.seconds, ended)
                self._boxes.add(what.boxes)
                for written in what.written:
                    self._attempts.add(written.attempts, {"gen_ai.agent.name": written.author})
            case ModelAnswered():
                asked = {
                    "gen_ai.operation.name": "chat",
                    "gen_ai.provider.name": what.author,
                    "gen_ai.request.model": what.model,
                }
                failed = {"error.type": what.error} if what.error else {}
                self._models.record(what.seconds, asked | failed)
                self._tokens.record(what.usage.input_tokens, {**asked, "gen_ai.token.type": "input"})
                self._tokens.record(what.usage.output_tokens, {**asked, "gen_ai.token.type": "output"})
                self._usd.add(what.usage.usd, asked)


def _below(base: str | None, signal: str) -> str | None:
    return None if base is None else f"{base.rstrip('/')}/v1/{signal}"


def _tracers(endpoint: str) -> TracerProvider:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 (see above)
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    # Not made the process's own: what other libraries would say of our calls may quote code, and is not for leaving.
    provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    return provider


def _meters(endpoint: str) -> MeterProvider:
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter  # noqa: PLC0415
    from opentelemetry.sdk.metrics import MeterProvider  # noqa: PLC0415
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader  # noqa: PLC0415

    reader = PeriodicExportingMetricReader(OTLPMetricExporter(endpoint=endpoint))
    return MeterProvider([reader], resource=_resource(), shutdown_on_exit=False)


def _resource() -> Resource:
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415

    said = Resource.create()
    unnamed = str(said.attributes.get("service.name", "")).startswith("unknown_service")
    ours = Resource({"service.name": NAME} if unnamed else {})
    return said.merge(ours).merge(Resource({"service.version": version()}))
