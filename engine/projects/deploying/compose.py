"""The compose file, by which all of a plan runs on a developer's machine."""

from __future__ import annotations

from collections.abc import Iterator

from agents.plans.plan import Component, Plan, Store
from engine.projects.deploying.engines import ENGINES, variable
from engine.projects.deploying.yaml import Node, write

FIRST_PORT = 8_000
"""Of this machine, for the first component that people reach."""


def compose(plan: Plan) -> str:
    services: dict[str, Node] = {}
    port = FIRST_PORT
    for component in plan.components:
        services[component.name] = _component(component, plan, port)
        port += component.running.port is not None
    for store in plan.stores:
        services[store.name] = _store(store)
    whole: dict[str, Node] = {"services": services}
    if plan.stores:
        whole["volumes"] = {f"{store.name}-data": {} for store in plan.stores}
    return write(whole)


def example_environment(plan: Plan) -> str:
    """The variables that the compose file asks for, without their values."""
    lines = ["# Copy to .env, and give each its own long random value."]
    return "\n".join([*lines, *(f"{name}=" for name in _passwords(plan))]) + "\n"


def _component(component: Component, plan: Plan, port: int) -> Node:
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
    if component.stores:
        told["depends_on"] = {store: {"condition": "service_healthy"} for store in component.stores}
    if running.port is not None:
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
        "volumes": [f"{store.name}-data:{local.data}"],
        "healthcheck": {"test": ["CMD", *local.healthy], "interval": "5s", "timeout": "5s", "retries": 12},
    }
    if local.environment:
        told["environment"] = {name: _filled(value, store) for name, value in local.environment.items()}
    if local.command:
        told["command"] = [*local.command]
    return told


def _url(store: Store) -> str:
    return _filled(ENGINES[store.engine].url, store)


def _filled(text: str, store: Store) -> str:
    name = variable(store.name, "PASSWORD")
    return text.replace("{host}", store.name).replace("{password}", f"${{{name}:?set it in .env}}")


def _passwords(plan: Plan) -> Iterator[str]:
    for store in plan.stores:
        if "{password}" in ENGINES[store.engine].url:
            yield variable(store.name, "PASSWORD")
