"""What a run of the whole comes to: what our programs said of it, weighed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from agents.plans.plan import Plan
from agents.plans.scenario import Scenario
from engine.checks.said import Garbled
from engine.domain import Finding
from engine.isolation import KNOWS_THE_BOX
from engine.projects.running import background, components, keeping, said, stores
from engine.projects.running import scenarios as taken
from engine.projects.running.ending import of_box, of_strain
from engine.projects.running.origins import page_of
from engine.projects.running.outcome import Ran, finding
from engine.projects.running.pages import built
from engine.projects.running.pictures import pictures_of
from engine.projects.running.surroundings import called, replaced
from sandboxes.base import Limits, Outcome
from sandboxes.errors import SandboxUnavailable

SHARED = (
    "The project's programs run beside the browser and the driver that judge it, in one box as one user: that these cannot be "
    "looked into or written to was {measured}; the project could still end them, which is no pass."
)
ONE_ORIGIN = "Pages and interfaces stood behind a server of ours at one origin, over HTTP, not behind the one they are shipped with."
TAMPERED = "something in the box reached for what judges it"


class Went(NamedTuple):
    """How the command of our supervisor went."""

    outcome: Outcome
    nonce: str
    limits: Limits
    seconds: float
    """That it had."""


def told_of(went: Went) -> tuple[list[said.Told], list[Finding]]:
    """What was said, and what is wrong with the box itself."""
    try:
        told = said.run(went.outcome, went.nonce)
    except Garbled as error:
        return [], [finding("tampered", f"what the supervisor said cannot be read: {error}")]
    done = any(isinstance(line, said.Done) for line in told)
    found = of_box(went.outcome, went.limits, what="the supervisor", seconds=went.seconds, done=done)
    return told, found or of_strain(told, went.limits)


def weighed(plan: Plan, scenarios: Sequence[Scenario], went: Went) -> Ran:
    """All that *went* says of *plan* and its *scenarios*.

    Raises:
        SandboxUnavailable: No browser, or no store, could be started before anything of the project was.
    """
    told, findings = told_of(went)
    stores.require_started(told)
    findings = findings or stores.findings_of(told)
    parts = called(plan)
    for part in parts:
        findings += (*components.findings_of(plan, part, told), *keeping.findings_of(plan, part, told))
    behind = background.in_background(plan)
    for part in behind:
        findings += background.findings_of(plan, part, told)
    # where one was not there, or did not stay, the browser was not sent there either
    every = not any(_is_gone(line) for line in told)
    if every or not any(isinstance(line, said.Prepared) for line in told):
        findings += of_driver(told, "the project")
    for line in told:
        if isinstance(line, said.Opened):
            findings += _of_page(line)
    pictures = pictures_of(told)
    seen = taken.seen_of(scenarios, told, pictures)
    # where a component is not up, or our part was ended, that is what is wrong, and not every scenario
    if any(isinstance(line, said.Driven) for line in told):
        findings += taken.findings_of(scenarios, seen, told)
    # told where nothing else is wrong, which may be why
    findings = stores.with_logs(findings or _alone(plan, scenarios, told), told)
    if any(each.rule == "tampered" for each in findings):
        seen = tuple(each.model_copy(update={"proves": False, "why_not": TAMPERED}) for each in seen)
    opened = [line for line in told if isinstance(line, said.Opened)]
    done = {part.name: shown for part in behind if (shown := background.shown_of(part, told))}
    all_seen = len(done) == len(behind) and (seen or not scenarios)
    return Ran(
        outcome="failed" if findings else "passed" if all_seen else "unverified",
        findings=tuple(findings),
        scenarios=seen,
        pictures=pictures,
        outputs={part.name: components.output_of(part.name, told) for part in (*parts, *behind)},
        answers={part.name: components.answers_of(part.name, told) for part in parts},
        background=done,
        stores={**stores.used(told), **keeping.used(plan, told)},
        shown=(
            *(line for part in parts for line in components.shown_of(part, told)),
            *(line for part in parts for line in keeping.shown_of(part, told)),
            *(
                f"{line.page} opened in Chromium: {line.title or 'without a title'}"
                for line in opened
                if not line.wrong
            ),
            *stores.shown_of(told),
        ),
        not_shown=_not_shown(plan, told),
    )


def _is_gone(line: said.Told) -> bool:
    return isinstance(line, said.NotUp) or (isinstance(line, said.Stayed) and line.code is not None)


def of_driver(told: Sequence[said.Told], where: str) -> list[Finding]:
    """What is wrong where the driver did not come to its end on *where* it was.

    Raises:
        SandboxUnavailable: It could not even begin.
    """
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


def _alone(plan: Plan, scenarios: Sequence[Scenario], told: Sequence[said.Told]) -> list[Finding]:
    """Built pages that work by themselves, where the plan has them call somebody."""
    silent = {line.page for line in told if isinstance(line, said.Reached) and not line.any}
    visited = {
        taken_at
        for each in scenarios
        if any(step.do == "visit" for step in each.steps) and (taken_at := page_of(plan, each))
    }
    return [
        finding(
            "page/alone",
            f"{page.name} asked no interface for anything, neither when it was opened nor in any scenario, and calls"
            f" {', '.join(page.calls)} by the plan: what it shows has to come from there, and to go there",
            path=f"services/{page.name}",
        )
        for page in built(plan)
        if page.calls and page.name in silent & visited
    ]


def _not_shown(plan: Plan, told: Sequence[said.Told]) -> tuple[str, ...]:
    prepared = next((line for line in told if isinstance(line, said.Prepared)), None)
    if prepared is None:
        measured = "not measured"
    elif prepared.open:
        measured = f"not so for {', '.join(prepared.open[:5])}"
    else:
        measured = "measured"
    outside = any(component.kind in {"page", "api"} for component in plan.components)
    return (
        *replaced(plan),
        *stores.not_shown_of(told),
        *background.not_shown_of(plan, told),
        *((SHARED.format(measured=measured), ONE_ORIGIN) if outside else ()),
        *(line for part in called(plan) for line in components.not_shown_of(plan, part, told)),
        *(line for part in called(plan) for line in keeping.not_shown_of(plan, part, told)),
        *((components.NO_PATTERNS,) if plan.interfaces else ()),
        KNOWS_THE_BOX,
    )
