"""The files by which a project is shipped: read, replayed in boxes, and mended by whoever writes them."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from agents.errors import NothingToOffer, TooDear
from engine.domain import Finding, hash_files
from engine.events import Noted, Watcher
from engine.healing import Record
from engine.projects.building.crew import Crew
from engine.projects.building.outcome import Delivered, Why
from engine.projects.building.proving import Proving
from engine.projects.building.purse import OutOfBudget
from engine.projects.building.repeating import Looks
from engine.projects.building.site import DEPLOYMENT, Site
from engine.projects.building.together import together
from engine.projects.contract import dockerfile_of
from engine.projects.shipping.replayed import Replayed

ROUNDS = 8
PART = "deployment"


class Shipped(NamedTuple):
    delivered: Delivered
    not_run: tuple[str, ...] = ()
    reason: Why | None = None


class Dispatch:
    """The deployment files of one site."""

    def __init__(
        self, crew: Crew, site: Site, proving: Proving, record: Record, *, build_id: str, watch: Watcher
    ) -> None:
        self._crew = crew
        self._site = site
        self._proving = proving
        self._record = record
        self._build_id = build_id
        self._watch = watch

    async def heal(self) -> Shipped:
        """Have the deployment files mended until nothing is wrong with them.

        Raises:
            Refused, ProviderUnavailable, SandboxError: As `Healing.heal`.
        """
        looks = Looks()
        while True:
            findings, replays = await self._look()
            if not findings:
                return self._shipped(replays)
            looks.add(findings)
            place = f"{findings[0].path}: " if findings[0].path else ""
            first = f"{place}{findings[0].message}"
            self._watch(Noted(message=f"deployment: {first}"))
            if looks.stalled or looks.count > ROUNDS:
                return self._no_fix(findings, f"The deployment files do not hold: {first}", "deployment")
            try:
                evidence = "\n\n".join(finding.evidence for finding in findings if finding.evidence)
                asked = self._crew.prepare(
                    self._site, DEPLOYMENT, findings=findings, failure=evidence, new_strategy=looks.new_strategy
                )
                await self._crew.ask(self._site, asked)
            except OutOfBudget as error:
                return self._no_fix(findings, f"{error.what} {first}", "budget")
            except NothingToOffer as error:
                reason: Why = "budget" if isinstance(error, TooDear) else "deployment"
                return self._no_fix(findings, f"{error.author}: {error.what}. {first}", reason)

    async def _look(self) -> tuple[tuple[Finding, ...], list[Replayed]]:
        site = self._site
        findings = await asyncio.to_thread(self._proving.shipping.faults, site.plan, site.files)
        if findings:
            return findings, []
        names = [each.name for each in site.plan.components if dockerfile_of(each.name) in site.files]
        replays = await together(self._replay(name) for name in names)
        return tuple(f for replayed in replays if replayed.outcome == "failed" for f in replayed.findings), replays

    async def _replay(self, name: str) -> Replayed:
        site = self._site
        folder = f"services/{name}/"
        own = {path: text for path, text in site.files.items() if path.startswith(folder)}
        key = f"{site.plan.model_dump_json()}|{name}|{hash_files(own)}"

        async def replay() -> Replayed:
            return await self._proving.shipping.replay(site.plan, name, site.files)

        replayed = await self._record.step(self._build_id, f"replay of {name}", key, replay, Replayed)
        self._watch(Noted(message=f"deployment: Dockerfile of {name}, {replayed.outcome}"))
        return replayed

    def _shipped(self, replays: list[Replayed]) -> Shipped:
        not_run = tuple(
            f"the Dockerfile of {each.component}: {'; '.join(each.not_shown)}"
            for each in replays
            if each.outcome == "unverified"
        )
        told = dict.fromkeys(line for each in replays for line in each.not_shown)
        done = sum(each.outcome == "replayed" for each in replays)
        delivered = Delivered(
            component=PART,
            role="devops",
            outcome="unverified" if not_run else "verified",
            summary=f"The deployment files hold to their schemas; {done} of {len(replays)} Dockerfiles were replayed.",
            attempts=self._site.deliveries[DEPLOYMENT],
            not_shown=tuple(told),
        )
        return Shipped(delivered, not_run)

    def _no_fix(self, findings: tuple[Finding, ...], summary: str, reason: Why) -> Shipped:
        delivered = Delivered(
            component=PART,
            role="devops",
            outcome="no_fix",
            summary=summary[:600],
            attempts=self._site.deliveries[DEPLOYMENT],
            findings=findings[:20],
        )
        return Shipped(delivered, reason=reason)
