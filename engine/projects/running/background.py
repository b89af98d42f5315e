"""What was seen of workers and jobs, which nobody calls: whether they went on, and whether they can be run again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agents.plans.plan import Component, Plan
from engine.domain import Finding
from engine.projects.deploying.engines import variable
from engine.projects.running import said
from engine.projects.running.components import end_of, how, not_up, output_of
from engine.projects.running.outcome import finding
from engine.projects.running.surroundings import folder_of, startable

END_SECONDS = 10.0
"""Within which a worker has to end once it is asked to: what compose waits before it kills it; Kubernetes waits for 30."""
_IN_MEMORY = "memory:"
_OCCASIONS = {
    "scenario": "when a scenario had it run",
    "once": "when it was run",
    "again": "when it was run a second time, right after it had ended with 0: its schedule runs it again and again, also"
    " where there is nothing left to do",
}


def workers(plan: Plan) -> tuple[Component, ...]:
    return tuple(each for each in plan.components if each.kind == "worker" and each.running.command)


def jobs(plan: Plan) -> tuple[Component, ...]:
    return tuple(each for each in plan.components if each.kind == "job" and each.running.command)


def in_background(plan: Plan) -> tuple[Component, ...]:
    """Components that nobody calls."""
    return (*workers(plan), *jobs(plan))


def needed_by(plan: Plan, component: Component) -> tuple[str, ...]:
    """Interfaces and stores without whose other users *component* cannot be expected to work."""
    others = {store for each in plan.components if each.name != component.name for store in each.stores}
    return (*component.calls, *(store for store in component.stores if store in others))


def runs_alone(plan: Plan, component: Component) -> bool:
    """Whether *component* is seen to work without the others: what nobody calls only where it needs nobody else."""
    return component not in in_background(plan) or not needed_by(plan, component)


def findings_of(plan: Plan, component: Component, told: Sequence[said.Told]) -> list[Finding]:
    """All that is wrong with *component*."""
    name, folder = component.name, folder_of(component)
    output, command = end_of(output_of(name, told)), " ".join(component.running.command)[:300]
    found: dict[str, Finding] = {}
    for line in told:
        if isinstance(line, said.NotUp) and line.component == name:
            found.setdefault("up", not_up(plan, component, line, output))
        elif isinstance(line, said.Worked) and line.component == name:
            if line.code is not None:
                message = (
                    f"{name} ended with {how(line.code)}, and a worker goes on until it is asked to end: `{command}`"
                )
                found["ended"] = finding("worker/ended", message, path=folder, evidence=output)
            elif line.ended is None:
                message = f"{name} was asked to end (SIGTERM) and went on, until it was killed: `{command}`"
                found["ended"] = finding("worker/stuck", message, path=folder, evidence=output)
        elif isinstance(line, said.RanJob) and line.component == name and line.code != 0:
            end = "did not end in time" if line.code is None else f"ended with {how(line.code)}"
            message = f"{name} {end} {_OCCASIONS[line.occasion]}: `{command}`"
            one = finding(f"job/{line.occasion}", message, path=folder, evidence=line.text or output)
            found.setdefault(line.occasion, one)
    return list(found.values())


def shown_of(component: Component, told: Sequence[said.Told]) -> str:
    """In words, what *component* was seen to do; empty where it was not seen, or something is wrong with it."""
    name = component.name
    if component.kind == "worker":
        line = next((line for line in told if isinstance(line, said.Worked) and line.component == name), None)
        if line is None or line.code is not None or line.ended is None:
            return ""
        return f"started, went on to the end, and ended {line.ended:.1f} s after SIGTERM"
    ran = [line for line in told if isinstance(line, said.RanJob) and line.component == name]
    if len(ran) < 2 or any(line.code != 0 for line in ran):
        return ""
    longest = max(line.seconds for line in ran)
    return f"run {len(ran)} times, of which two in a row, and ended with 0 each time, within {longest:.1f} s"


def not_shown_of(plan: Plan, told: Sequence[said.Told]) -> Iterator[str]:
    """By name: what was not seen of workers and jobs."""
    for component in in_background(plan):
        if not shown_of(component, told):
            yield f"{component.name} was not seen to work as a {component.kind} does: that is unverified."
    yield from unshared(plan)


def unshared(plan: Plan) -> Iterator[str]:
    """Stores that were memory here, of which each process has its own."""
    for store in plan.stores:
        users = [each for each in plan.components if store.name in each.stores]
        if len(users) < 2:
            continue
        address = startable(plan, users[0], {}, seconds=1).env[variable(store.name, "URL")]
        if address.startswith(_IN_MEMORY):
            names = ", ".join(each.name for each in users)
            yield f"What {names} pass to each other by {store.name} was not seen: it was memory here, and each has its own."
