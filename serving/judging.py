"""The tools that change no code: one judges it, one just runs it."""

from __future__ import annotations

from typing import Annotated

from fastmcp import Context
from pydantic import Field

from engine.desk import Desk
from engine.inputs.languages import PROGRAMS
from serving.access.principals import principal
from serving.answers import OutcomeAnswer, RunAnswer
from serving.asked import Code, Files, Fresh, Language, Tests, as_task, laid_out
from serving.following import answered
from serving.readable import readable


class Judging:
    """One method for each tool. Its docstring is what a model chooses it by."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

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
        who = principal(ctx)
        with readable():
            task = await as_task(self._desk, code, "", language, tests=tests, files=files)
            run = await self._desk.check(task, client=who.client, principal=who.name, fresh=fresh)
            return await answered(self._desk, run)

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
        language: Language = "python",
    ) -> OutcomeAnswer:
        """Just run code in a disposable container without network, and tell what happened."""
        with readable():
            snippet = laid_out(code, None, files, language)
            path = next(path for path, text in snippet.files.items() if text == code)
            argv = (*PROGRAMS[language], path, *arguments)
            outcome = await self._desk.run(
                snippet.files,
                argv,
                client=principal(ctx).client,
                seconds=seconds,
                stdin=stdin.encode(),
                environment=await self._desk.environment(language),
            )
            return OutcomeAnswer.of(outcome)
