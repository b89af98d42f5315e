"""The architect's plan, as a contract that others work by. Whether it holds together is checked by `engine.projects`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from agents.base import Value

Name = Annotated[str, Field(pattern=r"^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$")]
"""Of a component, a store or an interface: lower-case words with hyphens, as DNS and Kubernetes take them."""
RequirementId = Annotated[str, Field(pattern=r"^R[1-9][0-9]{0,2}$")]
FigureName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,59}$")]
Words = Annotated[str, Field(min_length=1, max_length=600)]
"""A sentence or a few."""

Role = Literal["backend", "frontend", "devops", "qa"]
"""Who writes a component."""
Kind = Literal["page", "api", "worker", "job"]
"""`page`: files for a browser. `api`: answers over HTTP. `worker`: takes work from a queue. `job`: runs by a schedule."""
Runtime = Literal["python", "node", "static"]
"""What a component's image holds; `static` is a web server with files that Node.js has built."""
Engine = Literal["postgresql", "sqlite", "valkey", "rabbitmq", "opensearch", "clickhouse", "objects"]
"""What a store speaks; `objects` is the S3 protocol or the cloud's own. `sqlite` is no server, but a file on a disk of the
one component that uses it.
"""
FieldType = Literal["uuid", "text", "integer", "decimal", "boolean", "timestamp", "json", "bytes"]


class Requirement(Value):
    """Something that the whole has to do."""

    id: RequirementId
    text: Words


class Decision(Value):
    """Something that was chosen, and why."""

    choice: Words
    reason: Words


class Running(Value):
    """How a component runs."""

    runtime: Runtime
    command: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = Field(default=(), max_length=20)
    """Its program and arguments; empty for `static`, whose web server is the image's own."""
    port: int | None = Field(default=None, ge=1_024, le=65_535)
    """Where it listens; None for what nobody calls."""
    health: str = Field(default="", pattern=r"^(/[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*)?$", max_length=100)
    """Path that answers 200 while it can work; empty without a port."""
    schedule: str = Field(default="", pattern=r"^([0-9*/,-]+( [0-9*/,-]+){4})?$", max_length=100)
    """Five fields of cron, for a job."""
    millicores: int = Field(ge=50, le=64_000)
    memory_mib: int = Field(ge=32, le=524_288)
    least: int = Field(default=1, ge=1, le=10_000)
    """Replicas at rest."""
    most: int = Field(default=1, ge=1, le=10_000)
    """Replicas at the peak."""


class Component(Value):
    """A part that is built, shipped and scaled by itself."""

    name: Name
    kind: Kind
    role: Role
    purpose: Words
    requirements: tuple[RequirementId, ...]
    """What it is there for."""
    stores: tuple[Name, ...] = ()
    """Stores that it reads or writes."""
    calls: tuple[Name, ...] = ()
    """Interfaces of others that it calls."""
    running: Running


class Store(Value):
    """Where data stays, or waits."""

    name: Name
    engine: Engine
    product: Words
    """What it is called where it runs, such as a cloud's managed service."""
    purpose: Words
    reason: Words
    """Why this engine."""
    gib: float = Field(ge=0, le=1e9, allow_inf_nan=False)
    """Size after a year, and no less than what is provisioned to begin with."""
    backup: str = Field(default="", max_length=600)
    """How copies of it are made, and how one is brought back. A file has nobody else who makes them, so SQLite has to say."""


class Interface(Value):
    """What a component answers to others."""

    name: Name
    owner: Name
    """The component that answers."""
    document: str = Field(min_length=1, max_length=200_000)
    """An OpenAPI 3.1 document, as JSON."""


class EntityField(Value):
    name: Identifier
    type: FieldType
    meaning: Words
    references: str = Field(default="", max_length=130)
    """``Entity.field`` that it points to; empty where it points to none."""


class Entity(Value):
    """Something that is kept."""

    name: Identifier
    store: Name
    owner: Name
    """The one component that writes it."""
    fields: tuple[EntityField, ...] = Field(min_length=1, max_length=60)
    """The first one is its key."""


class PlannedFile(Value):
    """A file of the project, and who alone may write it."""

    path: str = Field(min_length=1, max_length=200)
    owner: Name
    """The component that it belongs to."""
    role: Role
    """Who writes it."""
    purpose: Words


class Figure(Value):
    """A number, and where it comes from."""

    name: FigureName
    formula: str = Field(default="", max_length=300)
    """Arithmetic over figures that stand before it: ``+ - * / ( )``, ``ceil``, ``max`` and ``min``. Empty for a number
    that was given or is assumed."""
    value: float = Field(allow_inf_nan=False)
    unit: Annotated[str, Field(min_length=1, max_length=40)]
    reason: Words
    """What it is for, or why it may be assumed."""


class FailureMode(Value):
    """What may go wrong, and what happens then."""

    part: Name
    """A component or a store."""
    what: Words
    effect: Words
    noticed: Words
    answer: Words


class CostDriver(Value):
    what: Words
    figure: FigureName
    """The number that it grows with."""
    lever: Words
    """What makes it smaller."""


class Safeguard(Value):
    threat: Words
    measure: Words
    part: Name
    """The component, store or interface that it is about."""


class Plan(Value):
    """A project as it is to be built: who does what, what passes between them, and how much of it."""

    title: Words
    summary: Words
    requirements: tuple[Requirement, ...] = Field(min_length=1, max_length=60)
    decisions: tuple[Decision, ...] = Field(min_length=1, max_length=60)
    components: tuple[Component, ...] = Field(min_length=1, max_length=40)
    stores: tuple[Store, ...] = Field(max_length=20)
    interfaces: tuple[Interface, ...] = Field(max_length=40)
    entities: tuple[Entity, ...] = Field(max_length=60)
    files: tuple[PlannedFile, ...] = Field(min_length=1, max_length=600)
    figures: tuple[Figure, ...] = Field(min_length=1, max_length=100)
    failures: tuple[FailureMode, ...] = Field(min_length=1, max_length=100)
    costs: tuple[CostDriver, ...] = Field(min_length=1, max_length=60)
    security: tuple[Safeguard, ...] = Field(min_length=1, max_length=60)
