"""What our programs inside the box are asked: the shapes of their standard input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import JsonValue

from engine.domain import Value


class Get(Value):
    """One question to a component."""

    method: str = "GET"
    path: str


class Startable(Value):
    """A component, as it is started in a box."""

    name: str
    folder: str
    """Where it starts, absolute."""
    argv: tuple[str, ...]
    before: tuple[tuple[str, ...], ...] = ()
    """Commands that have to end with 0 before it is started."""
    before_seconds: float = 60.0
    env: Mapping[str, str]
    folders: tuple[str, ...] = ()
    """That have to be there, absolute."""
    port: int = 0
    """0 where nobody calls it, and there is no health path either."""
    health: str = ""
    seconds: float = 30.0
    """Within which its health path has to answer 200; a worker has to end once it was asked to; a job has to end by itself."""
    gets: tuple[Get, ...] = ()
    keeps: bool = False
    """Whether its data is in a file of its own, or in PostgreSQL: then it is killed in the end, and begun again."""


class Store(Value):
    """A store that is itself in the box."""

    name: str
    engine: Literal["postgresql", "valkey"]
    port: int
    database: str


class Route(Value):
    """Where paths go: on to a *port*, or to an answer that is there already."""

    pattern: str
    """A regular expression of JavaScript, for the whole path."""
    port: int = 0
    method: str = ""
    status: int = 0
    body: JsonValue = None


class Origin(Value):
    """One origin: a page, and the interfaces beside it."""

    page: str
    """Its component; empty where there are interfaces only."""
    port: int = 0
    """0: any that is free."""
    routes: tuple[Route, ...]
    folder: str = ""
    """Where the built page stands in the box."""
    upstream: int = 0
    """Port of a page that is served by a program of its own."""


class StandIn(Value):
    """An empty page, and interfaces that know nothing."""

    page: str
    """Its HTML."""
    port: int = 0
    routes: tuple[Route, ...]


class Driven(Value):
    """What `boxed.mjs` reads."""

    playwright: str
    browser: str
    flags: tuple[str, ...] = ()
    milliseconds: int
    """Of all that it does."""
    step: int
    """Milliseconds within which a step of a scenario has to be met; the next is that against the stand-in."""
    empty_step: int
    open: int
    settle: int
    restarts: int = 3
    origins: tuple[Origin, ...]
    stand_in: StandIn | None
    scenarios: tuple[Mapping[str, JsonValue], ...]


class Asked(Value):
    """What `supervise.py` reads."""

    nonce: str
    components: tuple[Startable, ...]
    """Those that answer over HTTP; the others are started once all of these do."""
    workers: tuple[Startable, ...] = ()
    jobs: tuple[Startable, ...] = ()
    stores: tuple[Store, ...] = ()
    """Started before anything of the project; those of PostgreSQL have one port."""
    driver: tuple[str, ...] = ()
    """Command of the driver; empty where there is none."""
    driven: Driven | None = None
    prepare_seconds: float = 60.0
    drive_seconds: float = 0.0
