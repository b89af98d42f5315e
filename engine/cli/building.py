"""One build from start to end, as build and resume have it: engine opened, shown, stopped by a signal."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

from engine.cli.interrupts import Stop, Stopped, drive
from engine.cli.progress import display
from engine.events import Event, RunStarted, Watcher
from engine.harness import Mendbox
from engine.projects.building.outcome import Project
from engine.settings import Settings

Work = Callable[[Mendbox, Watcher], Coroutine[Any, Any, Project]]
"""What is asked of the engine."""


class Ended(NamedTuple):
    """A build, and the signal that stopped it where one did."""

    project: Project
    signal: int | None = None


def follow(work: Work, *, settings: Settings, title: str) -> Ended:
    """The project that comes of *work*, shown on stderr while it goes; as `cancelled` where a signal stopped it.

    Raises:
        Stopped: A signal came before there was a build.
    """
    known: list[str] = []

    async def whole(stop: Stop) -> Ended:
        async with Mendbox(settings) as mendbox:
            with display(title) as watch:

                def watch_both(event: Event) -> None:
                    if isinstance(event, RunStarted):
                        known.append(event.run_id)
                    watch(event)

                try:
                    return Ended(await stop.unless_stopped(work(mendbox, watch_both)))
                except Stopped as stopped:
                    if not known:
                        raise
                    return Ended(await _so_far(mendbox, known[0], stopped), stopped.signal)

    return drive(whole)


async def _so_far(mendbox: Mendbox, run_id: str, stopped: Stopped) -> Project:
    """What there is of a build that was *stopped*: none of its files, for they are no project yet."""
    run = await mendbox.get(run_id)
    if run.outcome not in {None, "cancelled"}:
        return await mendbox.builds.project(run_id)  # it had ended by then
    return Project(
        id=run.id,
        description=run.task.goal,
        outcome="cancelled",
        summary=f"It was {stopped}; every reply and every verdict until then is kept.",
        next_step=f"Go on with: mendbox resume {run.id}",
        usage=run.usage,
        seconds=run.seconds,
        budget=run.task.budget,
    )
