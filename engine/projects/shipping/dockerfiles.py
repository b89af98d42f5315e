"""What is wrong with the Dockerfile of a component."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from agents.plans.plan import Component, Plan
from engine.domain import Finding
from engine.projects.contract import dockerfile_of
from engine.projects.shipping.bases import BASES, EVERYWHERE, KNOWN, STARTS, UNPRIVILEGED, USERS, reference
from engine.projects.shipping.context import context_of
from engine.projects.shipping.copying import faults_of_copies
from engine.projects.shipping.disks import faults_of_folder
from engine.projects.shipping.installs import faults_of_runs
from engine.projects.shipping.instructions import Instruction, parse
from engine.projects.shipping.laying import Laid, laid
from engine.projects.shipping.packages import Declared, declared
from engine.projects.shipping.secret import is_secret
from engine.projects.shipping.stages import Staged, pairs_of, staged
from engine.projects.shipping.starting import faults_of_start
from engine.projects.shipping.wrong import listed, wrong


def faults_of_dockerfiles(plan: Plan, files: Mapping[str, str]) -> Iterator[Finding]:
    """Of every component's Dockerfile, and of those that belong to nobody."""
    for component in plan.components:
        yield from faults_of_dockerfile(component, files)
        yield from faults_of_folder(component, plan, files)
    ours = {dockerfile_of(component.name) for component in plan.components}
    for path in sorted(files):
        if path.rpartition("/")[2] == "Dockerfile" and path not in ours:
            yield wrong(path, None, "dockerfile/missing", f"no component has this Dockerfile; there are {listed(ours)}")


def faults_of_dockerfile(component: Component, files: Mapping[str, str]) -> Iterator[Finding]:
    """What is wrong with the Dockerfile of *component*, among all *files* of its project."""
    path = dockerfile_of(component.name)
    if path not in files:
        yield wrong(path, None, "dockerfile/missing", f"component {component.name} has no Dockerfile: write {path}")
        return
    context = context_of(files, component.name)
    parsed = parse(path, files[path])
    whole = staged(path, parsed)
    yield from parsed.faults
    yield from whole.faults
    if not whole.stages:
        return
    made = declared(context)
    for name, why in made.unreadable.items():
        yield wrong(f"services/{component.name}/{name}", None, "dockerfile/install", why)
    stages = laid(whole, context)
    yield from _bases(path, component, whole, stages, made)
    for stage in stages:
        yield from _stage(path, stage)
        yield from faults_of_copies(path, stage, whole, component)
        yield from faults_of_runs(path, component, stage, context, made)
    yield from _last(path, component, stages)
    yield from faults_of_start(path, component, stages, context, made)


def _bases(path: str, component: Component, whole: Staged, stages: Sequence[Laid], made: Declared) -> Iterator[Finding]:
    for stage in whole.stages:
        if stage.on is None:
            yield from faults_of_image(path, stage.line, stage.base)
    last = stages[-1]
    runtime, root = component.running.runtime, reference(last.root)
    if root is not None and root.name in KNOWN and root.name not in BASES[runtime]:
        message = f"the last stage stands on {last.root}, and a component of {runtime} needs {listed(BASES[runtime])}"
        yield wrong(path, last.stage.line, "dockerfile/from", message)
    if root is not None and root.name == "python" and made.python:
        yield from _python(path, last.stage.line, root.tag, made.python)


def faults_of_image(path: str, line: int, image: str) -> Iterator[Finding]:
    """Whether *image* is one that is known, and pinned."""
    found = reference(image)
    if found is None:
        yield wrong(path, line, "dockerfile/from", f"{image!r} is no name of an image")
    elif found.name not in KNOWN:
        message = f"{found.name} is no image that is known here, nor a stage before; take one of {listed(KNOWN, 12)}"
        yield wrong(path, line, "dockerfile/from", message)
    elif found.why_loose:
        message = f"{image} is not pinned: {found.why_loose}; name a version, such as python:3.13-slim"
        yield wrong(path, line, "dockerfile/from", message)


