"""What is wrong with the COPY and ADD lines of a stage."""

from __future__ import annotations

from collections.abc import Iterator

from agents.plans.plan import Component
from engine.domain import Finding
from engine.projects.shipping.laying import Laid, Step
from engine.projects.shipping.stages import Stage, Staged
from engine.projects.shipping.wrong import listed, wrong


def faults_of_copies(path: str, stage: Laid, whole: Staged, component: Component) -> Iterator[Finding]:
    for step in stage.steps:
        if step.instruction.name in {"COPY", "ADD"}:
            yield from _copy(path, step, stage.stage, whole, component)


def _copy(path: str, step: Step, stage: Stage, whole: Staged, component: Component) -> Iterator[Finding]:
    instruction, name = step.instruction, step.instruction.name
    line = instruction.line
    if len(instruction.words) < 2:
        yield wrong(path, line, "dockerfile/syntax", f"{name} needs a source and a target")
        return
    addresses = [word for word in instruction.words[:-1] if "://" in word or word.startswith("git@")]
    if addresses:
        message = f"{name} from {addresses[0]}: nobody knows what stands there tomorrow; put the file into the project"
        yield wrong(path, line, "dockerfile/add", message)
        return
    if "from" in instruction.flags:
        yield from _from(path, line, instruction.flags["from"], stage, whole)
        return
    if step.copied is None:
        return
    folder = f"services/{component.name}"
    for source in step.copied.absent:
        message = f"{name} {source}: there is no such file in {folder}, the folder that the image is built in"
        yield wrong(path, line, "dockerfile/copy", message)
    for source in step.copied.ignored:
        yield wrong(path, line, "dockerfile/copy", f"{name} {source}: .dockerignore keeps it out")
    for source in step.copied.leaving:
        message = f"{name} {source} leaves {folder}, the folder that the image is built in"
        yield wrong(path, line, "dockerfile/copy", message)
    if step.copied.unclear:
        message = f"{name} of several sources needs a folder as its target: end it with a slash"
        yield wrong(path, line, "dockerfile/copy", message)
    secret = sorted(source for source in step.copied.files.values() if _is_environment(source))
    if secret:
        message = (
            f"{name} takes {listed(secret)} into the image: leave it out of the project, or name it in .dockerignore"
        )
        yield wrong(path, line, "dockerfile/secret", message)


def _is_environment(source: str) -> bool:
    return source.rpartition("/")[2] in {".env", ".env.local", ".env.production"}


def _from(path: str, line: int, name: str, stage: Stage, whole: Staged) -> Iterator[Finding]:
    found = whole.called(name.lower())
    if found is not None and found.number < stage.number:
        return
    if found is not None:
        yield wrong(path, line, "dockerfile/stage", f"--from={name} names a stage that is not done before this one")
    else:
        stages = listed(each.name or str(each.number) for each in whole.stages[: stage.number])
        message = f"--from={name}: no stage before has that name; there are: {stages}"
        yield wrong(path, line, "dockerfile/stage", message)
