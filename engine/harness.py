"""One door to the engine, for the command line, the MCP server and anybody's Python."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Self

from engine.domain import Run, Task
from engine.events import Watcher, nobody
from engine.listing import RunLine
from engine.settings import Settings
from sandboxes.base import Outcome


class Mendbox:
    """The engine, opened: ``async with Mendbox() as mendbox: run = await mendbox.fix(task)``."""

    def __init__(self, settings: Settings | None = None) -> None: ...

    async def __aenter__(self) -> Self:
        """Open the journal and remove boxes that dead processes left behind."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Cancel the runs that are still going, kill their boxes, close everything."""

    async def fix(self, task: Task, *, author: str = "auto", watch: Watcher = nobody) -> Run:
        """Heal *task*; always comes back with an ended run. Cancelling the call cancels the run.

        Raises:
            UnknownAuthor: *author* names none, or its key or file is missing.
        """

    async def check(self, task: Task, *, before: Mapping[str, str] | None = None, watch: Watcher = nobody) -> Run:
        """Judge `task.files` only. *before* is what they were; an empty stand-in where None."""

    async def run(self, files: Mapping[str, str], argv: tuple[str, ...], *, seconds: float = 10.0, stdin: bytes = b"") -> Outcome:
        """Just run *argv* next to *files* in a box. Raises `sandboxes.errors.SandboxError` for the machinery's failures."""

    def start(self, task: Task, *, author: str = "auto", watch: Watcher = nobody) -> str:
        """Begin to heal *task* in the background; the id of the run."""

    async def wait(self, run_id: str, *, seconds: float | None = None) -> Run:
        """The run once it has ended, or as it stands after *seconds*."""

    async def get(self, run_id: str) -> Run:
        """The run as the journal has it now. A unique beginning of its id is enough. Raises `UnknownRun`."""

    async def cancel(self, run_id: str) -> Run:
        """Stop a run of this process and kill its box; one that has ended stays as it is."""

    async def resume(self, run_id: str, *, author: str | None = None, watch: Watcher = nobody) -> Run:
        """Go on with a cancelled or crashed run; what the journal has is not asked or judged again."""

    async def runs(self, *, limit: int = 50) -> tuple[RunLine, ...]:
        """The latest runs, newest first."""
