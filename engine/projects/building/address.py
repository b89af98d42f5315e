"""Where a built project is reached once it runs, by its own compose file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.plans.plan import Plan
from engine.projects.building.outcome import Project
from engine.projects.shipping.reading import Yaml, read

COMPOSE = "compose.yaml"
_PUBLISHED = re.compile(r"(?:[0-9.]+:)?([0-9]{2,5}):[0-9]{2,5}(?:/tcp)?")
"""The short form of a port: an address of this machine, a port of it, and the container's."""


def front_address(project: Project, plan: Plan) -> str:
    """The URL of its page on this machine, else of its first api; by the plan where the compose file publishes neither."""
    called = [each for kind in ("page", "api") for each in plan.components if each.kind == kind]
    services = _services(project.files.get(COMPOSE, ""))
    published = (port for each in called for port in _ports(services.get(each.name)))
    planned = (each.running.port for each in called if each.running.port)
    port = next(published, None) or next(planned, 8_080)
    return f"http://localhost:{port}"


def _services(text: str) -> dict[str, Yaml]:
    documents = read(COMPOSE, text).documents
    value = documents[0].value if documents else None
    services = value.get("services") if isinstance(value, dict) else None
    return services if isinstance(services, dict) else {}


def _ports(service: Yaml) -> Iterator[int]:
    ports = service.get("ports") if isinstance(service, dict) else None
    for port in ports if isinstance(ports, list) else ():
        said = str(port.get("published")) if isinstance(port, dict) else str(port)
        match = _PUBLISHED.fullmatch(f"{said}:80" if isinstance(port, dict) else said)
        if match is not None and 0 < int(match[1]) < 65_536:
            yield int(match[1])
