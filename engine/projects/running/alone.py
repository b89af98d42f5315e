"""One component, started by itself in a box: asked over HTTP, or, where nobody calls it, watched until it ends."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping

from agents.plans.plan import Component, Plan
from engine.checks.said import Garbled
from engine.domain import Finding
from engine.inputs.text import encode_files
from engine.isolation import KNOWS_THE_BOX
from engine.projects.running import background, keeping, said, stores
from engine.projects.running.asked import Asked
from engine.projects.running.components import (
    NO_PATTERNS,
    answers_of,
    findings_of,
    not_shown_of,
    output_of,
    shown_of,
)
from engine.projects.running.ending import of_box, of_strain
from engine.projects.running.outcome import Started, finding
from engine.projects.running.programs import SUPERVISE, programs
from engine.projects.running.surroundings import called, folder_of, replaced, startable
from sandboxes.base import Command, Layer, Limits, Sandbox

ALONE = Limits(memory_mib=768, processes=256, work_mib=128, open_files=1_024, report_kib=16_384, seconds=300)
"""What a component may use."""
START_SECONDS = 30.0
"""Within which its health path has to answer, or a job has to be done."""
_SECONDS = 300.0


async def answers(
    plan: Plan,
    component: str,
    files: Mapping[str, str],
    sandbox: Sandbox,
    *,
    environment: str = "",
    run_id: str,
    limits: Limits = ALONE,
    seconds: float = START_SECONDS,
) -> Started:
    """Start *component* of *plan* and ask each GET of its documents that can be asked without knowing anything; run a job
    twice; watch a worker, and ask it to end. What cannot work without others is run with the whole only, which is said.

    *files* are all text files of the project by path; *environment* is the image with what the component needs, empty for the
    usual one; its health path has to answer 200 within *seconds*, a job has to end with 0.

    Raises:
        ValueError: The plan has no such component, or one without a command.
        SandboxError: The machinery failed.
    """
    began = time.monotonic()
    part = _started(plan, component)
    if not background.runs_alone(plan, part):
        needed = background.needed_by(plan, part)
        why = f"{component} was not run by itself: it works with {', '.join(needed)}, and is run with the whole only."
        return Started(component=component, outcome="passed", not_shown=(why,))
    start = startable(plan, part, files, seconds=background.END_SECONDS if part.kind == "worker" else seconds)
    asked = Asked(
        nonce=secrets.token_hex(16),
        components=(start,) if part in called(plan) else (),
        workers=(start,) if part.kind == "worker" else (),
        jobs=(start,) if part.kind == "job" else (),
        stores=stores.asked(plan, (part,)),
    )
    command = Command(argv=SUPERVISE, stdin=asked.model_dump_json().encode(), seconds=_SECONDS)
    limits = limits.model_copy(update={"environment": environment or limits.environment})
    own = {path: text for path, text in files.items() if path.startswith(f"{folder_of(part)}/")}
    async with sandbox.open(run_id=run_id, limits=limits) as box:
        await box.lay(Layer(files=encode_files(own)), programs())
        outcome = await box.run(command)
    told: list[said.Told] = []
    findings: list[Finding] = []
    try:
        told = said.run(outcome, asked.nonce)
    except Garbled as error:
        findings.append(finding("tampered", f"what the supervisor of {component} said cannot be read: {error}"))
    stores.require_started(told)
    done = any(isinstance(line, said.Done) for line in told)
    if not findings:
        findings = of_box(outcome, limits, what="the supervisor", seconds=_SECONDS, done=done)
        findings = findings or of_strain(told, limits) or stores.findings_of(told)
    if part not in called(plan):
        findings = stores.with_logs([*findings, *background.findings_of(plan, part, told)], told)
        seen = background.shown_of(part, told)
        return Started(
            component=component,
            outcome="failed" if findings else "passed" if seen else "unverified",
            findings=tuple(findings),
            output=output_of(component, told),
            shown=(*((f"{component}: {seen}",) if seen else ()), *stores.shown_of(told)),
            not_shown=(*_replaced(plan, part), KNOWS_THE_BOX),
            seconds=time.monotonic() - began,
        )
    findings = stores.with_logs(
        [*findings, *findings_of(plan, part, told), *keeping.findings_of(plan, part, told)], told
    )
    return Started(
        component=component,
        outcome="failed" if findings else "passed",
        findings=tuple(findings),
        answers=answers_of(component, told),
        output=output_of(component, told),
        shown=(*shown_of(part, told), *stores.shown_of(told)),
        not_shown=(*_replaced(plan, part), *not_shown_of(plan, part, told), NO_PATTERNS, KNOWS_THE_BOX),
        seconds=time.monotonic() - began,
    )


def _replaced(plan: Plan, component: Component) -> tuple[str, ...]:
    own = tuple(store for store in plan.stores if store.name in component.stores)
    return replaced(plan.model_copy(update={"stores": own}))


def _started(plan: Plan, component: str) -> Component:
    those = (*called(plan), *background.in_background(plan))
    found = next((each for each in those if each.name == component), None)
    if found is None:
        raise ValueError(f"the plan has no component {component!r} that is started by a command of its own")
    return found
