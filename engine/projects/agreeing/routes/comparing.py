"""Whether what is answered is what was planned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from engine.domain import Finding
from engine.projects.agreeing.parts import Part, shown
from engine.projects.agreeing.routes.operations import Operation, places_of, shape_of
from engine.projects.agreeing.routes.served import Route, Served

_BESIDE = frozenset({"HEAD", "OPTIONS"})


def misrouted(part: Part, found: Served, operations: Sequence[Operation], *, slashes_count: bool) -> Iterator[Finding]:
    """*slashes_count*: a slash at the end of a path makes it another one. Nothing is said unless all routes are known."""
    if not found.whole or not operations:
        return
    plain = _same if slashes_count else _without_slash
    by_shape: defaultdict[str, list[Route]] = defaultdict(list)
    by_shape_but_slash: defaultdict[str, list[Route]] = defaultdict(list)
    for route in found.routes:
        by_shape[plain(shape_of(route.path))].append(route)
        by_shape_but_slash[_without_slash(shape_of(route.path))].append(route)
    listed = shown((f"{route.method or 'any'} {route.path}" for route in found.routes), 20)
    for operation in operations:
        there = by_shape.get(plain(operation.shape), [])
        taken = next((route for route in there if route.method in {"", operation.method}), None)
        if taken is None:
            near = by_shape_but_slash.get(_without_slash(operation.shape), [])
            yield part.wrong("routes/missing", found.file, None, _missing(operation, there, near, listed))
        elif places_of(taken.path) != places_of(operation.path):
            yield part.wrong(
                "routes/parameter",
                taken.file,
                taken.line,
                f"the route {taken.path} is planned as {operation.path}: the parameters are called otherwise",
            )
    health = part.component.running.health
    if health and not any(route.method in {"", "GET"} for route in by_shape.get(plain(health), [])):
        yield part.wrong("routes/health", found.file, None, f"GET {health}, the health path of the plan, has no route")
    yield from _unplanned(part, found, operations, plain)


def _unplanned(
    part: Part, found: Served, operations: Sequence[Operation], plain: Callable[[str], str]
) -> Iterator[Finding]:
    shapes = {plain(operation.shape) for operation in operations}
    but_slash = {_without_slash(shape) for shape in shapes}
    planned = {(plain(operation.shape), operation.method) for operation in operations}
    offered = shown(operation.called for operation in operations)
    for route in found.routes:
        shape = plain(shape_of(route.path))
        is_planned = (shape, route.method) in planned or (not route.method and shape in shapes)
        is_told = _without_slash(shape) in but_slash and shape not in shapes
        is_health = plain(route.path) == plain(part.component.running.health)
        if not is_planned and not is_told and not is_health and route.method not in _BESIDE:
            yield part.wrong(
                "names/route",
                route.file,
                route.line,
                f"the route {route.method or 'any'} {route.path} is in no interface of {part.component.name}, which"
                f" offers {offered}: leave it out",
            )


def _missing(operation: Operation, there: Sequence[Route], near: Sequence[Route], listed: str) -> str:
    said = f"{operation.called} of {operation.interface} has no route"
    if there:
        return f"{said}: at {there[0].path} there is only {shown({route.method for route in there})}"
    if near:
        return f"{said}: {near[0].path} of {near[0].file}:{near[0].line} differs by the slash at its end"
    return f"{said}; there are {listed}"


def _same(path: str) -> str:
    return path


def _without_slash(path: str) -> str:
    return path.rstrip("/") or "/"
