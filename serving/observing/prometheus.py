"""What Prometheus may read at ``/metrics``: figures of this process, by tool and outcome, never by principal or id."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from engine.events import ModelAnswered
from serving.observing.counted import CountedCall, CountedRun

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.005, 0.025, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_RUN_SECONDS = (0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3_600.0)
_MOST_AUTHORS = 20


class Metrics:
    """Counters of one server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        here = self.registry
        self._calls = Counter("mendbox_calls", "Calls of tools.", ["tool", "ended"], registry=here)
        self._call_seconds = Histogram(
            "mendbox_call_seconds", "How long calls took.", ["tool"], buckets=_SECONDS, registry=here
        )
        self._runs = Counter("mendbox_runs", "Runs that have ended.", ["outcome", "reason"], registry=here)
        self._run_seconds = Histogram(
            "mendbox_run_seconds", "How long runs took.", ["outcome"], buckets=_RUN_SECONDS, registry=here
        )
        self._attempts = Counter("mendbox_attempts", "Drafts that were judged.", ["author", "verified"], registry=here)
        self._model_calls = Counter("mendbox_model_calls", "Calls of models.", ["author", "failed"], registry=here)
        self._tokens = Counter("mendbox_model_tokens", "Tokens of models.", ["author", "direction"], registry=here)
        self._usd = Counter(
            "mendbox_model_usd", "What models cost, US dollars, by the price table.", ["author"], registry=here
        )
        self._boxes = Counter("mendbox_boxes", "Disposable containers that were used.", registry=here)
        self._box_seconds = Counter("mendbox_box_seconds", "How long they were held.", registry=here)
        self._lost = Gauge("mendbox_analytics_lost", "What was counted and could not be kept.", registry=here)
        self._authors = set[str]()
        ProcessCollector(registry=here)

    def count(self, what: CountedCall | CountedRun | ModelAnswered) -> None:
        match what:
            case CountedCall():
                self._calls.labels(what.tool, what.ended).inc()
                self._call_seconds.labels(what.tool).observe(what.seconds)
                self._boxes.inc(what.boxes)
                self._box_seconds.inc(what.box_seconds)
            case CountedRun():
                self._count_run(what)
            case ModelAnswered():
                author, usage = self._author(what.author), what.usage
                self._model_calls.labels(author, "yes" if what.error else "no").inc()
                self._tokens.labels(author, "input").inc(usage.input_tokens)
                self._tokens.labels(author, "output").inc(usage.output_tokens)
                self._usd.labels(author).inc(usage.usd)

    def _count_run(self, run: CountedRun) -> None:
        self._runs.labels(run.outcome, run.reason).inc()
        self._run_seconds.labels(run.outcome).observe(run.seconds)
        self._boxes.inc(run.boxes)
        self._box_seconds.inc(run.box_seconds)
        for written in run.written:
            author = self._author(written.author)
            self._attempts.labels(author, "yes").inc(written.verified)
            self._attempts.labels(author, "no").inc(written.attempts - written.verified)

    def _author(self, name: str) -> str:
        """*name*, while there are not too many."""
        if name not in self._authors and len(self._authors) < _MOST_AUTHORS:
            self._authors.add(name)
        return name if name in self._authors else "other"

    def told(self, *, lost: int) -> bytes:
        """Everything, as Prometheus reads it."""
        self._lost.set(lost)
        return generate_latest(self.registry)
