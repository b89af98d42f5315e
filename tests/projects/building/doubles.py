"""Who builds and what judges, in tests of a build: builders that say what they were given to say, and a ground that reads
marks in files in place of running them.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from pydantic import BaseModel

from agents.base import Allowance, Usage
from agents.building import Assignment, Delivery, Team
from agents.plans.commission import Commission, Proposal
from agents.plans.plan import Component, Plan, Role
from agents.plans.scenario import Scenario
from engine.domain import Budget, Finding
from engine.events import Event
from engine.projects.building.building import Building, Kept
from engine.projects.building.evidence import has_outside
from engine.projects.building.outcome import Project
from engine.projects.building.proving import Judged, Proving
from engine.projects.building.request import BuildRequest
from engine.projects.running.background import in_background
from engine.projects.running.outcome import Ran, Seen, Started
from engine.projects.running.scenarios import FIXED
from engine.projects.shipping.replayed import Replayed
from sandboxes.errors import SandboxUnavailable
from tests.projects.building.plans import CODE, GOOD, GOOD_CODE, GOOD_TESTS, GREETED, TESTS, plan

T = TypeVar("T", bound=BaseModel)
Reply = Delivery | Exception | Mapping[str, str]
PRICE = Usage(calls=1, input_tokens=70, output_tokens=30, usd=0.01)
"""Of every answer."""


async def until(seen: Callable[[], bool]) -> None:
    """Let others go on until it is so."""
    while not seen():  # noqa: ASYNC110 (what is waited for tells nobody)
        await asyncio.sleep(0)


def delivered(files: Mapping[str, str], *, scenarios: Sequence[Scenario] = (), usage: Usage = PRICE) -> Delivery:
    return Delivery(files=files, scenarios=tuple(scenarios), author="scripted", model="a script", usage=usage)


def code(text: str) -> dict[str, str]:
    """What the greeter's author delivers, with *text* at its heart."""
    return {**GOOD, CODE: text}


class Company:
    """A team by a script: replies by ``role:component``, of which the last one is said again and again."""

    def __init__(self, plans: Sequence[Plan | Exception | str] = (), **replies: Sequence[Reply]) -> None:
        self.name = "planner"
        self.asked: list[Assignment] = []
        self.commissions: list[Commission] = []
        self.at_once = 0
        self.most_at_once = 0
        self.held: asyncio.Event | None = None
        """Whoever is asked waits for it."""
        self.planning: asyncio.Event | None = None
        """Whoever plans waits for it."""
        self.spending: Callable[[Allowance], Usage] | None = None
        """What an answer costs, where it is not `PRICE`."""
        self._plans = plans or (plan(),)
        self._replies: dict[str, Sequence[Reply]] = {
            "qa:greeter": [{TESTS: GOOD_TESTS}],
            "qa": [delivered({}, scenarios=[GREETED])],
            "devops": [{}],
            "backend:greeter": [GOOD],
            **{name.replace("__", ":"): each for name, each in replies.items()},
        }

    @property
    def team(self) -> Team:
        return Team(architects=[self], builder=self.builder)

    async def plan(self, commission: Commission) -> Proposal:
        said = self._plans[min(len(self.commissions), len(self._plans) - 1)]
        self.commissions.append(commission)
        if self.planning is not None:
            await self.planning.wait()
        if isinstance(said, Exception):
            raise said
        if isinstance(said, str):
            return Proposal(plan=None, unusable=said, architect=self.name, usage=PRICE)
        usage = self.spending(commission.allowance) if self.spending else PRICE
        return Proposal(plan=said, architect=self.name, model="a script", usage=usage)

    def builder(self, role: Role, component: str) -> Clerk:
        return Clerk(self, f"{role}:{component}" if component else role)

    def told(self, part: str) -> list[Assignment]:
        """What *part* was asked, in order."""
        return [each for each in self.asked if part == (f"{each.role}:{each.component}".removesuffix(":"))]

    async def say(self, part: str, assignment: Assignment) -> Delivery:
        self.asked.append(assignment)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if self.held is not None:
                await self.held.wait()
            else:
                await asyncio.sleep(0)
        finally:
            self.at_once -= 1
        replies = self._replies[part]
        reply = replies[min(assignment.number, len(replies)) - 1]
        if isinstance(reply, Exception):
            raise reply
        answer = reply if isinstance(reply, Delivery) else delivered(reply)
        return answer.model_copy(update={"usage": self.spending(assignment.allowance)}) if self.spending else answer


