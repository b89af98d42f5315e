"""The tools that build a whole project. Their docstrings are what a model chooses them by."""

from __future__ import annotations

import math
from typing import Annotated

from fastmcp import Context
from mcp.types import InputRequiredResult
from pydantic import Field

from agents.roles import CARDS
from engine.desk import Desk
from engine.domain import Run
from engine.errors import BadInput
from engine.projects.asking import CLOUDS, SCALES, cloud_of, scale_of
from engine.projects.building.request import BuildRequest
from serving.access.principals import principal
from serving.asked import RunId, WaitSeconds
from serving.background import run_of
from serving.borrowing import lends
from serving.built import ProjectAnswer
from serving.following import come_back, until
from serving.readable import readable

IncludeTests = Annotated[
    bool,
    Field(description="Have the tests among `files` too. They are written and run in any case, and are in the zip."),
]
Sentence = Annotated[str, Field(min_length=1, max_length=600)]


class Orchestrating:
    """One method for each tool."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def orchestrate_development(
        self,
        project_description: Annotated[
            str, Field(min_length=1, max_length=20_000, description="What is wanted, in the person's own words.")
        ],
        *,
        ctx: Context,
        requirements: Annotated[
            list[Sentence] | None,
            Field(
                max_length=60,
                description="What has to be shown to hold on the running project, a sentence each; they become R1, R2 …",
            ),
        ] = None,
        tech_stack: Annotated[
            list[Annotated[str, Field(min_length=1, max_length=60)]] | None,
            Field(max_length=20, description="What it is to be made of, such as fastapi, django, express, react, vue."),
        ] = None,
        include_tests: IncludeTests = True,
        scale: Annotated[str, Field(max_length=60, description=f"How much it has to bear: {SCALES}.")] = "small",
        cloud_provider: Annotated[
            str, Field(max_length=60, description=f"Where it is to run: one of {', '.join(CLOUDS)}.")
        ] = "self-hosted",
        attempts: Annotated[
            int | None,
            Field(ge=1, le=500, description="Most questions to models, the plan's included; 60 where unset."),
        ] = None,
        seconds: Annotated[
            float | None, Field(ge=1, le=14_400, description="Wall clock of the whole build; 3600 where unset.")
        ] = None,
    ) -> ProjectAnswer | InputRequiredResult:
        """Have a whole project written, run and proven: an architect plans it, backend, frontend, DevOps and test roles
        write it, every component is tested and mended in containers, then all of it is started and each requirement is
        shown on the running project.

        Takes minutes. Answers within 45 seconds with `status: running` and a `run_id`: then ask get_project, which also
        carries questions to your own model where the server has none. Cancelling this call cancels the build. Nothing is
        written anywhere: the project is in `files`, and as a zip at `zip_uri`. Trust `outcome: verified` only.
        """
        desk, who = self._desk, principal(ctx)
        with readable():
            run_id = await come_back(desk, ctx, who)
            if run_id is None:
                if not all(each.strip() for each in (project_description, *(requirements or ()))):
                    raise BadInput(
                        "the description, or a requirement, has nothing but spaces", hint="say what is wanted"
                    )
                usual = BuildRequest(description=project_description)
                asked = {"attempts": attempts, "seconds": seconds}
                bounds = {"tokens": desk.settings.tokens, "usd": desk.settings.usd}
                request = usual.model_copy(
                    update={
                        "require": tuple(" ".join(each.split()) for each in requirements or ()),
                        "stack": tuple(tech_stack or ()),
                        "scale": scale_of(scale),
                        "cloud": cloud_of(cloud_provider),
                        "budget": usual.budget.model_copy(
                            update=bounds | {name: value for name, value in asked.items() if value is not None}
                        ),
                    }
                )
                # a task that is delivered twice is the same build
                known = None if ctx.task_id is None else run_of(ctx.task_id)
                run_id = await desk.take_up_build(
                    request, client=who.client, principal=who.name, lends=lends(ctx), run_id=known
                )
            waits = desk.answer_seconds if ctx.task_id is None else math.inf
            run = await until(desk, ctx, run_id, seconds=waits, cancels=True)
            return await self._answered(run, include_tests=include_tests)

    async def get_project(
        self,
        run_id: RunId,
        *,
        ctx: Context,
        wait_seconds: WaitSeconds = 0.0,
        include_tests: IncludeTests = True,
    ) -> ProjectAnswer | InputRequiredResult:
        """A build as it stands: what happens now, and once it has ended its files, what became of each part, and what
        shows each requirement.
        """
        desk, who = self._desk, principal(ctx)
        with readable():
            await come_back(desk, ctx, who)
            run = await desk.get(run_id, principal=who.name)
            if not wait_seconds or run.status != "running":
                return await self._answered(run, include_tests=include_tests)
            waits = min(wait_seconds, desk.answer_seconds)
            found = await until(desk, ctx, run.id, seconds=waits, cancels=False)
            return await self._answered(found, include_tests=include_tests)

    async def _answered(
        self, run: Run | InputRequiredResult, *, include_tests: bool
    ) -> ProjectAnswer | InputRequiredResult:
        if isinstance(run, InputRequiredResult):
            return run
        desk = self._desk
        project = await desk.built(run.id) if run.status == "ended" else None
        if project is not None and not include_tests:
            code = {path: text for path, text in project.files.items() if not CARDS["qa"].may_write(path)}
            project = project.model_copy(update={"files": code})
        return ProjectAnswer.of(run, project, desk.latest(run.id), asks=desk.asks(run.id))
