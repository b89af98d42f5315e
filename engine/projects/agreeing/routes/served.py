"""What a component's code answers over HTTP, as far as its text shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

MOST_HOPS = 12
"""Routers that are put into one another."""
_MOST_ROUTES = 5_000
_MOST_ROUTERS = 1_000


class Route(NamedTuple):
    """One path that is answered."""

    method: str
    """In capitals; empty where all are, or it is not known which."""
    path: str
    """With its parameters in braces."""
    file: str
    """From the component's folder."""
    line: int


@dataclass(frozen=True)
class Served:
    """All routes that were found."""

    routes: tuple[Route, ...]
    whole: bool
    """Whether these are all: nothing was met that may add others, or put these elsewhere."""
    file: str
    """Where the application is made."""


NOWHERE = Served((), whole=False, file="")


@dataclass
class Router:
    """Something that answers below a prefix, and what is put into it."""

    file: str
    prefix: str = ""
    routes: list[Route] = field(default_factory=list)
    inner: list[tuple[str, Router]] = field(default_factory=list)
    opened: bool = False
    """Whether it may answer more than is known."""


def served(roots: Sequence[Router]) -> Served:
    """What *roots* answer together, with all that is put into them."""
    if not roots:
        return NOWHERE
    routes: list[Route] = []
    whole = True
    left: list[tuple[str, Router, int]] = [("", root, 0) for root in roots]
    count = 0
    while left:
        prefix, router, depth = left.pop()
        count += 1
        if depth > MOST_HOPS or count > _MOST_ROUTERS or len(routes) > _MOST_ROUTES or len(left) > _MOST_ROUTES:
            return Served(tuple(routes), whole=False, file=roots[0].file)
        whole = whole and not router.opened
        base = prefix + router.prefix
        routes += [route._replace(path=base + route.path) for route in router.routes]
        left += [(base + more, inner, depth + 1) for more, inner in router.inner]
    return Served(tuple(sorted(set(routes))), whole=whole, file=roots[0].file)
