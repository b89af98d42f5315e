"""One build, from a description to a project that has run, or to a sentence that says where it ended and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from agents.base import Usage
from agents.building import Team
from agents.errors import AuthorError
from agents.plans.plan import Plan
from engine.clock import RunClock
from engine.errors import NoPlan
from engine.events import Noted, Watcher, nobody
from engine.healing import Record
from engine.projects.building.agreeing import agree
from engine.projects.building.crew import Crew
from engine.projects.building.ending import Stopped, end_of, first_that_failed, next_step
from engine.projects.building.evidence import evidence_of, has_outside
from engine.projects.building.healing import Healed, Healing
from engine.projects.building.outcome import Built, Delivered, Project, Why
from engine.projects.building.planning import Planned, make_plan
from engine.projects.building.proving import Proving
from engine.projects.building.purse import OutOfBudget, Purse
from engine.projects.building.request import BuildRequest
from engine.projects.building.shipping import Dispatch, Shipped
from engine.projects.building.site import DEPLOYMENT, SCENARIOS, Part, Site
from engine.projects.building.together import together
from engine.projects.building.whole import Together, Whole
from engine.projects.deploying.files import deployment_files
from engine.projects.running.outcome import Ran
from engine.redaction import redact
from sandboxes.errors import SandboxError


class Kept(NamedTuple):
    """Where a build is written down: the *record* keeps every effect under *id*."""

    record: Record
    id: str


class Building:
    """Builds what *request* asks for with *team*, of whom at most *agents* are asked at a time.

    *proving* tells what the files are worth. *packages* are those of Node.js that its boxes have. Everything that costs
    something is *kept*, and taken from there by whoever goes on with the same build.
    """

    def __init__(
        self,
        request: BuildRequest,
        team: Team,
        proving: Proving,
        kept: Kept,
        *,
        agents: int,
        packages: tuple[str, ...] = (),
        watch: Watcher = nobody,
        clock: RunClock | None = None,
    ) -> None:
        self._request = request
        self._proving = proving
        self._kept = kept
        self._packages = packages
        self._watch = watch
        self._clock = clock or RunClock()
        self._crew = Crew(
            team,
            Purse(request.budget, agents=agents, clock=self._clock),
            kept.record,
            build_id=kept.id,
            description=request.description,
            packages=packages,
            watch=watch,
        )
        self._planned: Planned | None = None
        self._site: Site | None = None
        self._components: dict[str, Healed] = {}
        self._whole: Together | None = None
        self._shipped: Shipped | None = None

    @property
    def usage(self) -> Usage:
        """What was spent until now."""
        return self._crew.purse.usage

    async def build(self) -> Project:
        """The project, ended one way or another. A cancelled call raises, and leaves nothing behind.

        Raises:
            JournalUnavailable: It could not be written down.
        """
        try:
            async with self._clock.at_most(self._request.budget.seconds):
                return await self._build()
        except (Stopped, NoPlan, OutOfBudget, TimeoutError, AuthorError, SandboxError) as error:
            end = end_of(error, self._request.budget)
            return self._ended(end.outcome, end.summary, end.next_step, end.reason, end.component)

    async def _build(self) -> Project:
        request = self._request
        self._watch(Noted(message="plan: asked for"))
        planned = self._planned = await make_plan(self._crew, request.commission(self._packages))
        plan = planned.plan
        names = ", ".join(component.name for component in plan.components)
        self._watch(Noted(message=f"plan: {len(plan.requirements)} requirements, {names}"))
        site = self._site = Site(plan, deployment_files(plan, request.cloud))
        await self._deliver(site)
        await agree(self._crew, site, self._proving.agreement, self._watch)
        healing = Healing(self._crew, site, self._proving, self._kept.record, build_id=self._kept.id, watch=self._watch)
        await self._heal(site, healing)
        if failed := first_that_failed(self._parts()):
            reason = self._components[failed.component].reason or "component"
            return self._no_fix(failed, reason, failed.component)
        whole = self._whole = await Whole(
            self._crew, site, self._proving, healing, self._kept.record, build_id=self._kept.id, watch=self._watch
        ).heal()
        self._components |= whole.components
        if whole.delivered.outcome == "no_fix":
            return self._no_fix(whole.delivered, whole.reason or "whole", whole.blamed)
        dispatch = Dispatch(
            self._crew, site, self._proving, self._kept.record, build_id=self._kept.id, watch=self._watch
        )
        shipped = self._shipped = await dispatch.heal()
        if shipped.delivered.outcome == "no_fix":
            return self._no_fix(shipped.delivered, shipped.reason or "deployment", shipped.delivered.component)
        return self._concluded()

    async def _deliver(self, site: Site) -> None:
        """Tests, scenarios and deployment first, from the plan alone; then the code, whose authors see its tests."""
        scenarios = (SCENARIOS,) if has_outside(site.plan) else ()
        for parts in ((*site.tests, *scenarios, DEPLOYMENT), site.code):
            asked: tuple[Part, ...] = tuple(dict.fromkeys(parts))
            self._watch(Noted(message=f"delivering: {', '.join(map(str, asked))}"))
            await self._crew.ask_all(site, [self._crew.prepare(site, part) for part in asked])

    async def _heal(self, site: Site, healing: Healing) -> None:
        names = [component.name for component in site.plan.components]

        async def heal(name: str) -> None:
            self._components[name] = await healing.heal(name)

        with self._crew.purse.shared_by(len(names)):
            await together(heal(name) for name in names)

    def _parts(self) -> tuple[Delivered, ...]:
        plan = self._plan
        order = [component.name for component in plan.components] if plan else []
        return (
            *(self._components[name].delivered for name in order if name in self._components),
            *([self._whole.delivered] if self._whole else []),
            *([self._shipped.delivered] if self._shipped else []),
        )

    @property
    def _plan(self) -> Plan | None:
        return self._site.plan if self._site else None

    @property
    def _ran(self) -> Ran | None:
        return self._whole.ran if self._whole else None

    def _no_fix(self, failed: Delivered, reason: Why, component: str) -> Project:
        summary = f"{failed.component}: {failed.summary}"
        return self._ended("no_fix", summary, next_step(reason, component), reason, component)

    def _concluded(self) -> Project:
        """Everything there was to run has been, or is named."""
        project = self._ended("verified", "", "There is nothing to do: read it, and run it.")
        unshown = [f"{each.requirement}: {each.missing}" for each in project.evidence if each.missing]
        doubtful = [f"{part.component}: {part.summary}" for part in project.parts if part.outcome != "verified"]
        lacking = [*doubtful, *project.not_run, *unshown]
        if not lacking:
            count = len(project.evidence)
            kinds = sum(len(each.scenarios) for each in project.evidence)
            told = f"{count} of {count} requirements are shown, by {kinds} scenarios and {self._test_count()} tests."
            return project.model_copy(update={"summary": told})
        summary = f"All that was run is right, and this is not shown: {'; '.join(dict.fromkeys(lacking))}"
        further = "Read what is not shown, and try that by hand."
        return project.model_copy(
            update={"outcome": "unverified", "summary": summary[:1_500], "next_step": further, "reason": None}
        )

    def _test_count(self) -> int:
        return sum(len(part.tests) for part in self._parts())

    def _ended(
        self, outcome: Built, summary: str, further: str, reason: Why | None = None, component: str = ""
    ) -> Project:
        site, ran, parts = self._site, self._ran, self._parts()
        named: Mapping[str, tuple[str, ...]] = {}
        if site is not None and self._components:
            named = self._proving.agreement.tests_of_requirements(site.files)
        return Project(
            id=self._kept.id,
            description=self._request.description,
            outcome=outcome,
            reason=reason,
            component=component,
            summary=redact(summary),
            next_step=redact(further),
            plan=site.plan if site else None,
            architect=self._planned.architect if self._planned else "",
            model=self._planned.model if self._planned else None,
            scale=self._request.scale,
            cloud=self._request.cloud,
            files=dict(sorted(site.files.items())) if site else {},
            pictures=ran.pictures if ran else {},
            scenarios=site.scenarios if site else (),
            parts=parts,
            evidence=evidence_of(site.plan, parts, named, ran) if site else (),
            not_run=self._not_run(ran),
            usage=self._crew.purse.usage,
            seconds=self._clock.seconds,
            budget=self._request.budget,
        )

    def _not_run(self, ran: Ran | None) -> tuple[str, ...]:
        told = [healed.not_run for healed in self._components.values() if healed.not_run]
        if self._site is not None and ran is None:
            told.append("the whole: it was not started in one box")
        if ran is not None and ran.outcome == "unverified":
            told += [f"the whole: {line}" for line in ran.not_shown]
        if self._site is not None and self._shipped is None:
            told.append("the deployment files: they were not checked, and no Dockerfile was replayed")
        return (*told, *(self._shipped.not_run if self._shipped else ()))
