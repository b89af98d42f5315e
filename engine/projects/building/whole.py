"""All of it together in one box: what fails there goes back to the component that is to blame, which is then judged again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from agents.errors import NothingToOffer, TooDear
from agents.plans.scenario import Scenario
from engine.domain import Finding, Proof, hash_files, sha256
from engine.events import Noted, Watcher
from engine.healing import Record
from engine.projects.building.agreeing import agree
from engine.projects.building.crew import Crew
from engine.projects.building.ending import Stopped
from engine.projects.building.healing import Healed, Healing
from engine.projects.building.outcome import Built, Delivered, Why
from engine.projects.building.proving import Proving
from engine.projects.building.purse import OutOfBudget
from engine.projects.building.repeating import Looks
from engine.projects.building.site import SCENARIOS, Part, Site
from engine.projects.running.background import in_background
from engine.projects.running.outcome import Ran, Seen
from engine.projects.running.scenarios import FIXED
from engine.projects.running.surroundings import folder_of

ROUNDS = 10
PROJECT = "project"
_VAIN = ("scenario/vacuous", "scenario/twin", "scenario/unmoved")
"""Rules of findings for which no component is to blame: the scenario shows nothing."""


class Together(NamedTuple):
    """How the whole ended, what was seen last, and components that were judged again on the way."""

    delivered: Delivered
    ran: Ran | None
    components: Mapping[str, Healed]
    reason: Why | None = None
    blamed: str = ""


class Whole:
    """One site as a whole."""

    def __init__(
        self,
        crew: Crew,
        site: Site,
        proving: Proving,
        healing: Healing,
        record: Record,
        *,
        build_id: str,
        watch: Watcher,
    ) -> None:
        self._crew = crew
        self._site = site
        self._proving = proving
        self._healing = healing
        self._record = record
        self._build_id = build_id
        self._watch = watch
        self._components: dict[str, Healed] = {}
        self._has_doubted = False

    async def heal(self) -> Together:
        """Run the whole until all of it is right, or nobody gets any further.

        Raises:
            Stopped: New scenarios never fit the plan.
            Refused, ProviderUnavailable, SandboxError: As `Healing.heal`.
        """
        looks = Looks()
        while True:
            ran = await self._see()
            if ran.outcome != "failed":
                return self._ended(ran, "verified" if ran.outcome == "passed" else "unverified", _summary(ran))
            looks.add(ran.findings)
            blamed = self._blamed(ran, looks.same)
            name = blamed[0].component or PROJECT
            first = ran.findings[0].message if ran.findings else "a scenario failed"
            # each of several who may be to blame gets its turn
            if looks.same > 2 * max(1, len(self._suspects(ran))) + 1 or looks.count > ROUNDS:
                return self._ended(ran, "no_fix", f"The whole does not work: {first}", "whole", name)
            try:
                for part in blamed:
                    findings = [finding for finding in ran.findings if self._concerns(finding, part)]
                    asked = self._crew.prepare(
                        self._site,
                        part,
                        findings=findings or ran.findings,
                        failure=self._output(ran, part),
                        new_strategy=looks.new_strategy,
                    )
                    await self._crew.ask(self._site, asked)
                if SCENARIOS in blamed:
                    # other scenarios have to fit the plan as the first ones had to
                    await agree(self._crew, self._site, self._proving.agreement, self._watch)
            except OutOfBudget as error:
                return self._ended(ran, "no_fix", f"{error.what} The whole does not work yet: {first}", "budget", name)
            except NothingToOffer as error:
                reason: Why = "budget" if isinstance(error, TooDear) else "whole"
                return self._ended(ran, "no_fix", f"{error.author}: {error.what}. {first}", reason, name)
            for component in dict.fromkeys(part.component for part in blamed if part.component):
                self._components[component] = healed = await self._healing.heal(component)
                if healed.delivered.outcome == "no_fix":
                    return self._ended(ran, "no_fix", healed.delivered.summary, healed.reason, component)

    async def _see(self) -> Ran:
        ran = await self._look()
        return await self._look() if ran.outcome == "passed" and await self._doubted(ran) else ran

    async def _doubted(self, ran: Ran) -> bool:
        """Whether whoever wrote the scenarios has others where only fixed text was seen of a requirement, who is asked once:
        that may be all that is required, and then they stay.
        """
        shown = {seen.requirement for seen in ran.scenarios if seen.proves}
        fixed = [seen for seen in ran.scenarios if seen.why_not == FIXED and seen.requirement not in shown]
        if not fixed or self._has_doubted:
            return False
        self._has_doubted = True
        before = self._site.scenarios
        findings = [_only_fixed(seen) for seen in fixed]
        try:
            await self._crew.ask(self._site, self._crew.prepare(self._site, SCENARIOS, findings=findings))
            if self._site.scenarios != before:
                await agree(self._crew, self._site, self._proving.agreement, self._watch)
        except (OutOfBudget, NothingToOffer, Stopped):
            # what was met stays met
            self._site.scenarios = before
        return self._site.scenarios != before

    async def _look(self) -> Ran:
        site = self._site
        scenarios = sha256("".join(scenario.model_dump_json() for scenario in site.scenarios))
        key = f"{site.plan.model_dump_json()}|{hash_files(site.files)}|{scenarios}"

        async def run() -> Ran:
            return await self._proving.running.whole(site.plan, site.files, site.scenarios)

        ran = await self._record.step(self._build_id, "the whole", key, run, Ran)
        self._watch(Noted(message=f"the whole: {_summary(ran)}"))
        return ran

    def _blamed(self, ran: Ran, same: int) -> list[Part]:
        """Who is asked this time: who wrote what is named; where only scenarios fail, one suspect after the other."""
        named = dict.fromkeys(part for finding in ran.findings if (part := self._named(finding)) is not None)
        if named:
            # what a job comes upon may be wrong where it calls
            return list(named | (dict.fromkeys(self._called_by(ran.findings)) if same > 1 else {}))
        suspects = self._suspects(ran)
        return [suspects[(same - 1) % len(suspects)]]

    def _called_by(self, findings: Sequence[Finding]) -> Iterator[Part]:
        """Whoever answers what is called by workers and jobs that something is wrong with."""
        paths = {finding.path for finding in findings}
        owners = {interface.name: interface.owner for interface in self._site.plan.interfaces}
        for component in in_background(self._site.plan):
            if folder_of(component) in paths:
                yield from (self._site.writer(owners[call]) for call in component.calls)

    def _named(self, finding: Finding) -> Part | None:
        if finding.rule in _VAIN:
            return SCENARIOS
        if finding.rule == "scenario" or not finding.path:
            return None
        owner = self._site.owner(finding.path)
        if owner in self._site.code:
            return owner
        return self._site.writer(owner.component) if owner.component else None

    def _suspects(self, ran: Ran) -> list[Part]:
        """The page first, for it is what is seen; then what answers it."""
        failed = {seen.name for seen in ran.scenarios if not seen.passed}
        scenarios = [each for each in self._site.scenarios if each.name in failed] or list(self._site.scenarios)
        found = dict.fromkeys(part for scenario in scenarios for part in self._of(scenario))
        order = ("page", "api", "worker", "job")
        every = sorted(self._site.plan.components, key=lambda component: order.index(component.kind))
        return list(found) or [self._site.writer(component.name) for component in every]

    def _of(self, scenario: Scenario) -> Iterator[Part]:
        components = self._site.plan.components
        owners = {interface.name: interface.owner for interface in self._site.plan.interfaces}
        if any(step.do not in {"call", "run"} for step in scenario.steps):
            yield from (self._site.writer(each.name) for each in components if each.kind == "page")
            yield from (self._site.writer(each.name) for each in components if each.kind == "api")
        for step in scenario.steps:
            if step.do == "call" and step.interface in owners:
                yield self._site.writer(owners[step.interface])
        behind = in_background(self._site.plan)
        yield from (self._site.writer(each.name) for each in behind if scenario.requirement in each.requirements)

    def _concerns(self, finding: Finding, part: Part) -> bool:
        return self._named(finding) in {None, part}

    def _output(self, ran: Ran, part: Part) -> str:
        seen = [f"scenario {each.name!r}, step {each.step}: {each.what}" for each in ran.scenarios if not each.passed]
        outputs = [f"{name}:\n{text}" for name, text in ran.outputs.items() if name == part.component and text]
        told = [finding.evidence for finding in ran.findings if finding.evidence and self._concerns(finding, part)]
        return "\n\n".join([*seen, *told[:10], *outputs])

    def _ended(self, ran: Ran, outcome: Built, summary: str, reason: Why | None = None, blamed: str = "") -> Together:
        delivered = Delivered(
            component=PROJECT,
            role="qa",
            outcome=outcome,
            summary=summary[:600],
            attempts=self._site.deliveries[SCENARIOS],
            findings=ran.findings[:20] if outcome == "no_fix" else (),
            proofs=tuple(
                Proof(name=name, held=True, detail=seen)
                for name, seen in (*ran.background.items(), *ran.stores.items())
            ),
            not_shown=ran.not_shown,
        )
        return Together(delivered, ran, self._components, reason, blamed)


def _only_fixed(seen: Seen) -> Finding:
    message = (
        f"{seen.requirement}, {seen.name!r} saw only {FIXED}. Let it look last for something that hangs on what it did, or on"
        f" data that it has made; where {seen.requirement} asks for a fixed text and nothing else, leave all scenarios as they are"
    )
    return Finding(check="running", rule="scenario/fixed", path="e2e/scenarios.json", message=message)


def _summary(ran: Ran) -> str:
    passed = sum(seen.passed for seen in ran.scenarios)
    first = f": {ran.findings[0].message}" if ran.findings else ""
    return f"{passed} of {len(ran.scenarios)} scenarios passed{first}"
