"""Where paths go: the page's own files, the components behind its interfaces, and an empty stand-in for all of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from agents.plans.plan import Component, Plan
from agents.plans.scenario import Scenario
from engine.projects.running.asked import Origin, Route, StandIn
from engine.projects.running.document import Document
from engine.projects.running.programs import PAGES
from engine.projects.running.surroundings import ports

_EMPTY = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>-</title></head>'
    '<body><div id="root"></div><div id="app"></div></body></html>'
)


def pages(plan: Plan) -> tuple[Component, ...]:
    return tuple(each for each in plan.components if each.kind == "page")


def page_of(plan: Plan, scenario: Scenario) -> str:
    """The page that *scenario* is taken at: the first that is there for its requirement, or else the first; empty without any."""
    every = pages(plan)
    for page in every:
        if scenario.requirement in page.requirements:
            return page.name
    return every[0].name if every else ""


def origins(plan: Plan, laid: Collection[str]) -> tuple[Origin, ...]:
    """One for each page, or one without a page; the files of those of *laid* stand in the box."""
    routes = tuple(_passed_on(plan))
    at = ports(plan)
    found = tuple(
        Origin(
            page=page.name,
            routes=routes,
            folder=f"{PAGES}/{page.name}" if page.name in laid else "",
            upstream=at.get(page.name, 0),
        )
        for page in pages(plan)
    )
    return found or (Origin(page="", routes=routes),)


def stand_in_of(plan: Plan) -> StandIn:
    """An origin where every page is empty and every interface knows nothing."""
    routes: list[Route] = []
    for document in (Document(interface.document) for interface in plan.interfaces):
        for operation in document.operations:
            status, body = document.empty(operation)
            routes.append(Route(pattern=operation.pattern, method=operation.method, status=status, body=body))
    return StandIn(page=_EMPTY, routes=tuple(routes))


def _passed_on(plan: Plan) -> Iterator[Route]:
    """Every path of every interface, to its owner; those that are plain go before those with parameters."""
    at: Mapping[str, int] = ports(plan)
    found: dict[str, tuple[int, int]] = {}
    for interface in plan.interfaces:
        if interface.owner not in at:
            continue
        for operation in Document(interface.document).operations:
            found.setdefault(operation.pattern, (operation.path.count("{"), at[interface.owner]))
    order: Sequence[tuple[str, tuple[int, int]]] = sorted(found.items(), key=lambda item: item[1][0])
    return (Route(pattern=pattern, port=port) for pattern, (_, port) in order)
