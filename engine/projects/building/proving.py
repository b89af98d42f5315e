"""Whoever tells a build what its files are worth: each component alone, the whole, and how it is shipped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, Protocol

from agents.plans.plan import Component, Plan
from agents.plans.scenario import Scenario
from engine.domain import Finding, Proof, Value
from engine.projects.running.outcome import Ran, Started
from engine.projects.shipping.replayed import Replayed


class Judged(Value):
    """What the judge says of one component against its frozen tests. Paths are those of the project."""

    outcome: Literal["verified", "unverified", "red"]
    """`unverified`: all is green, and a proof is missing."""
    summary: str
    findings: tuple[Finding, ...] = ()
    failure: str = ""
    """The same as its authors are told it."""
    conflict: bool = False
    """The tests are why: they cannot be passed as they stand."""
    proofs: tuple[Proof, ...] = ()
    not_shown: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    """Node ids of those that passed."""
    run_id: str = ""


class Agreement(Protocol):
    """Whether the files fit the plan and each other, as their text shows. Nothing is run."""

    def disagreements(self, plan: Plan, files: Mapping[str, str]) -> tuple[Finding, ...]: ...

    def scenario_faults(self, plan: Plan, scenarios: Sequence[Scenario]) -> tuple[str, ...]: ...

    def tests_of_requirements(self, files: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
        """Node ids of the tests that name a requirement, by its id."""

    def completed(self, files: Mapping[str, str]) -> Mapping[str, str]:
        """*files* with those that follow from them, and that nobody writes."""


class Components(Protocol):
    """One component by itself. *files* and *tests* are named from its own folder.

    Every method raises `SandboxError` where the machinery failed, and nothing was learnt.
    """

    async def judge(self, component: Component, files: Mapping[str, str], tests: Mapping[str, str]) -> Judged:
        """What *files* are worth by *tests*, which have to be red on an empty stand-in."""

    async def mend(
        self, component: Component, files: Mapping[str, str], tests: Mapping[str, str], *, seconds: float
    ) -> Mapping[str, str] | None:
        """*files* as an author mends them who asks no model; None where that one finds nothing, or cannot try."""


class Running(Protocol):
    """The project at work in boxes; raises as `Components` does."""

    async def answers(self, plan: Plan, component: str, files: Mapping[str, str]) -> Started:
        """Whether one component starts, and answers as its document says; of a page, whether it can be built."""

    async def whole(self, plan: Plan, files: Mapping[str, str], scenarios: Sequence[Scenario]) -> Ran:
        """All of it together, and every scenario."""


class Shipping(Protocol):
    """The files by which a project is shipped; raises as `Components` does."""

    def faults(self, plan: Plan, files: Mapping[str, str]) -> tuple[Finding, ...]:
        """What is wrong with them as they are read."""

    async def replay(self, plan: Plan, component: str, files: Mapping[str, str]) -> Replayed:
        """The Dockerfile of one component, step by step in a box."""


class Proving(NamedTuple):
    """All of them."""

    agreement: Agreement
    components: Components
    running: Running
    shipping: Shipping
