"""Whether what is answered is what was planned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
    shapes = {plain(shape_of(operation.path)) for operation in operations}
    for operation in operations:
        shape = plain(operation.shape)
        there = [route for route in found.routes if plain(shape_of(route.path)) == shape]
        taken = [route for route in there if route.method in {"", operation.method}]
        if not taken:
            yield part.wrong("routes/missing", found.file, None, _missing(operation, there, found.routes))
        for route in taken[:1]:
            if places_of(route.path) != places_of(operation.path):
                yield part.wrong(
                    "routes/parameter",
                    route.file,
                    route.line,
                    f"the route {route.path} is planned as {operation.path}: the parameters are called otherwise",
                )
    health = part.component.running.health
    if health and not any(plain(route.path) == plain(health) and route.method in {"", "GET"} for route in found.routes):
        yield part.wrong("routes/health", found.file, None, f"GET {health}, the health path of the plan, has no route")
    planned = {(plain(operation.shape), operation.method) for operation in operations}
    for route in found.routes:
        shape = plain(shape_of(route.path))
        is_planned = (shape, route.method) in planned or (not route.method and shape in shapes)
        is_told = _without_slash(shape) in {_without_slash(each) for each in shapes} and shape not in shapes
        if not is_planned and not is_told and plain(route.path) != plain(health) and route.method not in _BESIDE:
            offered = shown(operation.called for operation in operations)
            yield part.wrong(
                "names/route",
                route.file,
                route.line,
                f"the route {route.method or 'any'} {route.path} is in no interface of {part.component.name}, which"
                f" offers {offered}: leave it out",
            )


def _missing(operation: Operation, there: Sequence[Route], routes: Sequence[Route]) -> str:
    said = f"{operation.called} of {operation.interface} has no route"
    if there:
        return f"{said}: at {there[0].path} there is only {shown({route.method for route in there})}"
    near = [route for route in routes if _without_slash(shape_of(route.path)) == _without_slash(operation.shape)]
    if near:
        return f"{said}: {near[0].path} of {near[0].file}:{near[0].line} differs by the slash at its end"
    listed = shown((f"{route.method or 'any'} {route.path}" for route in routes), 20)
    return f"{said}; there are {listed}"


def _same(path: str) -> str:
    return path


def _without_slash(path: str) -> str:
    return path.rstrip("/") or "/"
