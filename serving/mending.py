"""The tools that mend code: they begin runs, look at them, stop them. Their docstrings are what a model chooses them by."""

from __future__ import annotations

import math
from typing import Annotated

from fastmcp import Context
from mcp.types import InputRequiredResult
from pydantic import Field

from engine.desk import Desk
from serving.access.principals import principal
from serving.answers import RunAnswer, RunsAnswer
from serving.asked import Attempts, Code, Error, Files, Fresh, Language, RunId, Seconds, Tests, WaitSeconds, as_task
from serving.background import run_of
from serving.borrowing import lends
from serving.following import answered, come_back, see_through
from serving.readable import readable


class Mending:
    """One method for each tool."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def auto_fix_code(
        self,
        code: Code,
        error_message: Error,
        *,
        ctx: Context,
        language: Language = "python",
        tests: Tests = None,
        files: Files = None,
        attempts: Attempts = None,
        seconds: Seconds = None,
        fresh: Fresh = False,
    ) -> RunAnswer | InputRequiredResult:
        """Mend code that fails, and prove it: candidates are run with the tests in disposable containers until one passes.

        Answers within 45 seconds with the finished run, or with `status: running` and a `run_id` while the run goes
        on: then ask get_run. Cancelling this call cancels the run. Nothing is written anywhere: the mended text is in
        `code` or `files`. Trust `outcome: verified` only. Where nothing else finds a fix, and you let servers ask your
        model (sampling), it is asked for one.
        """
        desk, who = self._desk, principal(ctx)
        with readable():
            run_id = await come_back(desk, ctx, who)
            if run_id is None:
                task = await as_task(
                    desk,
                    code,
                    error_message,
                    language,
                    tests=tests,
                    files=files,
                    attempts=attempts,
                    seconds=seconds,
                )
                if ctx.task_id is None:
                    run_id = desk.start(task, client=who.client, principal=who.name, fresh=fresh, lends=lends(ctx))
                else:
                    # The queue may deliver a task twice: by its id the run that it began is found again.
                    run_id = run_of(ctx.task_id)
                    await desk.take_up(task, run_id=run_id, client=who.client, principal=who.name, fresh=fresh)
            waits = desk.answer_seconds if ctx.task_id is None else math.inf
            return await see_through(desk, ctx, run_id, seconds=waits, cancels=True)

    async def start_run(
        self,
        code: Code,
        error_message: Error,
        *,
        ctx: Context,
        language: Language = "python",
        tests: Tests = None,
        files: Files = None,
        attempts: Attempts = None,
        seconds: Seconds = None,
        fresh: Fresh = False,
    ) -> RunAnswer:
        """Begin what auto_fix_code does and answer at once with the `run_id`; the run goes on by itself.

        For long work, or to do something else meanwhile. Fetch it with get_run, stop it with cancel_run.
        """
        desk, who = self._desk, principal(ctx)
        with readable():
            task = await as_task(
                desk,
                code,
                error_message,
                language,
                tests=tests,
                files=files,
                attempts=attempts,
                seconds=seconds,
            )
            run_id = desk.start(task, client=who.client, principal=who.name, fresh=fresh, lends=lends(ctx))
            return await answered(desk, await desk.get(run_id))

    async def get_run(
        self,
        run_id: RunId,
        *,
        ctx: Context,
        wait_seconds: WaitSeconds = 0.0,
    ) -> RunAnswer | InputRequiredResult:
        """A run as it stands: its place in the queue, its outcome, the mended code, the attempts and the proofs.

        Also for a run whose call was cut off: it is yours by its id, until it is forgotten.
        """
        desk, who = self._desk, principal(ctx)
        with readable():
            await come_back(desk, ctx, who)
            run = await desk.get(run_id, principal=who.name)
            if not wait_seconds or run.status != "running":
                return await answered(desk, run)
            waits = min(wait_seconds, desk.answer_seconds)
            return await see_through(desk, ctx, run.id, seconds=waits, cancels=False)

    async def cancel_run(self, run_id: RunId, *, ctx: Context) -> RunAnswer:
        """Stop a run and remove its container. A run that has ended stays as it is."""
        with readable():
            return await answered(self._desk, await self._desk.cancel(run_id, principal=principal(ctx).name))

    async def list_runs(
        self,
        *,
        ctx: Context,
        limit: Annotated[int, Field(ge=1, le=100, description="At most so many runs.")] = 20,
        cursor: Annotated[
            RunId | None, Field(description="`next_cursor` of the page before; the newest runs where unset.")
        ] = None,
    ) -> RunsAnswer:
        """Your own runs, newest first, a line each: to find one again whose id was lost. get_run has the rest."""
        with readable():
            lines = await self._desk.list(principal=principal(ctx).name, limit=limit + 1, after=cursor)
            return RunsAnswer.of(lines, limit=limit)
