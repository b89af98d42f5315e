"""What is heard of runs while they go on, and what of that is counted once they have ended."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Protocol

from engine.events import BoxClosed, BoxOpened, Event, Inner, Listener, ModelAnswered, RunEnded, RunStarted
from engine.logs import get_log
from serving.observing.calls import Call, calling
from serving.observing.counted import LOCAL, CountedCall, CountedRun
from serving.observing.traces import Traces

log = get_log(__name__)

_TASK_TOOL = "auto_fix_code"
"""What a task runs that another process may have queued: the only tool that can be one."""


class Sink(Protocol):
    """Where it goes what is counted. It returns at once, and raises nothing that it could answer itself."""

    def count(self, what: CountedCall | CountedRun | ModelAnswered) -> None: ...


class Hearing:
    """An `engine.events.Observer`: has every run traced, and counted in *sinks*."""

    def __init__(self, sinks: Sequence[Sink], traces: Traces) -> None:
        self._sinks = sinks
        self._traces = traces

    def __call__(self, run_id: str, *, principal: str = "") -> Listener:
        call = calling.get()
        tool = call.tool if call else _TASK_TOOL if run_id.startswith("task-") else ""
        if call:
            call.about(run_id)
        whose = principal or (call.principal if call else LOCAL)
        return _Run(tool, whose, self._sinks, self._traces.run(run_id), call)


class _Run:
    def __init__(self, tool: str, principal: str, sinks: Sequence[Sink], trace: Listener, call: Call | None) -> None:
        self._tool = tool
        self._principal = principal
        self._sinks = sinks
        self._trace = trace
        self._call = call
        """Whose boxes they are, as long as no run has begun."""
        self._boxes = 0
        self._box_seconds = 0.0

    def __call__(self, event: Event | Inner) -> None:
        try:
            self._trace(event)
            self._count(event)
        except Exception:
            log.exception("not_observed", heard=event.event if not isinstance(event, Inner) else type(event).__name__)

    def _count(self, event: Event | Inner) -> None:
        match event:
            case RunStarted():
                self._call = None
            case BoxOpened():
                self._boxes += 1
            case BoxClosed(seconds=seconds):
                self._box_seconds += seconds
                if self._call is not None:
                    self._call.boxes += 1
                    self._call.box_seconds += seconds
            case ModelAnswered():
                self._tell(event)
            case RunEnded(run=run):
                self._tell(
                    CountedRun.of(
                        run,
                        at=time.time(),
                        tool=self._tool,
                        principal=self._principal,
                        boxes=self._boxes,
                        box_seconds=self._box_seconds,
                    )
                )

    def _tell(self, what: CountedRun | ModelAnswered) -> None:
        for sink in self._sinks:
            sink.count(what)
