"""One component by itself: judged, mended by whoever wrote it, judged again, until it is verified and answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from agents.errors import NothingToOffer, TooDear
from engine.domain import Finding, Value, hash_files
from engine.events import Noted, Watcher
from engine.healing import Record
from engine.projects.building.crew import Crew
from engine.projects.building.outcome import Built, Delivered, Why
from engine.projects.building.proving import Judged, Proving
from engine.projects.building.purse import OutOfBudget
from engine.projects.building.repeating import Looks
from engine.projects.building.site import Part, Site
from engine.projects.running.background import runs_alone
from engine.projects.running.outcome import Started

ROUNDS = 16
"""Looks at one component, at most, each time that it is healed."""
_MEND_SHARE = 0.05
"""Part of what is left of the time that the author without a model may search for, once for each component."""
_MOST_MEND = 30.0
_CONTESTED = (
    "stalled: these tests fail in the same way whatever the code is, or cannot be passed at all. By the plan alone, say"
    " whether they are right. Change only what contradicts the plan; where nothing does, deliver no file"
)
"""What whoever wrote the tests is asked, once."""


class Healed(NamedTuple):
    """How a component ended, and why where it is no good."""

    delivered: Delivered
    reason: Why | None = None
    not_run: str = ""
    """What of it could not be run, and why."""


class _Found(Value):
    """What a search has changed, by path from the component's folder."""

    files: Mapping[str, str]


class _Seen(NamedTuple):
    """One look at a component."""

    judged: Judged
    started: Started | None = None
    judged_in_box: bool = True

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.judged.findings if self.started is None else self.started.findings

    @property
    def failure(self) -> str:
        return self.judged.failure if self.started is None else self.started.output

    @property
    def good(self) -> bool:
        return self.judged.outcome == "verified" and (self.started is None or self.started.outcome == "passed")


