"""The whole in one box: every component started, every page built, served and opened, every scenario taken."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any

from agents.plans.plan import Plan
from agents.plans.scenario import Scenario
from engine.checks.said import Garbled
from engine.domain import Finding, Value
from engine.inputs.text import encode_files
from engine.isolation import KNOWS_THE_BOX
from engine.projects.running import components, said
from engine.projects.running import scenarios as taken
from engine.projects.running.asked import Asked, Driven
from engine.projects.running.ending import of_box, of_strain
from engine.projects.running.origins import origins, page_of, stand_in_of
from engine.projects.running.outcome import Ran, finding
from engine.projects.running.pages import build_page, built
from engine.projects.running.pictures import pictures_of
from engine.projects.running.programs import DRIVE, PLAYWRIGHT, SUPERVISE, programs
from engine.projects.running.surroundings import called, not_started, replaced, startable
from sandboxes import web
from sandboxes.base import Box, Command, Layer, Limits, Outcome, Sandbox
from sandboxes.errors import SandboxUnavailable

WHOLE = web.LIMITS.model_copy(update={"report_kib": 32_768})
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


USUAL = Pace()
SHARED = (
    "The project's programs run beside the browser and the driver that judge it, in one box as one user: that these cannot be "
    "looked into or written to was {measured}; the project could still end them, which is no pass."
)
ONE_ORIGIN = "Pages and interfaces stood behind a server of ours at one origin, over HTTP, not behind the one they are shipped with."
TAMPERED = "something in the box reached for what judges it"
NO_PATTERNS = "Patterns of texts in the OpenAPI documents were not compared."


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
        outcome = await _run(box, asked, pace)
    return _weighed(plan, scenarios, (outcome, asked, limits, pace), began)


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
        outcome = await _run(box, asked, pace)
    told, findings = _told(outcome, asked, limits, pace)
    findings += _of_driver(told, "the stand-in")
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
    driven = Driven(
        playwright=PLAYWRIGHT,
        browser=web.BROWSER,
        flags=web.BROWSER_OPTIONS,
        milliseconds=round(1_000 * pace.drive),
        step=round(1_000 * pace.step),
        empty_step=round(1_000 * pace.empty_step),
        open=round(1_000 * pace.open),
        settle=round(1_000 * pace.settle),
        origins=() if pages is None else origins(plan, pages),
        stand_in=stand_in_of(plan) if scenarios else None,
        scenarios=steps,
    )
    parts = () if pages is None else called(plan)
    return Asked(
        nonce=secrets.token_hex(16),
        components=tuple(startable(plan, part, files, seconds=pace.start) for part in parts),
        driver=DRIVE,
        driven=driven,
        # a last step may be on its way, a last browser be closing
        drive_seconds=pace.drive + 60,
    )


async def _run(box: Box, asked: Asked, pace: Pace) -> Outcome:
    return await box.run(
        Command(argv=SUPERVISE, stdin=asked.model_dump_json().encode(), seconds=_most_seconds(asked, pace))
    )


def _most_seconds(asked: Asked, pace: Pace) -> float:
    return asked.prepare_seconds + len(asked.components) * (pace.start + 90) + asked.drive_seconds + 60


def _told(outcome: Outcome, asked: Asked, limits: Limits, pace: Pace) -> tuple[list[said.Told], list[Finding]]:
    try:
        told = said.run(outcome, asked.nonce)
    except Garbled as error:
        return [], [finding("tampered", f"what the supervisor said cannot be read: {error}")]
    done = any(isinstance(line, said.Done) for line in told)
    found = of_box(outcome, limits, what="the supervisor", seconds=_most_seconds(asked, pace), done=done)
    return told, found or of_strain(told, limits)


def _weighed(plan: Plan, scenarios: Sequence[Scenario], ran: tuple[Outcome, Asked, Limits, Pace], began: float) -> Ran:
    told, findings = _told(*ran)
    parts = called(plan)
    for part in parts:
        findings += components.findings_of(plan, part, told)
    # where one was not there, or did not stay, the browser was not sent there either
    every = not any(_is_gone(line) for line in told)
    if every or not any(isinstance(line, said.Prepared) for line in told):
        findings += _of_driver(told, "the project")
    for line in told:
        if isinstance(line, said.Opened):
            findings += _of_page(line)
    pictures = pictures_of(told)
    seen = taken.seen_of(scenarios, told, pictures)
    # where a component is not up, or our part was ended, that is what is wrong, and not every scenario
    if any(isinstance(line, said.Driven) for line in told):
        findings += taken.findings_of(scenarios, seen, told)
    if any(each.rule == "tampered" for each in findings):
        seen = tuple(each.model_copy(update={"proves": False, "why_not": TAMPERED}) for each in seen)
    opened = [line for line in told if isinstance(line, said.Opened)]
    return Ran(
        outcome="failed" if findings else "passed" if seen or not scenarios else "unverified",
        findings=tuple(findings),
        scenarios=seen,
        pictures=pictures,
        outputs={part.name: components.output_of(part.name, told) for part in parts},
        answers={part.name: components.answers_of(part.name, told) for part in parts},
        shown=(
            *(line for part in parts for line in components.shown_of(part, told)),
            *(
                f"{line.page} opened in Chromium: {line.title or 'without a title'}"
                for line in opened
                if not line.wrong
            ),
        ),
        not_shown=_not_shown(plan, told),
        seconds=time.monotonic() - began,
    )


def _is_gone(line: said.Told) -> bool:
    return isinstance(line, said.NotUp) or (isinstance(line, said.Stayed) and line.code is not None)


def _of_driver(told: Sequence[said.Told], where: str) -> list[Finding]:
    """What is wrong where the driver did not come to its end on *where* it was."""
    ended = next((line for line in told if isinstance(line, said.DriverEnded)), None)
    driven = next((line for line in told if isinstance(line, said.Driven)), None)
    if ended is None or (driven is not None and not driven.failed and ended.code == 0):
        return []
    if not any(isinstance(line, said.Prepared) for line in told):
        # nothing of the project had been started yet
        why = driven.failed if driven is not None else f"the driver ended with {ended.code}: {ended.output[-500:]}"
        hint = "run it in an environment over the image for Node.js, with the memory that a browser needs"
        raise SandboxUnavailable("box", f"no browser could be started in it: {why}", hint=hint)
    why = driven.failed if driven is not None else f"the driver was ended ({ended.code})"
    return [
        finding("tampered", f"what drives the browser did not come to its end at {where}: {why}", evidence=ended.output)
    ]


def _of_page(line: said.Opened) -> list[Finding]:
    path = f"services/{line.page}"
    found: dict[tuple[str, str], Finding] = {}
    for noted in line.wrong:
        where = f" ({noted.where})" if noted.where else ""
        message = f"opening {line.page}: {noted.message}{where}"
        found.setdefault((noted.rule, message), finding(f"page/{noted.rule}", message, path=path, evidence=line.text))
    return list(found.values())


def _not_shown(plan: Plan, told: Sequence[said.Told]) -> tuple[str, ...]:
    prepared = next((line for line in told if isinstance(line, said.Prepared)), None)
    if prepared is None:
        measured = "not measured"
    elif prepared.open:
        measured = f"not so for {', '.join(prepared.open[:5])}"
    else:
        measured = "measured"
    return (
        *replaced(plan),
        *not_started(plan),
        SHARED.format(measured=measured),
        ONE_ORIGIN,
        NO_PATTERNS,
        KNOWS_THE_BOX,
    )
