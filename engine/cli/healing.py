"""One run from start to end, as fix, check, resume and the demo all have it: engine opened, shown, stopped by a signal."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from engine.cli.exits import OF_A_SIGNAL, for_outcome
from engine.cli.interrupts import Stop, Stopped, drive
from engine.cli.progress import AS_HANDED_IN, display
from engine.domain import Run, Value
from engine.events import Event, RunStarted, Watcher
from engine.harness import Mendbox
from engine.settings import Settings

Work = Callable[[Mendbox, Watcher], Coroutine[Any, Any, Run]]
"""What is asked of the engine."""


class Ended(Value):
    """A run, and the signal that stopped it where one did."""

    run: Run
    signal: int | None = None


def show(work: Work, *, settings: Settings, title: str, before: str = AS_HANDED_IN, box_at_once: bool = False) -> Ended:
    """Do *work* and show on stderr how it goes; *before* names the code that the first verdict is about.

    *box_at_once* is for work that no earlier verdict can spare a box.

    Raises:
        Stopped: A signal came before there was a run.
    """

    async def whole(stop: Stop) -> Ended:
        async with Mendbox(settings, box_at_once=box_at_once) as mendbox:
            with display(title, before=before) as watch:
                return await follow(mendbox, work, watch=watch, stop=stop)

    return drive(whole)


async def follow(mendbox: Mendbox, work: Work, *, watch: Watcher, stop: Stop) -> Ended:
    """The run that comes of *work*; when a signal stops it, the run as far as it got, as `cancelled`."""
    known: list[str] = []

    def watch_both(event: Event) -> None:
        if isinstance(event, RunStarted):
            known.append(event.run_id)
        watch(event)

    try:
        return Ended(run=await stop.unless_stopped(work(mendbox, watch_both)), signal=stop.signal)
    except Stopped as stopped:
        if not known:
            raise
        run = await mendbox.get(known[0])
        if run.outcome is None:
            run = run.model_copy(update={"outcome": "cancelled", "summary": f"{stopped}"})
        return Ended(run=run, signal=stopped.signal)


def exit_code(ended: Ended) -> int:
    """The code that says how the run ended; a signal's own where one stopped it."""
    if ended.signal is not None:
        return OF_A_SIGNAL + ended.signal
    return for_outcome(ended.run.outcome)