class Healing:
    """Heals the components of one *site*; what it has asked once, it does not ask again for another healing."""

    def __init__(
        self, crew: Crew, site: Site, proving: Proving, record: Record, *, build_id: str, watch: Watcher
    ) -> None:
        self._crew = crew
        self._site = site
        self._proving = proving
        self._record = record
        self._build_id = build_id
        self._watch = watch
        self._contested: set[str] = set()
        """Components whose tests were put into question."""
        self._searched: set[str] = set()
        """Components that the author without a model has tried."""

    async def heal(self, name: str) -> Healed:
        """Have the component *name* mended until it is verified and answers, or somebody says that it is not to be.

        Raises:
            Refused, ProviderUnavailable: As an author raised it.
            SandboxError: The machinery failed.
        """
        looks = Looks()
        while True:
            seen = await self._look(name)
            if seen.good:
                return Healed(self._delivered(name, seen, "verified"))
            if seen.started is not None and seen.started.outcome == "unverified":
                why = "; ".join(seen.started.not_shown) or "it could not be started here"
                return Healed(self._delivered(name, seen, "unverified"), not_run=f"{name} by itself: {why}")
            looks.add(seen.findings, seen.failure)
            try:
                given_up = await self._mend(name, seen, looks)
            except OutOfBudget as error:
                return self._given_up(name, seen, "budget", error.what)
            except NothingToOffer as error:
                reason: Why = "budget" if isinstance(error, TooDear) else "component"
                return self._given_up(name, seen, reason, f"{error.author}: {error.what}.")
            if given_up:
                return self._given_up(name, seen, "component")

    async def _mend(self, name: str, seen: _Seen, looks: Looks) -> bool:
        """Have somebody mend it, or its tests where these are doubtful; whether nobody is left to be asked.

        Raises:
            NothingToOffer: Whoever wrote it has no further idea, and whoever wrote its tests stays by them.
        """
        if seen.judged.conflict or looks.stalled or looks.count > ROUNDS:
            changed = await self._contest(name, seen)
        elif await self._search(name, seen):
            return False
        else:
            try:
                await self._ask(name, seen, looks)
            except TooDear:
                raise
            except NothingToOffer:
                changed = await self._contest(name, seen)
                if not changed:
                    raise
            else:
                return False
        looks.begin_anew()
        return not changed

    async def _look(self, name: str) -> _Seen:
        component, site = self._site.component(name), self._site
        code, tests = site.code_of(name), site.tests_of(name)
        disagreeing = self._disagreements(name)
        if disagreeing:
            return _Seen(disagreeing, judged_in_box=False)
        key = f"{component.model_dump_json()}|{hash_files(code)}|{hash_files(tests)}"

        async def judge() -> Judged:
            return await self._proving.components.judge(component, code, tests)

        judged = await self._record.step(self._build_id, f"verdict on {name}", key, judge, Judged)
        self._watch(Noted(message=f"{name}: {judged.summary}"))
        if judged.outcome != "verified" or not runs_alone(site.plan, component):
            return _Seen(judged)
        key = f"{site.plan.model_dump_json()}|{name}|{hash_files(code)}"

        async def start() -> Started:
            # as they are now: others deliver theirs meanwhile
            return await self._proving.running.answers(site.plan, name, dict(site.files))

        started = await self._record.step(self._build_id, f"start of {name}", key, start, Started)
        first = started.findings[0].message if started.findings else ""
        what = "built" if component.kind == "page" else "started alone"
        self._watch(Noted(message=f"{name}: {what}, {started.outcome} {first}".strip()))
        return _Seen(judged, started)

    def _disagreements(self, name: str) -> Judged | None:
        """What was mended has to fit the plan as well as what was delivered first, before any box is opened for it."""
        folder, tests = f"services/{name}/", Part("qa", name)
        told = self._proving.agreement.disagreements(self._site.plan, self._site.files)
        findings = tuple(
            each for each in told if each.path and each.path.startswith(folder) and self._site.owner(each.path) != tests
        )
        if not findings:
            return None
        place = f"{findings[0].path}: {findings[0].message}"
        return Judged(outcome="red", summary=f"It does not fit the plan: {place}"[:600], findings=findings)

    async def _search(self, name: str, seen: _Seen) -> bool:
        """Whether the author without a model has mended it: that costs nothing but time, and is tried once."""
        component = self._site.component(name)
        if name in self._searched or seen.started is not None or seen.judged.outcome != "red":
            return False
        if component.running.runtime != "python" or not seen.judged_in_box:
            return False
        self._searched.add(name)
        code, tests = self._site.code_of(name), self._site.tests_of(name)
        seconds = min(_MOST_MEND, _MEND_SHARE * self._crew.purse.seconds_left)

        async def search() -> _Found:
            found = await self._proving.components.mend(component, code, tests, seconds=seconds)
            return _Found(files={path: text for path, text in (found or {}).items() if code.get(path, text) != text})

        key = f"{hash_files(code)}|{hash_files(tests)}"
        found = await self._record.step(self._build_id, f"search for {name}", key, search, _Found)
        for path, text in found.files.items():
            self._site.files[f"services/{name}/{path}"] = text
        if found.files:
            self._watch(Noted(message=f"{name}: mended by the search, without a model"))
        return bool(found.files)

    async def _ask(self, name: str, seen: _Seen, looks: Looks) -> None:
        """Have whoever wrote what is wrong mend it."""
        by_part: dict[Part, list[Finding]] = {}
        for finding in seen.findings:
            by_part.setdefault(self._who(name, finding), []).append(finding)
        for part, findings in (by_part or {self._site.writer(name): []}).items():
            asked = self._crew.prepare(
                self._site, part, findings=findings, failure=seen.failure, new_strategy=looks.new_strategy
            )
            await self._crew.ask(self._site, asked)

    def _who(self, name: str, finding: Finding) -> Part:
        """Whoever wrote the code that is named; a frozen test that is red is for the code to pass."""
        owner = self._site.owner(finding.path) if finding.path else None
        return owner if owner in self._site.code and owner.component == name else self._site.writer(name)

    async def _contest(self, name: str, seen: _Seen) -> bool:
        """Whether whoever wrote the tests has changed them, who is asked once, and shown no code. Where not the tests are
        red, but its start or the contract, nobody is asked.
        """
        tests = Part("qa", name)
        if name in self._contested or seen.judged.outcome == "verified" or not seen.judged_in_box:
            return False
        self._contested.add(name)
        before = self._site.of(tests)
        asked = self._crew.prepare(self._site, tests, findings=_without_code(seen.findings), note=_CONTESTED)
        await self._crew.ask(self._site, asked)
        changed = self._site.of(tests) != before
        what = "were changed by their author, and are judged anew" if changed else "stay, as their author says"
        self._watch(Noted(message=f"{name}: the frozen tests {what}"))
        return changed

    def _given_up(self, name: str, seen: _Seen, reason: Why, why: str = "") -> Healed:
        if seen.judged.outcome == "unverified":
            return Healed(self._delivered(name, seen, "unverified"))
        summary = why or "No delivery came any further."
        return Healed(self._delivered(name, seen, "no_fix", summary), reason)

    def _delivered(self, name: str, seen: _Seen, outcome: Built, why: str = "") -> Delivered:
        judged, started, component = seen.judged, seen.started, self._site.component(name)
        first = seen.findings[0].message if seen.findings else ""
        summary = f"{why} {first if started is not None and started.outcome == 'failed' else judged.summary}"
        parts = (*self._site.code, *self._site.tests)
        # what a page is like in a browser is seen with the whole
        beside = started.not_shown if started is not None and component.kind != "page" else ()
        return Delivered(
            component=name,
            role=component.role,
            outcome=outcome,
            summary=summary.strip()[:600],
            attempts=sum(self._site.deliveries[part] for part in parts if part.component == name),
            findings=seen.findings[:20] if outcome == "no_fix" else (),
            proofs=judged.proofs,
            not_shown=(*judged.not_shown, *beside),
            tests=judged.tests,
            run_id=judged.run_id,
        )


def _without_code(findings: Sequence[Finding]) -> list[Finding]:
    return [finding.model_copy(update={"evidence": ""}) for finding in findings[:20]]
