"""What a build comes to, and what proves it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from agents.base import Usage
from agents.plans.commission import Cloud, Scale
from agents.plans.plan import Plan, Role
from agents.plans.scenario import Scenario
from engine.domain import Budget, Finding, Proof, Value
from engine.projects.picture import Picture

Built = Literal["verified", "unverified", "no_fix", "environment", "cancelled"]
"""As the outcomes of a run. `unverified`: all that was run is right, and something named was not run, or lacks a proof."""
Why = Literal["plan", "contract", "component", "whole", "deployment", "budget", "no_progress", "refused"]
"""Where a build that has no outcome ended."""


class Delivered(Value):
    """How one part ended."""

    component: str
    """Its name; ``project`` for the whole, ``deployment`` for the files by which it is shipped."""
    role: Role
    outcome: Built
    summary: str
    attempts: int = 0
    findings: tuple[Finding, ...] = ()
    """What is still wrong."""
    proofs: tuple[Proof, ...] = ()
    not_shown: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    """Node ids, from the project's folder, of the tests that passed."""
    run_id: str = ""
    """The run of the journal that judged it last."""


class Evidence(Value):
    """What shows that one requirement is met."""

    requirement: str
    text: str
    scenarios: tuple[str, ...] = ()
    """Names of those that were red against an empty stand-in and green on the project."""
    tests: tuple[str, ...] = ()
    """Node ids of frozen tests that name it and passed."""
    fixed: tuple[str, ...] = ()
    """Names of scenarios that were met, and saw only fixed text: what the page says whatever is done, and whatever data there
    is. That may be all that is required, which nobody but a person can tell.
    """
    missing: str = ""
    """Why it is not shown; empty where it is."""


class Project(Value):
    """A build, ended. The same object is the tool's result, the command line's JSON and the receipt's source."""

    id: str
    description: str
    outcome: Built
    reason: Why | None = None
    component: str = ""
    """The component that it failed at."""
    summary: str
    next_step: str = ""
    plan: Plan | None = None
    architect: str = ""
    """Who planned it, and the model behind, if any."""
    model: str | None = None
    scale: Scale | None = None
    cloud: Cloud = "self-hosted"
    files: Mapping[str, str] = {}
    """Text of every file by path."""
    pictures: Mapping[str, Picture] = {}
    """PNG by path: what the pages looked like."""
    scenarios: tuple[Scenario, ...] = ()
    parts: tuple[Delivered, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    not_run: tuple[str, ...] = ()
    """What could not be run, each with its reason."""
    usage: Usage = Usage()
    seconds: float = 0.0
    budget: Budget | None = None
    """What all who built it might spend together, by the limits that were in force when it ended."""
