"""A collector of our own: takes OTLP over HTTP on this machine, and reads its protobuf as the real ones do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

Attributes = dict[str, Any]


@dataclass(frozen=True)
class Seen:
    """A span as it arrived."""

    name: str
    kind: int
    trace_id: str
    span_id: str
    parent_id: str
    begins: int
    ends: int
    attributes: Attributes
    failed: bool
    message: str
    events: tuple[str, ...]


@dataclass
class Collector:
    address: str = ""
    spans: list[Seen] = field(default_factory=list)
    points: dict[str, list[Attributes]] = field(default_factory=dict)
    """The attributes of every metric's data points."""
    resource: Attributes = field(default_factory=dict)
    headers: list[dict[str, str]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)

    def one(self, name: str) -> Seen:
        (found,) = [span for span in self.spans if span.name == name]
        return found

    def children(self, of: Seen) -> list[Seen]:
        return [span for span in self.spans if span.parent_id == of.span_id]

    def take(self, path: str, body: bytes) -> None:
        self.raw.append(body)
        if path.endswith("/v1/traces"):
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                self.resource = _read(resource.resource.attributes)
                self.spans += [_seen(span) for scope in resource.scope_spans for span in scope.spans]
        elif path.endswith("/v1/metrics"):
            for metrics in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                for metric in (metric for scope in metrics.scope_metrics for metric in scope.metrics):
                    data = getattr(metric, metric.WhichOneof("data"))
                    self.points.setdefault(metric.name, []).extend(
                        _read(point.attributes) for point in data.data_points
                    )


def _seen(span: Any) -> Seen:
    return Seen(
        name=span.name,
        kind=span.kind,
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        begins=span.start_time_unix_nano,
        ends=span.end_time_unix_nano,
        attributes=_read(span.attributes),
        failed=span.status.code == 2,
        message=span.status.message,
        events=tuple(event.name for event in span.events),
    )


def _read(attributes: Any) -> Attributes:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}


@contextmanager
def collecting(status: int = 200, *, held: threading.Event | None = None) -> Iterator[Collector]:
    """A collector that answers with *status*, and not while it is *held*; in threads, as no loop may hold it up."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            collector.headers.append({name.lower(): value for name, value in self.headers.items()})
            if held is not None:
                held.wait()
            if status == 200:
                collector.take(self.path, body)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
