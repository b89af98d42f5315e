"""What is heard of runs and single commands ends up as figures of whoever began them, and never disturbs them."""

from __future__ import annotations

import logging

import pytest
from fastmcp import Client, FastMCP

from engine.domain import Run, Task
from engine.events import BoxClosed, BoxOpened, Event, Inner, Listener, ModelAnswered, RunEnded, RunStarted
from serving.observing.calls import Call, calling
from serving.observing.counted import CountedCall, CountedRun
from serving.observing.heard import Hearing
from serving.observing.traces import Traces
from serving.observing.watching import Watching


class Kept(list[CountedCall | CountedRun | ModelAnswered]):
    """A sink that keeps what it is told."""

    def count(self, what: CountedCall | CountedRun | ModelAnswered) -> None:
        self.append(what)


class Deaf(Traces):
    def run(self, run_id: str) -> Listener:
        def breaks(event: Event | Inner) -> None:
            raise ZeroDivisionError("whoever watches is out of order")

        return breaks


ENDED = Run(id="run-7", task=Task(files={}), status="ended", outcome="no_fix", reason="tampered", seconds=2.0)


def test_boxes_before_a_run_has_begun_are_its_calls_and_then_its_own():
    """A single command has no run: its boxes are told with the call."""
    call, kept = Call(tool="run_code", principal="ann", request_id="r"), Kept()
    token = calling.set(call)
    try:
        command, run = Hearing([kept], Traces())("id-1"), Hearing([kept], Traces())("run-7", principal="ann")
    finally:
        calling.reset(token)
    for event in (BoxOpened(box="b", waited=0), BoxClosed(box="b", seconds=0.5)):
        command(event)
    for event in (RunStarted(run_id="run-7"), BoxOpened(box="c", waited=0), BoxClosed(box="c", seconds=1.5)):
        run(event)
    run(RunEnded(run=ENDED))

    (counted,) = kept
    assert isinstance(counted, CountedRun)
    assert (call.boxes, call.box_seconds, call.runs) == (1, 0.5, ["id-1", "run-7"])
    assert (counted.boxes, counted.box_seconds, counted.tool, counted.reason) == (1, 1.5, "run_code", "tampered")


@pytest.mark.parametrize(("run_id", "tool"), [("run-7", ""), ("task-7", "auto_fix_code")])
def test_a_run_that_no_call_here_began_is_its_principals_all_the_same(run_id: str, tool: str):
    """Such as one of a task that another process queued."""
    kept = Kept()

    Hearing([kept], Traces())(run_id, principal="bob")(RunEnded(run=ENDED))
    Hearing([kept], Traces())(run_id)(RunEnded(run=ENDED))

    assert [(one.principal, one.tool) for one in kept if isinstance(one, CountedRun)] == [
        ("bob", tool),
        ("local", tool),
    ]


def test_whoever_watches_and_fails_ends_no_run(caplog: pytest.LogCaptureFixture):
    """It is logged, without what the event held."""
    with caplog.at_level(logging.ERROR):
        Hearing([], Deaf())("run-7")(RunEnded(run=ENDED))
        Hearing([], Deaf())("run-7")(BoxOpened(box="b", waited=0))

    assert [record.getMessage() for record in caplog.records] == ["not_observed"] * 2


class Broken:
    """A sink that is out of order."""

    def count(self, what: CountedCall | CountedRun | ModelAnswered) -> None:
        raise ZeroDivisionError("whoever counts is out of order")


async def test_whoever_counts_and_fails_ends_no_call(caplog: pytest.LogCaptureFixture):
    """The client has its answer, and the log says that it was not counted."""
    server = FastMCP("watched", middleware=[Watching([Broken()], Traces())])

    async def work() -> str:
        return "done"

    server.tool(work)

    with caplog.at_level(logging.ERROR):
        async with Client(server) as client:
            answer = await client.call_tool("work", {})

    assert answer.data == "done"
    assert [record.getMessage() for record in caplog.records] == ["not_observed"]