class Clerk:
    """One `Builder` of a company."""

    def __init__(self, company: Company, part: str) -> None:
        self.name = "scripted"
        self._company = company
        self._part = part

    async def deliver(self, assignment: Assignment) -> Delivery:
        return await self._company.say(self._part, assignment)


class Marks:
    """A ground on which nothing runs: what stands in the files says how each thing ends."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.held: dict[str, asyncio.Event] = {}
        """What is to wait, by the name of the call."""
        self.reached = asyncio.Event()
        """Something that is held has been called."""

    @property
    def proving(self) -> Proving:
        return Proving(agreement=self, components=self, running=self, shipping=self)

    async def _called(self, name: str) -> None:
        self.calls[name] += 1
        if name in self.held:
            self.reached.set()
            await self.held[name].wait()

    def disagreements(self, plan: Plan, files: Mapping[str, str]) -> tuple[Finding, ...]:
        self.calls["disagreements"] += 1
        return tuple(
            Finding(check="contract", rule="python/import", path=path, line=1, message="it imports what there is not")
            for path, text in files.items()
            if "DISAGREES" in text
        )

    def scenario_faults(self, plan: Plan, scenarios: Sequence[Scenario]) -> tuple[str, ...]:
        shown = {scenario.requirement for scenario in scenarios}
        if not has_outside(plan):
            return ()
        return tuple(f"{each.id} has no scenario" for each in plan.requirements if each.id not in shown)

    def tests_of_requirements(self, files: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
        tests = tuple(f"{path}::test" for path, text in files.items() if "R1" in text and "/tests/" in path)
        return {"R1": tests}

    def completed(self, files: Mapping[str, str]) -> Mapping[str, str]:
        return files

    async def judge(self, component: Component, files: Mapping[str, str], tests: Mapping[str, str]) -> Judged:
        await self._called("judge")
        folder = f"services/{component.name}/"
        marked = {mark: path for path, text in {**files, **tests}.items() for mark in MARKS if mark in text}
        if "ENGINE GONE" in marked:
            raise SandboxUnavailable("docker", "the engine does not answer", hint="start it")
        if "IMPOSSIBLE" in marked:
            finding = Finding(check="tests", rule="conflict", message="two tests contradict each other")
            return Judged(outcome="red", summary="conflict", findings=(finding,), conflict=True)
        wrong = marked.get("WRONG") or marked.get("SLIP")
        if wrong:
            finding = Finding(
                check="tests", rule="AssertionError", path=folder + wrong, message="1 == 2", evidence="E 1 == 2"
            )
            return Judged(outcome="red", summary="1 test failed", findings=(finding,), failure="E 1 == 2")
        passed = tuple(f"{folder}{path}::test" for path in tests)
        if "UNPROVEN" in marked:
            finding = Finding(check="proof", rule="changed lines ran", message="not shown: no changed line ran")
            return Judged(outcome="unverified", summary="a proof is missing", findings=(finding,), tests=passed)
        return Judged(outcome="verified", summary="1 of 1 tests passed", tests=passed, run_id="a run")

    async def mend(
        self, component: Component, files: Mapping[str, str], tests: Mapping[str, str], *, seconds: float
    ) -> Mapping[str, str] | None:
        await self._called("mend")
        mended = {path: text.replace("SLIP", "") for path, text in files.items()}
        return mended if mended != files else None

    async def answers(self, plan: Plan, component: str, files: Mapping[str, str]) -> Started:
        await self._called("answers")
        own = {path: text for path, text in files.items() if path.startswith(f"services/{component}/")}
        silent = next((path for path, text in own.items() if "SILENT" in text), None)
        if silent:
            finding = Finding(check="running", rule="start/silent", path=silent, message="it never listens")
            return Started(component=component, outcome="failed", findings=(finding,), output="nothing")
        if any("UNSTARTED" in text for text in own.values()):
            return Started(component=component, outcome="unverified", not_shown=("Whether it starts.",))
        return Started(component=component, outcome="passed")

    async def whole(self, plan: Plan, files: Mapping[str, str], scenarios: Sequence[Scenario]) -> Ran:
        await self._called("whole")
        pictures = {"pictures/web.png": b"\x89PNG\xff"}
        if any("UNRUN" in text for text in files.values()):
            return Ran(outcome="unverified", not_shown=("The browser is not there.",))
        failing = next((path for path, text in files.items() if "UNWHOLE" in text), None)
        deaf = next((path for path, text in files.items() if "DEAF" in text), None)
        console = next((path for path, text in files.items() if "CONSOLE" in text), None)
        marks = "".join(files.values())
        vain = any(scenario.name.startswith("Vain") for scenario in scenarios)
        findings: list[Finding] = []
        if failing:
            findings.append(Finding(check="running", rule="scenario", message="step 1 was not met"))
        if deaf:
            dead = (f"services/{each.name}" for each in in_background(plan))
            findings += [Finding(check="running", rule="worker/ended", path=path, message="500") for path in dead]
        if console:
            findings.append(Finding(check="running", rule="page/console", path=console, message="an error"))
        if vain:
            findings.append(Finding(check="running", rule="scenario/vacuous", message="it passes on an empty stand-in"))
        seen = tuple(
            Seen(
                name=each.name,
                requirement=each.requirement,
                passed=not failing,
                step=1 if failing else 0,
                what="404" if failing else "",
                proves=not findings and not each.name.startswith(("Weak", "Fixed")),
                why_not=_WHY_NOT.get(each.name.partition(" ")[0], ""),
            )
            for each in scenarios
        )
        return Ran(
            outcome="failed" if findings else "passed",
            findings=tuple(findings),
            scenarios=seen,
            pictures=pictures,
            outputs={"greeter": "it said this"},
            background={each.name: "run twice" for each in in_background(plan) if f"IDLE {each.name}" not in marks},
        )

    def faults(self, plan: Plan, files: Mapping[str, str]) -> tuple[Finding, ...]:
        self.calls["faults"] += 1
        return tuple(
            Finding(check="shipping", rule="compose/schema", path=path, line=2, message="no such key")
            for path, text in files.items()
            if "BADFILE" in text
        )

    async def replay(self, plan: Plan, component: str, files: Mapping[str, str]) -> Replayed:
        await self._called("replay")
        path = f"services/{component}/Dockerfile"
        if "NOBUILD" in files[path]:
            finding = Finding(
                check="replay", rule="run", path=path, line=3, message="RUN ended with 1", evidence="boom"
            )
            return Replayed(component=component, outcome="failed", findings=(finding,))
        if "NOBASE" in files[path]:
            return Replayed(component=component, outcome="unverified", not_shown=("apt-get is not there",))
        return Replayed(component=component, outcome="replayed", shown=("RUN ended with 0",))


_WHY_NOT = {"Weak": "it is green whatever is expected", "Fixed": FIXED}
"""By the first word of a scenario's name."""
MARKS = ("WRONG", "SLIP", "IMPOSSIBLE", "UNPROVEN", "ENGINE GONE")


