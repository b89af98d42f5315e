"""Whether a store that is a file keeps what it was given: on a disk of its component's own, which one container writes to."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from agents.plans.plan import Component, Plan, Store
from engine.dependencies.tables import Table, below, items, text
from engine.domain import Finding
from engine.projects.contract import dockerfile_of
from engine.projects.deploying.disks import FOLDER, address, files_of
from engine.projects.deploying.dockerfile import USER
from engine.projects.deploying.engines import variable
from engine.projects.shipping.instructions import parse
from engine.projects.shipping.stages import staged
from engine.projects.shipping.wrong import wrong

_MAKES = frozenset({"RUN", "COPY", "ADD", "WORKDIR"})
_NAMED = re.compile(rf"(?<![\w./-]){re.escape(FOLDER)}(?![\w.-])")


class Mount(NamedTuple):
    """Of a service of compose."""

    source: str
    target: str
    read_only: bool


class Disagreement(NamedTuple):
    """What is wrong, by which rule, and where in the service."""

    rule: str
    message: str
    steps: tuple[str, ...] = ()


def faults_of_mounts(
    component: Component, service: Table, told: Mapping[str, str | None], plan: Plan
) -> Iterator[Disagreement]:
    """What is wrong with the disk of *component* in the compose file whose *service* it is, with what its variables are
    *told* there: None for what only whoever starts it says.
    """
    for store in files_of(component, plan):
        name = variable(store.name, "URL")
        if told.get(name) not in {None, address(store)}:
            message = f"the file of {store.name} is at {address(store)}, where the disk is mounted: say so in {name}"
            yield Disagreement("environment", message, ("environment", name))
        mount = next((each for each in mounts(service) if posixpath.normpath(each.target or ".") == FOLDER), None)
        if mount is None or not mount.source or mount.source.startswith((".", "/", "~")):
            yield Disagreement("volume", lost(component, store, "container", "a named volume"), ("volumes",))
        elif mount.read_only:
            yield Disagreement(
                "volume", f"{component.name} cannot write to {FOLDER}, where {store.name} is", ("volumes",)
            )
        for steps in (("scale",), ("deploy", "replicas")):
            many = below(service, *steps[:-1]).get(steps[-1])
            if many is not None and str(many).isdecimal() and int(str(many)) > 1:
                yield Disagreement("replicas", many_writers(component, store, f"{many} containers"), steps)


def volume_of(service: Table) -> str:
    """The named volume that *service* has at the folder of such files; empty where it has none."""
    at = (each.source for each in mounts(service) if posixpath.normpath(each.target or ".") == FOLDER)
    return next((source for source in at if not source.startswith((".", "/", "~"))), "")


def mounts(service: Table) -> Iterator[Mount]:
    """What *service* mounts that outlives its container, in either way to write it."""
    for each in items(service.get("volumes")):
        if isinstance(each, dict):
            if text(each.get("type")) in {"volume", "bind"}:
                yield Mount(text(each.get("source")), text(each.get("target")), each.get("read_only") is True)
        else:
            source, colon, rest = str(each).partition(":")
            target, _, options = rest.partition(":")
            if colon:
                yield Mount(source, target, "ro" in options.split(","))


def faults_of_folder(component: Component, plan: Plan, files: Mapping[str, str]) -> Iterator[Finding]:
    """Whether the image of *component* has the folder: a volume that is new takes its owner from there."""
    path = dockerfile_of(component.name)
    if path not in files or not files_of(component, plan):
        return
    stages = staged(path, parse(path, files[path])).stages
    at = stages[-1] if stages else None
    line = at.line if at else None
    while at is not None:
        if any(each.name in _MAKES and _NAMED.search(each.text) for each in at.instructions):
            return
        at = stages[at.on] if at.on is not None else None
    if stages:
        message = (
            f"the last stage has no folder {FOLDER}, so that its volume is root's and nobody else can write to it: "
            f"RUN mkdir {FOLDER} && chown {USER}:{USER} {FOLDER}, before USER"
        )
        yield wrong(path, line, "dockerfile/volume", message)


def lost(component: Component, store: Store, what: str, instead: str) -> str:
    return f"what {component.name} keeps in {store.name} is lost with its {what}: mount {instead} at {FOLDER}"


def many_writers(component: Component, store: Store, writers: str) -> str:
    return f"{writers} of {component.name} would write to the one file of {store.name}"
