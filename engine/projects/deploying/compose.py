"""The compose file, by which all of a plan runs on a developer's machine."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from agents.plans.plan import Component, Plan, Store
from engine.projects.deploying.disks import FOLDER, address, files_of, is_file, served, volume
from engine.projects.deploying.engines import ENGINES, variable
from engine.projects.deploying.yaml import Node, write

FIRST_PAGE, FIRST_API = 8_080, 8_000
"""Ports of this machine, for the first page and the first api that people reach; the others count up from there."""


def compose(plan: Plan) -> str:
    services: dict[str, Node] = {}
    ports = ports_of(plan)
    for component in plan.components:
        services[component.name] = _component(component, plan, ports.get(component.name))
    for store in served(plan):
        services[store.name] = _store(store)
    whole: dict[str, Node] = {"services": services}
    if plan.stores:
        whole["volumes"] = {volume(store): {} for store in plan.stores}
    return write(whole)


def ports_of(plan: Plan) -> dict[str, int]:
    """Ports of this machine at which components are reached, by their names."""
    pages, apis = count(FIRST_PAGE), count(FIRST_API)
    listening = (component for component in plan.components if component.running.port is not None)
    return {component.name: next(pages if component.kind == "page" else apis) for component in listening}


def example_environment(plan: Plan) -> str:
    """The variables that the compose file asks for, without their values."""
    lines = ["# Copy to .env, and give each its own long random value."]
    return "\n".join([*lines, *(f"{name}=" for name in _passwords(plan))]) + "\n"


def _component(component: Component, plan: Plan, port: int | None) -> Node:
    running = component.running
    told: dict[str, Node] = {
        "build": {"context": f"services/{component.name}"},
        "init": True,
        "restart": "no" if component.kind == "job" else "unless-stopped",
        "environment": _environment(component, plan),
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "mem_limit": f"{running.memory_mib}m",
    }
    own = files_of(component, plan)
    if own:
        told["volumes"] = [f"{volume(store)}:{FOLDER}" for store in own]
    awaited: dict[str, Node] = {
        store.name: {"condition": "service_healthy"} for store in served(plan) if store.name in component.stores
    }
    if running.runtime == "static":
        # its web server looks up at its start whom it passes on to
        owners = {interface.name: interface.owner for interface in plan.interfaces}
        awaited |= {owners[call]: {"condition": "service_started"} for call in component.calls}
    if awaited:
        told["depends_on"] = awaited
    if port is not None:
        told["ports"] = [f"127.0.0.1:{port}:{running.port}"]
    if component.kind == "job":
        told["profiles"] = ["jobs"]  # started by hand: docker compose run NAME
    return told


def _environment(component: Component, plan: Plan) -> Node:
    stores = {store.name: store for store in plan.stores}
    ports = {each.name: each.running.port for each in plan.components}
    owners = {interface.name: interface.owner for interface in plan.interfaces}
    told = {variable(name, "URL"): _url(stores[name]) for name in component.stores}
    told |= {variable(call, "URL"): f"http://{owners[call]}:{ports[owners[call]]}" for call in component.calls}
    return told


def _store(store: Store) -> Node:
    local = ENGINES[store.engine]
    told: dict[str, Node] = {
        "image": local.image,
        "restart": "unless-stopped",
        "volumes": [f"{volume(store)}:{local.data}"],
        "healthcheck": {"test": ["CMD", *local.healthy], "interval": "5s", "timeout": "5s", "retries": 12},
    }
    if local.environment:
        told["environment"] = {name: _filled(value, store) for name, value in local.environment.items()}
    if local.command:
        told["command"] = [*local.command]
    return told


def _url(store: Store) -> str:
    if is_file(store):
        return address(store)
    return _filled(ENGINES[store.engine].url, store)


def _filled(text: str, store: Store) -> str:
    name = variable(store.name, "PASSWORD")
    return text.replace("{host}", store.name).replace("{password}", f"${{{name}:?set it in .env}}")


def _passwords(plan: Plan) -> Iterator[str]:
    for store in served(plan):
        if "{password}" in ENGINES[store.engine].url:
            yield variable(store.name, "PASSWORD")
