"""Where a component of a plan stands in a box, and what it finds there: ports, addresses, folders."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from agents.plans.plan import Component, Engine, Plan
from engine.projects.deploying.engines import variable
from engine.projects.running.asked import Get, Startable
from engine.projects.running.document import Document, Operation
from engine.projects.running.stores import REAL, addresses, lasting
from sandboxes.base import WORK

DATA = f"{WORK}/data"
_FIRST_SPARE = 18_000
"""Ports for components whose own one is another's already."""
_SQL: frozenset[Engine] = frozenset({"clickhouse", "sqlite"})
_MODULES = "/node_modules/.bin"


def called(plan: Plan) -> tuple[Component, ...]:
    """Components that answer over HTTP with a program of their own."""
    return tuple(each for each in plan.components if each.running.port is not None and each.running.command)


def ports(plan: Plan) -> Mapping[str, int]:
    """Of each of them, the one that it has in a box, where all share one machine."""
    found: dict[str, int] = {}
    for component in called(plan):
        port = component.running.port
        if port is None or port in found.values():
            port = _FIRST_SPARE + len(found)
        found[component.name] = port
    return found


def startable(plan: Plan, component: Component, files: Mapping[str, str], *, seconds: float) -> Startable:
    """*component* as it is started in a box that holds *files*."""
    port = ports(plan).get(component.name, 0)
    folder = f"{WORK}/{folder_of(component)}"
    env = {**_stores(plan, component), **_interfaces(plan, component)}
    if port:
        env |= {"PORT": str(port), "HOST": "0.0.0.0"}  # noqa: S104  (a box has no network but its own loopback)
    before: tuple[tuple[str, ...], ...] = ()
    if component.running.runtime == "python":
        env |= {"PYTHONPATH": f"{folder}:{folder}/src", "PYTHONUNBUFFERED": "1"}
    else:
        env |= {"NODE_ENV": "production", "PATH": f"{_MODULES}:/usr/local/bin:/usr/bin:/bin"}
        script = _build_script(files.get(f"{folder_of(component)}/package.json", ""))
        before = (("/bin/sh", "-c", script),) if script else ()
    return Startable(
        name=component.name,
        folder=folder,
        argv=tuple(_moved(component, port)) if port else component.running.command,
        before=before,
        env=env,
        folders=(DATA,),
        port=port,
        health=component.running.health or "/" if port else "",
        seconds=seconds,
        gets=tuple(Get(path=path) for _, _, path in asked_of(plan, component)),
        keeps=bool(lasting(component, plan)),
    )


def asked_of(plan: Plan, component: Component) -> Iterator[tuple[Document, Operation, str]]:
    """What is asked of *component* by itself: each document, operation and path."""
    for interface in plan.interfaces:
        if interface.owner == component.name:
            document = Document(interface.document)
            for operation, path in document.askable():
                yield document, operation, path


def folder_of(component: Component) -> str:
    return f"services/{component.name}"


def replaced(plan: Plan) -> tuple[str, ...]:
    """In sentences: what stands in for the stores of *plan*."""
    return tuple(
        f"{store.name} was {_instead(store.engine)} here, not {store.product[:80]}: what only the real one does was not seen."
        for store in plan.stores
        if store.engine not in {"sqlite", *REAL}  # which are themselves here
    )


def _instead(engine: Engine) -> str:
    return "SQLite" if engine in _SQL else "a folder" if engine == "objects" else "memory"


def _stores(plan: Plan, component: Component) -> Mapping[str, str]:
    engines = {store.name: store.engine for store in plan.stores}
    real = addresses(plan)
    return {
        variable(name, "URL"): real.get(name) or _address(name, engines[name])
        for name in component.stores
        if name in engines
    }


def _address(name: str, engine: Engine) -> str:
    if engine in _SQL:
        return f"sqlite:///{DATA}/{name}.db"
    return f"file://{DATA}/{name}" if engine == "objects" else "memory://"


def _interfaces(plan: Plan, component: Component) -> Mapping[str, str]:
    owners = {interface.name: interface.owner for interface in plan.interfaces}
    at = ports(plan)
    return {
        variable(name, "URL"): f"http://127.0.0.1:{at[owners[name]]}"
        for name in component.calls
        if owners.get(name) in at
    }


def _moved(component: Component, port: int) -> Iterator[str]:
    """Its command, with another port in it where it has another one here."""
    old, new = str(component.running.port), str(port)
    for word in component.running.command:
        if old == new:
            yield word
        elif word == old:
            yield new
        else:
            yield word.replace(f":{old}", f":{new}").replace(f"={old}", f"={new}")


def _build_script(manifest: str) -> str:
    try:
        read = json.loads(manifest)
    except (ValueError, RecursionError):
        return ""
    scripts = read.get("scripts") if isinstance(read, dict) else None
    script = scripts.get("build") if isinstance(scripts, dict) else None
    return script if isinstance(script, str) else ""
