"""Before anything is run: the files have to fit the plan and each other, and the scenarios the plan."""

from __future__ import annotations

from engine.domain import Finding
from engine.events import Noted, Watcher
from engine.projects.building.crew import Crew
from engine.projects.building.ending import Stopped, next_step
from engine.projects.building.proving import Agreement
from engine.projects.building.repeating import Looks
from engine.projects.building.site import SCENARIOS, Part, Site

ROUNDS = 6


async def agree(crew: Crew, site: Site, agreement: Agreement, watch: Watcher) -> None:
    """Have every author mend what disagrees, until nothing does.

    Raises:
        Stopped: It stays so.
        OutOfBudget, AuthorError: As `Crew.ask` does.
    """
    looks = Looks()
    while True:
        # In this thread, as all reading of sources: Python 3.11 may fail where two make syntax trees at a time.
        wrong = _wrong(site, agreement)
        if not wrong:
            return
        findings = [finding for of_part in wrong.values() for finding in of_part]
        looks.add(findings)
        if looks.stalled or looks.count > ROUNDS:
            part = next(iter(wrong))
            raise Stopped(
                "contract",
                part.where,
                f"What {part} delivered does not fit the plan: {_place(findings[0])}{findings[0].message}"[:600],
                next_step=next_step("contract", part.where),
            )
        watch(Noted(message=f"contract: {len(findings)} to be mended, by {', '.join(map(str, wrong))}"))
        await crew.ask_all(
            site,
            [
                crew.prepare(site, part, findings=of_part, new_strategy=looks.new_strategy)
                for part, of_part in wrong.items()
            ],
            reason="contract",
            wrong="What it delivered does not fit the plan:",
        )


def _wrong(site: Site, agreement: Agreement) -> dict[Part, list[Finding]]:
    """What is wrong, by who has to mend it."""
    site.files.update(agreement.completed(site.files))
    found = [finding for part in (*site.tests, *site.code) for finding in site.missing(part)]
    known = {finding.path for finding in found}
    told = agreement.disagreements(site.plan, site.files)
    # what is not there at all is told once
    found += [finding for finding in told if finding.path not in known]
    wrong: dict[Part, list[Finding]] = {}
    for finding in found:
        wrong.setdefault(site.owner(finding.path or ""), []).append(finding)
    faults = agreement.scenario_faults(site.plan, site.scenarios)
    if faults:
        wrong[SCENARIOS] = [Finding(check="contract", rule="scenario", message=fault[:900]) for fault in faults]
    return wrong


def _place(finding: Finding) -> str:
    return f"{finding.path}: " if finding.path else ""