def _python(path: str, line: int, tag: str, wanted: str) -> Iterator[Finding]:
    version = re.match(r"\d+(\.\d+)*", tag)
    try:
        specifiers = SpecifierSet(wanted)
        # 3.13 is any 3.13, so the last of them is asked about
        fits = version is None or specifiers.contains(Version(version[0] + ".99" * (2 - version[0].count("."))))
    except (InvalidSpecifier, InvalidVersion):
        return
    if not fits:
        message = f"the image has Python {version[0] if version else tag}, and pyproject.toml wants {wanted}"
        yield wrong(path, line, "dockerfile/from", message)


def _stage(path: str, stage: Laid) -> Iterator[Finding]:
    starts: dict[str, int] = {}
    for name, line in stage.stage.unset.items():
        yield wrong(path, line, "dockerfile/variable", f"{name} is set by no ENV or ARG of this stage")
    for step in stage.steps:
        instruction = step.instruction
        match instruction.name:
            case "WORKDIR" if not instruction.words[0].startswith("/"):
                message = f"WORKDIR {instruction.words[0]} depends on what was before: write it from the root"
                yield wrong(path, instruction.line, "dockerfile/workdir", message)
            case "MAINTAINER":
                yield wrong(
                    path, instruction.line, "dockerfile/instruction", "MAINTAINER is no longer used: write a LABEL"
                )
            case "CMD" | "ENTRYPOINT":
                if instruction.name in starts:
                    message = f"there is a {instruction.name} in line {starts[instruction.name]} already: only the last counts"
                    yield wrong(path, instruction.line, "dockerfile/command", message)
                starts[instruction.name] = instruction.line
            case "ENV" | "ARG":
                yield from _secrets(path, instruction)


def _secrets(path: str, instruction: Instruction) -> Iterator[Finding]:
    for name, value in pairs_of(instruction).items():
        if is_secret(name, value) or (instruction.name == "ARG" and is_secret(name, "a" * 20)):
            message = f"{instruction.name} {name} leaves a secret in the image: give it when the container starts"
            yield wrong(path, instruction.line, "dockerfile/secret", message)


def _last(path: str, component: Component, stages: Sequence[Laid]) -> Iterator[Finding]:
    last = stages[-1]
    line = last.stage.line
    root = reference(last.root)
    yield from _user(path, stages)
    starts_itself = root is not None and root.name in STARTS
    if last.cwd == "/" and not starts_itself:
        yield wrong(
            path, line, "dockerfile/workdir", "the last stage has no WORKDIR: its files would stand in the root"
        )
    yield from _ports(path, component, last)


def _user(path: str, stages: Sequence[Laid]) -> Iterator[Finding]:
    last = stages[-1]
    root = reference(last.root)
    line = next(
        (step.instruction.line for step in reversed(last.steps) if step.instruction.name == "USER"), last.stage.line
    )
    name = last.user.partition(":")[0]
    if not name:
        if root is None or root.name not in UNPRIVILEGED:
            yield wrong(
                path, line, "dockerfile/user", "the last stage runs as root: write USER with another one, such as 10001"
            )
    elif name in {"root", "0"}:
        yield wrong(path, line, "dockerfile/user", f"USER {last.user} is root: write another one, such as 10001")
    elif not name.isdigit():
        brought = EVERYWHERE | (USERS.get(root.name, frozenset()) if root else frozenset())
        if name not in brought and not any(_makes_user(step.instruction, name) for step in last.steps):
            yield wrong(path, line, "dockerfile/user", f"nothing makes the user {name}: RUN useradd, or write a number")


def _makes_user(instruction: Instruction, name: str) -> bool:
    makes = re.search(r"\b(useradd|adduser)\b", instruction.text)
    return instruction.name == "RUN" and bool(makes) and name in re.split(r"[\s;&|]+", instruction.text)


def _ports(path: str, component: Component, last: Laid) -> Iterator[Finding]:
    exposed: dict[str, int] = {}
    for step in last.steps:
        if step.instruction.name == "EXPOSE":
            exposed |= {word.removesuffix("/tcp"): step.instruction.line for word in step.instruction.words}
    port = component.running.port
    for word, line in exposed.items():
        if word != str(port):
            said = f"the plan's port is {port}" if port else "the plan says that nobody calls it"
            yield wrong(path, line, "dockerfile/expose", f"EXPOSE {word}: {said}")
    if port is not None and not exposed:
        yield wrong(path, last.stage.line, "dockerfile/expose", f"the last stage has no EXPOSE {port}")
