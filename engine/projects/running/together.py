"""The whole in one box: every component started, every page built, served and opened, every job run, every scenario taken."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any

from agents.plans.plan import Plan
from agents.plans.scenario import Scenario
from engine.domain import Finding, Value
from engine.inputs.text import encode_files
from engine.projects.running import background, stores
from engine.projects.running import scenarios as taken
from engine.projects.running.asked import Asked, Driven
from engine.projects.running.origins import origins, page_of, stand_in_of
from engine.projects.running.outcome import Ran, finding
from engine.projects.running.pages import build_page, built
from engine.projects.running.programs import DRIVE, PLAYWRIGHT, SUPERVISE, programs
from engine.projects.running.surroundings import called, startable
from engine.projects.running.weighing import Went, of_driver, told_of, weighed
from sandboxes import web
from sandboxes.base import Box, Command, Layer, Limits, Sandbox

WHOLE = web.LIMITS.model_copy(update={"report_kib": 32_768, "seconds": 1_800.0})
"""What a whole project and the browser that opens it may use."""


class Pace(Value):
    """Seconds that things may take."""

    start: float = 30.0
    """Within which a health path has to answer 200."""
    step: float = 5.0
    """Of one step of a scenario."""
    empty_step: float = 0.5
    """The same against the stand-in, which never gets any further."""
    open: float = 15.0
    """Until a page has loaded."""
    settle: float = 2.0
    """Until it asks for nothing any more."""
    drive: float = 240.0
    """Of everything that the browser does."""
    job: float = 30.0
    """Within which a job has to end, each time that it is run."""
    end: float = background.END_SECONDS
    """Within which a worker has to end once it was asked to."""


USUAL = Pace()
_MOST_DRIVE = 900.0
_PER_SCENARIO = 10.0
"""Seconds more for each; one takes a second, and ten where the machine is busy."""


async def whole(
    plan: Plan,
    files: Mapping[str, str],
    scenarios: Sequence[Scenario],
    sandbox: Sandbox,
    *,
    environment: str,
    run_id: str,
    limits: Limits = WHOLE,
    pace: Pace = USUAL,
) -> Ran:
    """Run all of *plan* as *files* have it, and see whether *scenarios* are met.

    *environment* is an image with Node.js, the browser and what the components need.

    Raises:
        SandboxError: The machinery failed.
    """
    began = time.monotonic()
    limits = limits.model_copy(update={"environment": environment or limits.environment})
    own = {path: text for path, text in files.items() if path.startswith("services/")}
    async with sandbox.open(run_id=run_id, limits=limits) as box:
        pages: dict[str, Mapping[str, bytes]] = {}
        wrong: list[Finding] = []
        for page in built(plan):
            one = await build_page(page, own, box, limits)
            pages[page.name] = one.files
            wrong += one.findings
        if wrong:
            seen = taken.seen_of(scenarios, (), ())
            return Ran(outcome="failed", findings=tuple(wrong), scenarios=seen, seconds=time.monotonic() - began)
        # anew: nothing that a build has left behind is there when our programs begin
        await box.lay(Layer(files=encode_files(own)), programs(pages))
        asked = _asked(plan, own, scenarios, pages, pace)
        went = await _run(box, asked, limits, pace)
    return weighed(plan, scenarios, went).model_copy(update={"seconds": time.monotonic() - began})


async def stand_in(
    plan: Plan,
    scenarios: Sequence[Scenario],
    sandbox: Sandbox,
    *,
    environment: str,
    run_id: str,
    limits: Limits = WHOLE,
    pace: Pace = USUAL,
) -> Ran:
    """Take *scenarios* against an empty page and interfaces that know nothing: one that is met there shows nothing.

    Raises:
        SandboxError: The machinery failed.
    """
    began = time.monotonic()
    limits = limits.model_copy(update={"environment": environment or limits.environment})
    asked = _asked(plan, {}, scenarios, None, pace)
    async with sandbox.open(run_id=run_id, limits=limits) as box:
        await box.lay(programs())
        went = await _run(box, asked, limits, pace)
    told, findings = told_of(went)
    findings += of_driver(told, "the stand-in")
    seen = taken.vacuous(scenarios, told)
    findings += [
        finding(
            "scenario/vacuous",
            f"{each.requirement}, {each.name!r} shows nothing: {each.why_not}",
            path="e2e/scenarios.json",
        )
        for each in seen
        if not each.proves
    ]
    end = "failed" if findings else "passed"
    return Ran(outcome=end, findings=tuple(findings), scenarios=seen, seconds=time.monotonic() - began)


def _asked(
    plan: Plan,
    files: Mapping[str, str],
    scenarios: Sequence[Scenario],
    pages: Mapping[str, Mapping[str, bytes]] | None,
    pace: Pace,
) -> Asked:
    """What the supervisor is asked; without *pages*, the stand-in alone."""
    steps: tuple[dict[str, Any], ...] = tuple(
        {**scenario.model_dump(mode="json"), "page": page_of(plan, scenario)} for scenario in scenarios
    )
    runs = sum(step.do == "run" for scenario in scenarios for step in scenario.steps)
    drive = min(_MOST_DRIVE, pace.drive + _PER_SCENARIO * len(scenarios) + pace.job * runs)
    driven = Driven(
        playwright=PLAYWRIGHT,
        browser=web.BROWSER,
        flags=web.BROWSER_OPTIONS,
        milliseconds=round(1_000 * drive),
        step=round(1_000 * pace.step),
        empty_step=round(1_000 * pace.empty_step),
        open=round(1_000 * pace.open),
        settle=round(1_000 * pace.settle),
        origins=() if pages is None else origins(plan, pages),
        stand_in=stand_in_of(plan) if scenarios else None,
        scenarios=steps,
    )
    every = plan.components if pages is not None else ()
    return Asked(
        nonce=secrets.token_hex(16),
        components=tuple(startable(plan, part, files, seconds=pace.start) for part in called(plan) if part in every),
        workers=tuple(
            startable(plan, part, files, seconds=pace.end) for part in background.workers(plan) if part in every
        ),
        jobs=tuple(startable(plan, part, files, seconds=pace.job) for part in background.jobs(plan) if part in every),
        stores=stores.asked(plan, every),
        # a browser is for what is opened or called
        driver=DRIVE if scenarios or pages else (),
        driven=driven,
        # a last step may be on its way, a last browser be closing
        drive_seconds=drive + 60,
    )


async def _run(box: Box, asked: Asked, limits: Limits, pace: Pace) -> Went:
    seconds = asked.prepare_seconds + len(asked.components) * (pace.start + 90) + asked.drive_seconds + 60
    seconds += sum(each.keeps for each in asked.components) * (4 * pace.start + 180)
    seconds += len(asked.workers) * (pace.end + 90) + len(asked.jobs) * (2 * pace.job + 90)
    outcome = await box.run(Command(argv=SUPERVISE, stdin=asked.model_dump_json().encode(), seconds=seconds))
    return Went(outcome, asked.nonce, limits, seconds)
