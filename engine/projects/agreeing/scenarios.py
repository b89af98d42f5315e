"""Whether scenarios are about this plan: its requirements, its interfaces, and pages that it has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from agents.plans.plan import Plan
from agents.plans.scenario import Call, Run, Scenario, Step
from engine.projects.agreeing.routes.operations import ANY, Operation, matching, operations_of

_KEPT = re.compile(r"\{([a-z][a-z0-9_]{0,29})\}")
_REFUSING = frozenset({404, 405})
"""What a path that nobody answers may be asked for."""


def scenario_faults(plan: Plan, scenarios: Sequence[Scenario]) -> tuple[str, ...]:
    """Everything by which *scenarios* cannot be taken on a project of *plan*, a line each; empty where they can."""
    return (*_faults(plan, scenarios), *_shared(scenarios), *_only_alive(plan, scenarios), *_never_run(plan, scenarios))


def _faults(plan: Plan, scenarios: Sequence[Scenario]) -> Iterator[str]:
    for name, times in Counter(scenario.name for scenario in scenarios).items():
        if times > 1:
            yield f"{times} scenarios are called {name!r}: give each a name of its own"
    known = {requirement.id for requirement in plan.requirements}
    shown = {scenario.requirement for scenario in scenarios}
    # what can neither be opened nor called has none
    has_outside = any(component.kind in {"page", "api"} for component in plan.components)
    for id_ in sorted(known - shown, key=lambda id_: int(id_[1:])) if has_outside else ():
        yield f"requirement {id_} has no scenario"
    operations = operations_of(plan)
    has_page = any(component.kind == "page" for component in plan.components)
    for scenario in scenarios:
        if scenario.requirement not in known:
            yield f"scenario {scenario.name!r} is about {scenario.requirement}, which is no requirement"
        yield from _steps(scenario, plan, operations, has_page=has_page)


def _steps(scenario: Scenario, plan: Plan, operations: Sequence[Operation], *, has_page: bool) -> Iterator[str]:
    kept: set[str] = set()
    jobs = {component.name for component in plan.components if component.kind == "job"}
    for number, step in enumerate(scenario.steps, 1):
        where = f"scenario {scenario.name!r}, step {number}"
        if step.do == "visit" and not has_page:
            yield f"{where} visits {step.path}, and the plan has no page: call an interface instead"
        for name in sorted(_used(step) - kept):
            yield f"{where} uses {{{name}}}, which no step before it keeps"
        if isinstance(step, Call):
            yield from _call(where, step, plan, operations)
            kept |= set(step.keep)
        if isinstance(step, Run) and step.job not in jobs:
            yield f"{where} runs {step.job}, which is no job; jobs are {', '.join(sorted(jobs)) or 'none'}"


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
        seen = [step for step in scenario.steps if not isinstance(step, Run)]
        if all(isinstance(step, Call) and step.path.partition("?")[0] in health for step in seen):
            yield f"scenario {scenario.name!r} asks only whether something runs, which shows nothing of {scenario.requirement}"


def _never_run(plan: Plan, scenarios: Sequence[Scenario]) -> Iterator[str]:
    """Requirements that jobs alone meet: only what is seen after one of them was run shows anything of them."""
    kinds = {id_: {each.kind for each in plan.components if id_ in each.requirements} for id_ in _ids(plan)}
    for id_ in (id_ for id_, those in kinds.items() if those == {"job"}):
        mine = [scenario for scenario in scenarios if scenario.requirement == id_]
        if mine and not any(isinstance(step, Run) for scenario in mine for step in scenario.steps):
            jobs = ", ".join(each.name for each in plan.components if id_ in each.requirements)
            yield f"no scenario about {id_} runs {jobs}, and nothing else meets it: take a step `run`, and look at what it changed"


def _ids(plan: Plan) -> tuple[str, ...]:
    return tuple(requirement.id for requirement in plan.requirements)


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
