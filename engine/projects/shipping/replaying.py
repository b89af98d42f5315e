"""Goes through a Dockerfile in a box: files are laid, commands are run, what is built is started and asked for its health.

Nothing of it is an image: the box stands in for the base, has its packages already, and reaches no network.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from agents.plans.plan import Plan
from engine.domain import Finding
from engine.projects.contract import dockerfile_of
from engine.projects.shipping.building import ImageBuilds, tried
from engine.projects.shipping.context import context_of
from engine.projects.shipping.instructions import parse
from engine.projects.shipping.launching import start
from engine.projects.shipping.laying import laid
from engine.projects.shipping.replayed import Replayed
from engine.projects.shipping.stages import staged
from engine.projects.shipping.steps import Given, Replay
from sandboxes.base import Limits, Sandbox

LIMITS = Limits(
    memory_mib=2_048,
    cpus=2.0,
    processes=512,
    work_mib=512,
    work_files=50_000,
    open_files=4_096,
    report_kib=16_384,
    seconds=400,
)
"""What a bundler and a server need."""
START_SECONDS = 30.0
"""Within which what a container starts has to answer its health path."""
RUN_SECONDS = 120.0
"""Of all RUN lines together."""
_NOT_SHOWN = (
    "The image itself was not built: a box with the same packages stood in for its base {base}, and what RUN lines install was compared with them, not installed.",
    "All of it ran as one user: USER and the owners of files had no effect, but that what nobody gave away was read-only.",
)


async def replay(
    plan: Plan,
    component: str,
    files: Mapping[str, str],
    sandbox: Sandbox,
    *,
    environment: str = "",
    limits: Limits | None = None,
    run_id: str,
    seconds: float = RUN_SECONDS,
    start_seconds: float = START_SECONDS,
    images: ImageBuilds | None = None,
) -> Replayed:
    """Replay the Dockerfile of *component* of *plan* in a box of *environment*, the image with what it needs.

    *files* are all text files of the project by path. Its RUN lines may take *seconds* together, and what
    it starts has to answer within *start_seconds*. With *images*, what was
    replayed is really built as well; where that cannot be told, it is `unverified`.

    Raises:
        ValueError: The plan has no such component.
        SandboxError: The machinery failed.
    """
    began = time.monotonic()
    part = next((each for each in plan.components if each.name == component), None)
    if part is None:
        raise ValueError(f"the plan has no component {component!r}")
    path = dockerfile_of(component)
    if path not in files:
        missing = Finding(check="replay", rule="dockerfile", path=path, message=f"there is no {path}")
        return Replayed(component=component, outcome="failed", findings=(missing,))
    parsed = parse(path, files[path])
    whole = staged(path, parsed)
    if parsed.faults or whole.faults:
        return Replayed(component=component, outcome="failed", findings=(*parsed.faults, *whole.faults))
    context = context_of(files, component)
    given = Given(
        path=path,
        component=part,
        context=context,
        stages=laid(whole, context),
        seconds=seconds,
        start_seconds=start_seconds,
    )
    limits = (limits or LIMITS).model_copy(update={"environment": environment or (limits or LIMITS).environment})
    async with sandbox.open(run_id=run_id, limits=limits) as box:
        done = Replay(given, box)
        if await done.stages():
            await start(done, plan, files)
    not_shown = [line.format(base=given.stages[-1].root) for line in _NOT_SHOWN]
    if images is not None and not done.findings:
        trial = await tried(path, context, parsed, whole, images)
        if trial.built:
            done.shown.append(trial.built)
            del not_shown[0]
        elif trial.finding:
            done.findings.append(trial.finding)
        else:
            done.leave_out(trial.not_built)
    return Replayed(
        component=component,
        outcome=done.outcome,
        findings=tuple(done.findings),
        shown=tuple(done.shown),
        not_shown=(*not_shown, *done.not_shown),
        seconds=round(time.monotonic() - began, 3),
    )
