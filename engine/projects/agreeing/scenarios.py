"""Whether scenarios are about this plan: its requirements, its interfaces, and pages that it has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from agents.plans.plan import Plan
from agents.plans.scenario import Call, Scenario, Step
from engine.projects.agreeing.routes.operations import ANY, Operation, matching, operations_of

_KEPT = re.compile(r"\{([a-z][a-z0-9_]{0,29})\}")
_REFUSING = frozenset({404, 405})
"""What a path that nobody answers may be asked for."""


def scenario_faults(plan: Plan, scenarios: Sequence[Scenario]) -> tuple[str, ...]:
    """Everything by which *scenarios* cannot be taken on a project of *plan*, a line each; empty where they can."""
    return (*_faults(plan, scenarios), *_shared(scenarios), *_only_alive(plan, scenarios))


def _faults(plan: Plan, scenarios: Sequence[Scenario]) -> Iterator[str]:
    for name, times in Counter(scenario.name for scenario in scenarios).items():
        if times > 1:
            yield f"{times} scenarios are called {name!r}: give each a name of its own"
    known = {requirement.id for requirement in plan.requirements}
    shown = {scenario.requirement for scenario in scenarios}
    for id_ in sorted(known - shown, key=lambda id_: int(id_[1:])):
        yield f"requirement {id_} has no scenario"
    operations = operations_of(plan)
    has_page = any(component.kind == "page" for component in plan.components)
    for scenario in scenarios:
        if scenario.requirement not in known:
            yield f"scenario {scenario.name!r} is about {scenario.requirement}, which is no requirement"
        yield from _steps(scenario, plan, operations, has_page=has_page)


def _steps(scenario: Scenario, plan: Plan, operations: Sequence[Operation], *, has_page: bool) -> Iterator[str]:
    kept: set[str] = set()
    for number, step in enumerate(scenario.steps, 1):
        where = f"scenario {scenario.name!r}, step {number}"
        if step.do == "visit" and not has_page:
            yield f"{where} visits {step.path}, and the plan has no page: call an interface instead"
        for name in sorted(_used(step) - kept):
            yield f"{where} uses {{{name}}}, which no step before it keeps"
        if isinstance(step, Call):
            yield from _call(where, step, plan, operations)
            kept |= set(step.keep)


def _shared(scenarios: Sequence[Scenario]) -> Iterator[str]:
    """Steps that are given for several requirements: what holds for one would be taken as a proof of the other."""
    first: dict[str, Scenario] = {}
    for scenario in scenarios:
        before = first.setdefault(str(scenario.model_dump(include={"steps"})), scenario)
        if before.requirement != scenario.requirement:
            yield (
                f"scenario {scenario.name!r} takes the very steps of {before.name!r}, which is about {before.requirement}:"
                f" show what {scenario.requirement} says beyond it"
            )


def _only_alive(plan: Plan, scenarios: Sequence[Scenario]) -> Iterator[str]:
    health = {component.running.health for component in plan.components}
    for scenario in scenarios:
        if all(isinstance(step, Call) and step.path.partition("?")[0] in health for step in scenario.steps):
            yield f"scenario {scenario.name!r} asks only whether something runs, which shows nothing of {scenario.requirement}"


def _call(where: str, step: Call, plan: Plan, operations: Sequence[Operation]) -> Iterator[str]:
    if step.interface not in {interface.name for interface in plan.interfaces}:
        yield f"{where} calls {step.interface}, which is no interface"
        return
    path = _KEPT.sub(ANY, step.path.partition("?")[0])
    own = [operation for operation in operations if operation.interface == step.interface]
    found = matching(path, own)
    offered = sorted({operation.method for operation in found})
    if step.method not in offered and step.status not in _REFUSING:
        what = f"offers {', '.join(offered)} there" if offered else "has no such path"
        yield f"{where} calls {step.method} {step.path}, and {step.interface} {what}"


def _used(step: Step) -> set[str]:
    return {name for text in _texts(step.model_dump(exclude={"keep"})) for name in _KEPT.findall(text)}


def _texts(node: JsonValue) -> Iterator[str]:
    """Every text in *node*, however deep."""
    left = [node]
    while left:
        each = left.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            left += each.values()
        elif isinstance(each, list | tuple):
            left += each
