"""A call that waits for a run: tells how far it is, lends it the client's model, and answers in time, whatever comes first."""

from __future__ import annotations

import asyncio

from fastmcp import Context
from mcp.types import InputRequiredResult

from engine.desk import Desk
from engine.domain import Run
from engine.events import Event
from serving.access.principals import Principal
from serving.answers import RunAnswer
from serving.borrowing import answers_by_calling_again, ask, asking, lends, returned
from serving.telling import told


async def answered(desk: Desk, run: Run) -> RunAnswer:
    # The diff of a large file takes its time, and other calls go on meanwhile.
    return await asyncio.to_thread(RunAnswer.of, run, desk.latest(run.id), asks=desk.asks(run.id))


async def come_back(desk: Desk, ctx: Context, who: Principal) -> str | None:
    """Which run this call goes on with, where the client brings what its model said; the run is told of it.

    Raises:
        UnknownRun: It is not this principal's, or was forgotten.
        NotNow: It has to go on here, and there is no room.
    """
    brought = returned(ctx)
    if brought is None:
        return None
    return (await desk.go_on(brought.run_id, brought.said, client=who.client, principal=who.name)).id


async def see_through(
    desk: Desk, ctx: Context, run_id: str, *, seconds: float, cancels: bool
) -> RunAnswer | InputRequiredResult:
    """The answer of `until`."""
    run = await until(desk, ctx, run_id, seconds=seconds, cancels=cancels)
    return run if isinstance(run, InputRequiredResult) else await answered(desk, run)


async def until(desk: Desk, ctx: Context, run_id: str, *, seconds: float, cancels: bool) -> Run | InputRequiredResult:
    """The run once it has ended, or as it stands after *seconds*; or its question, where the client answers by calling
    again. Where *cancels*, a client that gives up the call gives up the run.
    """
    clock = asyncio.get_running_loop().time
    ends = clock() + seconds
    lending = lends(ctx)
    try:
        progress = _Progress(ctx, (await desk.get(run_id)).task.budget.seconds)
        while True:
            run = await desk.follow(run_id, progress, seconds=ends - clock(), lends=lending)
            question = desk.take_question(run_id) if lending and run.status == "running" else None
            if question is None:
                return run
            if answers_by_calling_again(ctx):
                return asking(run_id, question)
            said = await ask(ctx, question, seconds=max(0.0, ends - clock()))
            if said is None:
                desk.give_back(run_id)
                return await desk.get(run_id)
            desk.answer(run_id, question.id, said)
    except asyncio.CancelledError:
        if cancels:
            await desk.give_up(run_id)
        else:
            desk.give_back(run_id)
        raise


class _Progress:
    """Tells the client how far its run is; what was told last is told again where nothing happens."""

    def __init__(self, ctx: Context, total: float) -> None:
        self._ctx = ctx
        self._total = total
        self._last = ""

    async def __call__(self, event: Event | None, seconds: float) -> None:
        self._last = self._last if event is None else told(event)
        await self._ctx.report_progress(seconds, max(seconds, self._total), self._last)
