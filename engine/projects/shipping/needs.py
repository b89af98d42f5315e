"""What a component has to be told where it runs."""

from __future__ import annotations

from collections.abc import Iterator

from agents.plans.plan import Component, Plan
from engine.projects.deploying.disks import is_file
from engine.projects.deploying.engines import ENGINES, variable


def needed_variables(component: Component, plan: Plan) -> Iterator[tuple[str, str, int | None]]:
    """The variables by which it finds its stores and the interfaces that it calls: name, host and port of each; a store
    that is a file has no port, and its own name in place of a host.
    """
    if component.running.runtime == "static":
        return  # its files are read in a browser, which finds everything where it found the page
    stores = {store.name: store for store in plan.stores}
    owners = {interface.name: interface.owner for interface in plan.interfaces}
    ports = {each.name: each.running.port for each in plan.components}
    for name in component.stores:
        if name in stores:
            port = None if is_file(stores[name]) else ENGINES[stores[name].engine].port
            yield variable(name, "URL"), name, port
    for call in component.calls:
        if call in owners:
            yield variable(call, "URL"), owners[call], ports.get(owners[call])