class Notes:
    """A `Record` in memory, which gives back what was written down in the journal's form."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str, str], object] = {}
        self.kinds: Counter[str] = Counter()
        """What had to be done, as it was not recorded."""

    async def step(self, run_id: str, kind: str, inputs: str, effect: Callable[[], Awaitable[T]], model: type[T]) -> T:
        key = (run_id, kind, inputs)
        if key not in self.kept:
            result = await effect()
            self.kinds[kind] += 1
            self.kept[key] = result.model_dump(mode="json")
        return model.model_validate(self.kept[key])


class Site:
    """A whole building site: company, ground and notes, and what was told."""

    def __init__(
        self,
        company: Company | None = None,
        *,
        notes: Notes | None = None,
        agents: int = 4,
        require: Sequence[str] = (),
        **budget: float,
    ) -> None:
        self.company = company or Company()
        self.ground = Marks()
        self.notes = notes or Notes()
        self.events: list[Event] = []
        self._agents = agents
        self._require = tuple(require)
        self._budget = Budget.model_validate({"attempts": 60, "seconds": 600.0, **budget})

    async def build(self) -> Project:
        building = Building(
            BuildRequest(description="A greeter.", require=self._require, budget=self._budget),
            self.company.team,
            self.ground.proving,
            Kept(self.notes, "b"),
            agents=self._agents,
            packages=("react",),
            watch=self.events.append,
        )
        return await building.build()


def good_code(note: str = "") -> dict[str, str]:
    return code(f"{GOOD_CODE}# {note}\n" if note else GOOD_CODE)
