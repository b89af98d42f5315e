"""What was seen of the components themselves: whether they started, and what they answered."""

from __future__ import annotations

from collections.abc import Sequence

from agents.plans.plan import Component, Plan
from engine.domain import Finding
from engine.projects.running import said
from engine.projects.running.document import Document
from engine.projects.running.outcome import Answer, finding
from engine.projects.running.surroundings import asked_of, folder_of, ports

_EXCERPT = 2_000
_END = 9_000
NO_PATTERNS = "Patterns of texts in the OpenAPI documents were not compared."


def findings_of(plan: Plan, component: Component, told: Sequence[said.Told]) -> list[Finding]:
    """All that is wrong with *component* by itself."""
    output = end_of(output_of(component.name, told))
    found: list[Finding] = []
    for line in told:
        if isinstance(line, said.NotUp) and line.component == component.name:
            found.append(not_up(plan, component, line, output))
        elif isinstance(line, said.Stayed) and line.component == component.name and line.code is not None:
            message = f"{component.name} ended with {how(line.code)} after it had answered its health path"
            found.append(finding("start/ended", message, path=folder_of(component), evidence=output))
    return found + _of_answers(plan, component, told, output)


def answers_of(component: str, told: Sequence[said.Told]) -> tuple[Answer, ...]:
    return tuple(
        Answer(method=line.method, path=line.path, status=line.status, body=line.body[:_EXCERPT], seconds=line.seconds)
        for line in told
        if isinstance(line, said.Answered) and line.component == component
    )


def output_of(component: str, told: Sequence[said.Told]) -> str:
    return next((line.text for line in told if isinstance(line, said.Wrote) and line.component == component), "")


def end_of(output: str) -> str:
    """As much of it as a finding has room for: what was written last says most of why something ended."""
    return output[-_END:]


def shown_of(component: Component, told: Sequence[said.Told]) -> tuple[str, ...]:
    up = next((line for line in told if isinstance(line, said.Up) and line.component == component.name), None)
    if up is None:
        return ()
    asked = [line for line in told if isinstance(line, said.Answered) and line.component == component.name]
    fine = [f"{component.name} answered {component.running.health} with 200 after {up.seconds:.1f} s"]
    fine += [f"{line.method} {line.path} answered {line.status}" for line in asked if line.status is not None]
    return tuple(fine)


def not_shown_of(plan: Plan, component: Component, told: Sequence[said.Told]) -> tuple[str, ...]:
    """What was not asked of *component* by itself, or not compared."""
    every = sum(len(Document(each.document).operations) for each in plan.interfaces if each.owner == component.name)
    asked = len(list(asked_of(plan, component)))
    long = [
        line.path for line in told if isinstance(line, said.Answered) and line.component == component.name and line.cut
    ]
    return (
        *(
            [
                f"{every - asked} of {every} operations of {component.name} need a body, a key or an id: only scenarios ask them."
            ]
            if asked < every
            else []
        ),
        *(f"What {component.name} answers at {path} is too long to be compared with its document." for path in long),
    )


def not_up(plan: Plan, component: Component, line: said.NotUp, output: str) -> Finding:
    name, folder = component.name, folder_of(component)
    port, health = ports(plan).get(name), component.running.health
    command = " ".join(component.running.command)[:300]
    match line.why:
        case "missing":
            rule, message = (
                "start/missing",
                f"{name}: there is no program {line.step!r}{': ' if line.body else ''}{line.body}",
            )
        case "failed":
            rule, message = "build", f"{name}: `{line.step}` ended with {how(line.code)} before it could be started"
        case "hung":
            rule, message = "build/hung", f"{name}: `{line.step}` did not end"
        case "ended":
            message = f"{name} ended with {how(line.code)} before it answered: `{command}`"
            rule = "start/ended"
        case "silent":
            message = (
                f"{name} does not answer: nothing listens at port {port}, which PORT names, or it never answers there; "
                f"it was started with `{command}`"
            )
            rule = "start/silent"
        case "unhealthy":
            message = f"{name}: its health path {health} answered {line.status}, not 200: {line.body[:500]}"
            rule = "start/unhealthy"
    return finding(rule, message, path=folder, evidence=output)


def _of_answers(plan: Plan, component: Component, told: Sequence[said.Told], output: str) -> list[Finding]:
    asked = {path: (document, operation) for document, operation, path in asked_of(plan, component)}
    found: list[Finding] = []
    for line in told:
        if not isinstance(line, said.Answered) or line.component != component.name or line.path not in asked:
            continue
        document, operation = asked[line.path]
        what = f"{component.name}: GET {line.path}"
        if line.status is None:
            found.append(
                finding("http/none", f"{what} got no answer: {line.error}", path=folder_of(component), evidence=output)
            )
            continue
        if line.cut:
            continue  # too long to be compared, and not wrong for that
        fault = document.fault(operation, line.status, line.type, line.body)
        if fault:
            rule = "http/status" if fault.startswith("it answered") else "http/body"
            evidence = f"{line.body[:_EXCERPT]}\n\n{output}"
            found.append(finding(rule, f"{what}: {fault}", path=folder_of(component), evidence=evidence))
    return found


def how(code: int | None) -> str:
    if code is None:
        return "nothing"
    return f"signal {-code}" if code < 0 else f"exit code {code}"
