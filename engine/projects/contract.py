"""Whether a plan holds together: what a type cannot say, said of each fault in a line that its author can act upon."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from agents.plans.arithmetic import BadFormula, work_out
from agents.plans.plan import Component, Kind, Plan, Runtime
from engine.projects.deploying.disks import files_of, is_file
from engine.projects.deploying.dockerfile import WEB_PORT, WEB_TEMPLATE
from engine.projects.openapi import faults_of_document

OURS = ("compose.yaml", ".env.example", ".github/", "deploy/", "openapi/", "architecture.")
"""Paths that are written from the plan and by no author; beside these, the Dockerfile of each component."""
_SERVICE = re.compile(r"services/([^/]+)/")
_NEEDED: Mapping[Runtime, tuple[str, ...]] = {
    "python": ("pyproject.toml",),
    "node": ("package.json", "package-lock.json"),
    "static": ("package.json", "package-lock.json"),
}
"""Files of a component that its Dockerfile copies by name."""
_RUN_BY: Mapping[Kind, str] = {
    "job": ", which its schedule runs and which has to end with 0",
    "worker": ", which goes on until it is asked to end",
}
_CRON = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_CRON_PART = re.compile(r"(?:\*|([0-9]{1,2})(?:-([0-9]{1,2}))?)(?:/([0-9]{1,2}))?")
_LONGEST_NAME = 255
"""Bytes of one name, as disks take them."""
TOLERANCE = 0.01
"""How far a figure may be from its arithmetic, for rounding."""
MOST_CHARACTERS = 150_000
"""Of a plan: it has to fit into the answer of one call, and before those who build by it."""
_MOST_TOLD = 8
"""Faults of one OpenAPI document that are told."""


def faults_of(plan: Plan) -> tuple[str, ...]:
    """Everything that is wrong with *plan*, in a fixed order; empty where others can work by it."""
    return tuple(
        fault
        for check in (
            _size,
            _names,
            _requirements,
            _components,
            _interfaces,
            _stores,
            _disks,
            _entities,
            _files,
            _needed_files,
            _figures,
            _remarks,
        )
        for fault in check(plan)
    )


def _size(plan: Plan) -> Iterator[str]:
    size = len(plan.model_dump_json())
    if size > MOST_CHARACTERS:
        yield f"the plan has {size:,} characters, and may have {MOST_CHARACTERS:,}"


def _names(plan: Plan) -> Iterator[str]:
    yield from _twice("component or store", _parts(plan))
    # both are told to those that use them by a variable with their name
    told = [*(store.name for store in plan.stores), *(interface.name for interface in plan.interfaces)]
    yield from _twice("interface or store", told)
    yield from _twice("requirement", (requirement.id for requirement in plan.requirements))
    yield from _twice("entity", (entity.name for entity in plan.entities))
    yield from _twice("figure", (figure.name for figure in plan.figures))


def _requirements(plan: Plan) -> Iterator[str]:
    known = {requirement.id for requirement in plan.requirements}
    met = {id_ for component in plan.components for id_ in component.requirements}
    for id_ in sorted(known - met):
        yield f"requirement {id_} is met by no component"
    for component in plan.components:
        if not component.requirements:
            yield f"component {component.name} meets no requirement: it is not needed, or its requirements are not named"
        for id_ in component.requirements:
            if id_ not in known:
                yield f"component {component.name} meets {id_}, which is no requirement"


def _components(plan: Plan) -> Iterator[str]:
    stores = {store.name for store in plan.stores}
    owners = {interface.name: interface.owner for interface in plan.interfaces}
    for component in plan.components:
        name = component.name
        for store in component.stores:
            if store not in stores:
                yield f"component {name} uses {store}, which is no store"
        for call in component.calls:
            if call not in owners:
                yield f"component {name} calls {call}, which is no interface"
            elif owners[call] == name:
                yield f"component {name} calls {call}, which is its own"
        yield from _running(component)


def _running(component: Component) -> Iterator[str]:
    name, running = component.name, component.running
    if running.least > running.most:
        yield f"component {name} has {running.least} replicas at rest and {running.most} at the peak"
    if component.kind in {"api", "page"} and (running.port is None or not running.health):
        yield f"component {name} is called over HTTP and has no port, or no health path"
    if component.kind in {"worker", "job"} and (running.port is not None or running.health):
        yield f"component {name} is a {component.kind}, which nobody calls, and has a port or a health path"
    if component.kind == "job" and not _is_cron(running.schedule):
        yield f"component {name} is a job, and {running.schedule!r} is no schedule of five fields, such as '15 2 * * *'"
    if component.kind != "job" and running.schedule:
        yield f"component {name} has a schedule, and is no job"
    if running.runtime == "static" and (component.kind != "page" or running.command):
        yield f"component {name} is static: only a page is, and it has no command"
    if running.runtime == "static" and running.port not in {None, WEB_PORT}:
        yield f"component {name} is static, and its web server listens on {WEB_PORT}"
    if running.runtime != "static" and not running.command:
        yield f"component {name} has no command{_RUN_BY.get(component.kind, '')}"
    if any(not word.isprintable() for word in running.command):
        yield f"component {name} has a command with characters that cannot be printed"


def _interfaces(plan: Plan) -> Iterator[str]:
    kinds = {component.name: component.kind for component in plan.components}
    for interface in plan.interfaces:
        if interface.owner not in kinds:
            yield f"interface {interface.name} belongs to {interface.owner}, which is no component"
        elif kinds[interface.owner] != "api":
            yield f"interface {interface.name} belongs to {interface.owner}, which is no api"
        for fault in faults_of_document(interface.document)[:_MOST_TOLD]:
            yield f"the OpenAPI document of {interface.name}: {fault}"
    owners = {interface.owner for interface in plan.interfaces}
    for name, kind in kinds.items():
        if kind == "api" and name not in owners:
            yield f"component {name} is an api and has no interface"


def _stores(plan: Plan) -> Iterator[str]:
    used = {store for component in plan.components for store in component.stores}
    for store in plan.stores:
        if store.name not in used:
            yield f"store {store.name} is used by no component"


def _disks(plan: Plan) -> Iterator[str]:
    """Of stores that are files: who has the file, and that there is a copy of it."""
    for store in filter(is_file, plan.stores):
        users = [component for component in plan.components if store.name in component.stores]
        if len(users) > 1:
            yield (
                f"store {store.name} is SQLite, a file on the disk of one component, and is used by "
                f"{', '.join(user.name for user in users)}: let one of them use it and answer the others through its "
                "interface, or take postgresql"
            )
        for user in users:
            yield from _disk(user, store.name)
        if not store.backup.strip():
            yield f"store {store.name} is SQLite and names no backup: say how copies are made and how one is brought back"
    for component in plan.components:
        own = files_of(component, plan)
        if len(own) > 1:
            yield (
                f"component {component.name} has {len(own)} SQLite stores, {', '.join(each.name for each in own)}: "
                "keep their tables in one file"
            )


def _disk(user: Component, store: str) -> Iterator[str]:
    running = user.running
    if running.runtime == "static":
        yield f"component {user.name} is static and uses {store}, which is SQLite: a web server with files reads no database"
    if max(running.least, running.most) > 1:
        yield (
            f"component {user.name} has {running.least} to {running.most} replicas and keeps {store} in SQLite, a file on "
            "the disk of one: set least and most to 1, or take postgresql"
        )


def _entities(plan: Plan) -> Iterator[str]:
    stores = {store.name for store in plan.stores}
    users = {component.name: component.stores for component in plan.components}
    fields = {entity.name: {field.name for field in entity.fields} for entity in plan.entities}
    for entity in plan.entities:
        yield from _twice(f"field of {entity.name}", (field.name for field in entity.fields))
        if entity.store not in stores:
            yield f"entity {entity.name} is kept in {entity.store}, which is no store"
        elif entity.owner not in users:
            yield f"entity {entity.name} belongs to {entity.owner}, which is no component"
        elif entity.store not in users[entity.owner]:
            yield f"entity {entity.name} belongs to {entity.owner}, which does not use its store {entity.store}"
        for field in entity.fields:
            name, _, target = field.references.partition(".")
            if field.references and target not in fields.get(name, set()):
                yield f"field {entity.name}.{field.name} refers to {field.references}, which there is not"


def _files(plan: Plan) -> Iterator[str]:
    components = {component.name for component in plan.components}
    yield from _twice("file", (file.path.casefold() for file in plan.files))
    folders = {str(folder) for file in plan.files for folder in PurePosixPath(file.path).parents}
    dockerfiles = {path(name).casefold() for name in components for path in (dockerfile_of, web_template_of)}
    folders |= {str(folder) for path in (*dockerfiles, *OURS) for folder in PurePosixPath(f"{path}x").parents}
    for file in plan.files:
        if not _stays(file.path):
            yield f"the path {file.path!r} is not a plain relative one"
        if file.path in folders:
            yield f"{file.path} is a file and a folder"
        if file.owner not in components:
            yield f"{file.path} belongs to {file.owner}, which is no component"
        if file.path.casefold().startswith(OURS) or file.path.casefold() in dockerfiles:
            yield f"{file.path} is written from the plan, and can be planned for nobody"
        of = _SERVICE.match(file.path)
        if of is not None and of[1] != file.owner:
            yield f"{file.path} belongs to {file.owner}, and lies in the folder of {of[1]}"


def _needed_files(plan: Plan) -> Iterator[str]:
    paths = {file.path for file in plan.files}
    owners = {file.owner for file in plan.files}
    for component in plan.components:
        if component.name not in owners:
            yield f"component {component.name} has no file"
        for needed in _NEEDED[component.running.runtime]:
            path = f"services/{component.name}/{needed}"
            if path not in paths:
                yield f"component {component.name} has no {path}, by which its image is built"


def _figures(plan: Plan) -> Iterator[str]:
    known: dict[str, float] = {}
    for figure in plan.figures:
        if figure.formula.strip():
            try:
                value = work_out(figure.formula, known)
            except BadFormula as error:
                yield f"figure {figure.name}: {error}"
            else:
                if not math.isclose(value, figure.value, rel_tol=TOLERANCE, abs_tol=TOLERANCE):
                    yield f"figure {figure.name} is {figure.value:g}, and {figure.formula} comes to {value:g}"
        known[figure.name] = figure.value


def _remarks(plan: Plan) -> Iterator[str]:
    parts = set(_parts(plan))
    interfaces = {interface.name for interface in plan.interfaces}
    for failure in plan.failures:
        if failure.part not in parts:
            yield f"a failure mode is about {failure.part}, which is neither component nor store"
    for name in sorted(parts - {failure.part for failure in plan.failures}):
        yield f"there is no failure mode of {name}"
    figures = {figure.name for figure in plan.figures}
    for cost in plan.costs:
        if cost.figure not in figures:
            yield f"a cost driver grows with {cost.figure}, which is no figure"
    for safeguard in plan.security:
        if safeguard.part not in parts | interfaces:
            yield f"a safeguard is about {safeguard.part}, which is no component, store or interface"


def _parts(plan: Plan) -> list[str]:
    """Names of all components and stores, which share what Kubernetes and compose call them by."""
    return [*(component.name for component in plan.components), *(store.name for store in plan.stores)]


def dockerfile_of(component: str) -> str:
    """Where the Dockerfile of *component* stands."""
    return f"services/{component}/Dockerfile"


def web_template_of(page: str) -> str:
    """Where it stands what the web server of *page* is told."""
    return f"services/{page}/{WEB_TEMPLATE}"


def _twice(what: str, names: Iterable[str]) -> Iterator[str]:
    for name, count in Counter(names).items():
        if count > 1:
            yield f"the {what} {name} is there {count} times"


def _stays(path: str) -> bool:
    pure = PurePosixPath(path)
    return (
        path.isprintable()
        and not pure.is_absolute()
        and ".." not in pure.parts
        and str(pure) == path
        and not set(path) & set('\\:*?"<>|')
        and all(len(part.encode("utf-8", "surrogatepass")) <= _LONGEST_NAME for part in pure.parts)
        # as Git itself takes it, for the disks that do not tell capitals
        and ".git" not in map(str.casefold, pure.parts)
    )


def _is_cron(schedule: str) -> bool:
    fields = schedule.split()
    return len(fields) == len(_CRON) and all(
        _within(part, *bounds) for field, bounds in zip(fields, _CRON, strict=True) for part in field.split(",")
    )


def _within(part: str, least: int, most: int) -> bool:
    """Whether *part* of a field of cron is ``*``, a number or a range between its bounds, each with a step or without."""
    match = _CRON_PART.fullmatch(part)
    if match is None:
        return False
    first, last, step = (int(found) if found else None for found in match.groups())
    if step == 0 or (first is None and last is not None):
        return False
    return (first is None or least <= first <= most) and (last is None or (first or 0) <= last <= most)
