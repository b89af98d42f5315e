"""Those who plan and build, as a build asks them: within its budget, each answer written down before it is used."""

from __future__ import annotations

from collections.abc import Sequence

from agents.base import Allowance, Usage
from agents.building import Assignment, Delivery, Team
from agents.errors import NothingToOffer, TooDear
from agents.plans.commission import Architect, Commission, Proposal
from engine.briefing import FAILURE_LIMIT, cut
from engine.domain import Finding
from engine.events import AuthorAsked, Noted, Watcher
from engine.healing import Record
from engine.projects.building.ending import Stopped, next_step
from engine.projects.building.outcome import Why
from engine.projects.building.purse import Purse
from engine.projects.building.site import SCENARIOS, Part, Site
from engine.projects.building.together import all_of
from engine.redaction import redact

MOST_FINDINGS = 60
_MOST_LINE = 900


class Crew:
    """*team* at work on the build *build_id*, whose *record* keeps every answer."""

    def __init__(
        self,
        team: Team,
        purse: Purse,
        record: Record,
        *,
        build_id: str,
        description: str,
        packages: tuple[str, ...],
        watch: Watcher,
    ) -> None:
        self.purse = purse
        self._team = team
        self._record = record
        self._build_id = build_id
        self._description = description
        self._packages = packages
        self._watch = watch
        self._pending: dict[Part, tuple[Finding, ...]] = {}
        """What of a delivery was refused, to be told when its author is asked again."""

    @property
    def architects(self) -> Sequence[Architect]:
        """The team's, each of whom is asked through this crew."""
        return [_Recorded(architect, self) for architect in self._team.architects]

    def prepare(
        self,
        site: Site,
        part: Part,
        *,
        findings: Sequence[Finding] = (),
        failure: str = "",
        new_strategy: bool = False,
        note: str = "",
    ) -> Assignment:
        """What *part* is to write next, or to mend by *findings* and *failure*; *note* comes first among the findings.

        Those who are asked side by side have to be prepared before any of them answers: what one is told must not hang on
        how fast another is, or a build that goes on would ask other things.
        """
        site.deliveries[part] += 1
        told = [*self._pending.pop(part, ()), *findings]
        lines = [line for line in (note, *map(_told, told)) if line]
        sees_scenarios = part == SCENARIOS or part.role in {"backend", "frontend"}
        return Assignment(
            role=part.role,
            number=site.deliveries[part],
            component=part.component,
            description=self._description,
            plan=site.plan,
            writable=site.writable(part),
            files=site.of(part),
            readable=site.readable(part),
            packages=self._packages_of(site, part),
            scenarios=site.scenarios if sees_scenarios else (),
            findings=tuple(redact(line) for line in lines[:MOST_FINDINGS]),
            failure=redact(cut(failure, FAILURE_LIMIT)),
            new_strategy=new_strategy,
        )

    async def ask(self, site: Site, assignment: Assignment) -> None:
        """Have *assignment* done; what came back is in *site* then.

        Raises:
            OutOfBudget: Nobody may be asked any more.
            AuthorError: There is no delivery; see `agents.building.Builder.deliver`.
        """
        part = Part(assignment.role, assignment.component)
        delivery = await self._deliver(assignment, part)
        self._tell_passed_on(str(part), delivery.author, delivery.passed_on)
        refused = site.take(part, delivery)
        if delivery.unusable:
            unusable = f"the reply could not be used: {delivery.unusable}"
            refused = (Finding(check="shape", rule="unusable", message=unusable[:_MOST_LINE]), *refused)
        if refused:
            self._pending[part] = refused
        for finding in refused[:5]:
            self._watch(Noted(message=f"{part}: {finding.message}"))

    async def ask_all(
        self, site: Site, assignments: Sequence[Assignment], *, reason: Why = "no_progress", wrong: str = ""
    ) -> None:
        """The same for several side by side, who share what is left of the budget.

        Raises:
            Stopped: One of them has nothing to offer, for *reason*; *wrong* is what it was asked for.
            OutOfBudget, AuthorError: As `ask` does.
        """

        async def ask(assignment: Assignment) -> None:
            try:
                await self.ask(site, assignment)
            except NothingToOffer as error:
                part = Part(assignment.role, assignment.component)
                why: Why = "budget" if isinstance(error, TooDear) else reason
                first = assignment.findings[0] if assignment.findings else ""
                said = f"{part}: {error.what}. {wrong} {first}"
                raise Stopped(why, part.where, said.strip()[:900], next_step=next_step(why, part.where)) from error

        with self.purse.shared_by(len(assignments)):
            await all_of(ask(each) for each in assignments)

    async def _deliver(self, assignment: Assignment, part: Part) -> Delivery:
        builder = self._team.builder(part.role, part.component)
        # what is left of the budget must not make a resumed build ask anew for what it has
        key = assignment.model_dump_json(exclude={"allowance"})

        async def asked(allowance: Allowance) -> Delivery:
            self._watch(AuthorAsked(number=self.purse.attempts, author=f"{part} by {builder.name}"))
            told = assignment.model_copy(update={"allowance": allowance})
            kind = f"delivery of {part}"
            return await self._record.step(self._build_id, kind, key, lambda: builder.deliver(told), Delivery)

        return await self.purse.pay(asked, _cost_of_delivery)

    async def plan(self, architect: Architect, commission: Commission) -> Proposal:
        """What *architect* answers; raises as `ask` does."""
        key = commission.model_dump_json(exclude={"allowance"})

        async def asked(allowance: Allowance) -> Proposal:
            self._watch(AuthorAsked(number=self.purse.attempts, author=f"architect by {architect.name}"))
            told = commission.model_copy(update={"allowance": allowance})
            kind = f"plan by {architect.name}"[:64]
            return await self._record.step(self._build_id, kind, key, lambda: architect.plan(told), Proposal)

        proposal = await self.purse.pay(asked, _cost_of_proposal)
        self._tell_passed_on("architect", proposal.architect, proposal.passed_on)
        return proposal

    def _tell_passed_on(self, part: str, author: str, before: Sequence[str]) -> None:
        if before:
            self._watch(Noted(message=redact(f"{part}: {author} was asked instead of {'; '.join(before)}"[:900])))

    def _packages_of(self, site: Site, part: Part) -> tuple[str, ...]:
        if not part.component or site.component(part.component).running.runtime == "python":
            return ()
        return self._packages


class _Recorded:
    """One architect of a crew."""

    def __init__(self, architect: Architect, crew: Crew) -> None:
        self.name = architect.name
        self._architect = architect
        self._crew = crew

    async def plan(self, commission: Commission) -> Proposal:
        return await self._crew.plan(self._architect, commission)


def _cost_of_delivery(delivery: Delivery) -> Usage:
    return delivery.usage


def _cost_of_proposal(proposal: Proposal) -> Usage:
    return proposal.usage


def _told(finding: Finding) -> str:
    place = f"{finding.path}:{finding.line or ''}: ".replace(":: ", ": ") if finding.path else ""
    rule = f"{finding.check}/{finding.rule}" if finding.rule else finding.check
    return cut(f"[{rule}] {place}{finding.message}", _MOST_LINE)
