"""The tools, one method each; its docstring is what a model chooses it by."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastmcp import Context, FastMCP
from mcp.types import ToolAnnotations
from pydantic import Field

from engine.desk import Desk, News
from engine.domain import Run, Task
from engine.events import Event
from engine.inputs.snippet import Snippet, lay_out_snippet
from serving.access.principals import principal
from serving.answers import OutcomeAnswer, RunAnswer
from serving.asked import Attempts, Code, Error, Files, Fresh, Language, RunId, Seconds, Tests
from serving.readable import readable
from serving.telling import told


class Tools:
    """One method for each tool. Its docstring is what a model chooses it by."""

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
    ) -> RunAnswer:
        """Mend code that fails, and prove it: candidates are run with the tests in disposable containers until one passes.

        Answers within 45 seconds with the finished run, or with `status: running` and a `run_id` while the run goes
        on: then ask get_run. Cancelling this call cancels the run. Nothing is written anywhere: the mended text is in
        `code` or `files`. Trust `outcome: verified` only.
        """
        with readable():
            task = self._task(_laid_out(code, tests, files), error_message, language, attempts, seconds)
            total = task.budget.seconds
            last = ""

            async def tell(event: Event | None, seconds: float) -> None:
                nonlocal last
                last = last if event is None else told(event)
                await ctx.report_progress(seconds, max(seconds, total), last)

            news = News()
            run_id = self._begin(ctx, task, news, fresh=fresh)
            return await self._answer(await self._desk.follow(run_id, news, tell))

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
        with readable():
            task = self._task(_laid_out(code, tests, files), error_message, language, attempts, seconds)
            run_id = self._begin(ctx, task, News(), fresh=fresh)
            return await self._answer(await self._desk.get(run_id))

    async def get_run(
        self,
        run_id: RunId,
        *,
        ctx: Context,
        wait_seconds: Annotated[
            float, Field(ge=0, le=45, description="Wait up to this long for the run to end, instead of asking often.")
        ] = 0.0,
    ) -> RunAnswer:
        """A run as it stands: its place in the queue, its outcome, the mended code, the attempts and the proofs."""
        with readable():
            return await self._answer(await self._desk.get(run_id, seconds=wait_seconds, principal=principal(ctx).name))

    async def cancel_run(self, run_id: RunId, *, ctx: Context) -> RunAnswer:
        """Stop a run and remove its container. A run that has ended stays as it is."""
        with readable():
            return await self._answer(await self._desk.cancel(run_id, principal=principal(ctx).name))

    async def check_code(
        self,
        code: Code,
        *,
        ctx: Context,
        tests: Tests = None,
        files: Files = None,
        language: Language = "python",
        fresh: Fresh = False,
    ) -> RunAnswer:
        """Judge code by its tests and linters in a disposable container, without changing it.

        `outcome` is `verified`, `unverified`, or `no_fix` with the findings.
        """
        with readable():
            task = self._task(_laid_out(code, tests, files), "", language, None, None)
            who = principal(ctx)
            run = await self._desk.check(task, client=who.client, principal=who.name, fresh=fresh)
            return await self._answer(run)

    async def run_code(
        self,
        code: Code,
        *,
        ctx: Context,
        files: Files = None,
        arguments: Annotated[
            tuple[Annotated[str, Field(max_length=4_096)], ...],
            Field(max_length=100, description="Command-line arguments of the program."),
        ] = (),
        stdin: Annotated[str, Field(max_length=1_048_576, description="Its standard input.")] = "",
        seconds: Annotated[float, Field(gt=0, le=30, description="It is stopped after this long.")] = 10.0,
        language: Language = "python",  # noqa: ARG002  # Python is all there is; the client has to say so already
    ) -> OutcomeAnswer:
        """Just run code in a disposable container without network, and tell what happened."""
        with readable():
            snippet = _laid_out(code, None, files)
            path = next(path for path, text in snippet.files.items() if text == code)
            argv = ("python", path, *arguments)
            outcome = await self._desk.run(
                snippet.files, argv, client=principal(ctx).client, seconds=seconds, stdin=stdin.encode()
            )
            return OutcomeAnswer.of(outcome)

    def _begin(self, ctx: Context, task: Task, news: News, *, fresh: bool) -> str:
        who = principal(ctx)
        return self._desk.start(task, news, client=who.client, principal=who.name, fresh=fresh)

    async def _answer(self, run: Run) -> RunAnswer:
        # The diff of a large file takes its time, and other calls go on meanwhile.
        return await asyncio.to_thread(RunAnswer.of, run, self._desk.latest(run.id))

    def _task(
        self, snippet: Snippet, error: str, language: Literal["python"], attempts: int | None, seconds: float | None
    ) -> Task:
        asked = {"attempts": attempts, "seconds": seconds}
        budget = self._desk.settings.budget
        return Task(
            language=language,
            files=snippet.files,
            tests=snippet.tests,
            error=error,
            budget=budget.model_copy(update={name: value for name, value in asked.items() if value is not None}),
            limits=self._desk.settings.limits,
        )


def _laid_out(code: str, tests: str | dict[str, str] | None, files: dict[str, str] | None) -> Snippet:
    return lay_out_snippet(code, tests=tests, files=files)


def add_tools(server: FastMCP[Any], desk: Desk) -> None:
    """Register the tools that work at *desk*."""
    tools = Tools(desk)
    starts = ToolAnnotations(
        read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=True
    )  # it may ask a model
    looks = ToolAnnotations(read_only_hint=True, open_world_hint=False)
    stops = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
    server.tool(tools.auto_fix_code, title="Mend code and prove it", annotations=starts)
    server.tool(tools.start_run, title="Begin to mend code", annotations=starts)
    server.tool(tools.get_run, title="Look at a run", annotations=looks)
    server.tool(tools.cancel_run, title="Stop a run", annotations=stops)
    server.tool(tools.check_code, title="Judge code", annotations=looks)
    server.tool(tools.run_code, title="Run code in a container", annotations=looks)
