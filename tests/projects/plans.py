"""Plans to test with: one that is sound, made by the rules, and ways to spoil it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from agents.offline.architect.architect import plan_by_rules
from agents.plans.commission import Commission
from agents.plans.plan import (
    Component,
    CostDriver,
    Decision,
    FailureMode,
    Figure,
    Plan,
    PlannedFile,
    Requirement,
    Running,
    Safeguard,
)
from engine.projects.asking import commission_of


def commission(project_type: str = "shop", scale: str = "medium", cloud: str = "aws") -> Commission:
    return commission_of(project_type, scale, cloud)


@cache
def sound(project_type: str = "shop", scale: str = "medium", cloud: str = "aws") -> Plan:
    return plan_by_rules(commission(project_type, scale, cloud))


def smallest() -> Plan:
    """One job without a store, which nobody reaches."""
    running = Running(
        runtime="python", command=("python", "-m", "nightly"), schedule="0 3 * * *", millicores=50, memory_mib=32
    )
    return Plan(
        title="A job",
        summary="Runs at night.",
        requirements=(Requirement(id="R1", text="It runs."),),
        decisions=(Decision(choice="A job.", reason="Nobody waits for it."),),
        components=(
            Component(
                name="nightly", kind="job", role="backend", purpose="Runs.", requirements=("R1",), running=running
            ),
        ),
        stores=(),
        interfaces=(),
        entities=(),
        files=(PlannedFile(path="services/nightly/pyproject.toml", owner="nightly", role="backend", purpose="Needs."),),
        figures=(Figure(name="runs_a_day", value=1, unit="runs", reason="Given."),),
        failures=(FailureMode(part="nightly", what="It fails.", effect="None.", noticed="Its age.", answer="Again."),),
        costs=(CostDriver(what="Its time.", figure="runs_a_day", lever="Seldom."),),
        security=(Safeguard(threat="Taken over.", measure="No root.", part="nightly"),),
    )


def spoilt(path: Sequence[str | int], value: Any, *, plan: Plan | None = None) -> Plan:
    """*plan* with *value* at *path*; a callable is given what stood there."""
    whole = json.loads((plan or sound()).model_dump_json())
    node = whole
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value(node[path[-1]]) if callable(value) else value
    return Plan.model_validate(whole)
