"""Stores of a plan that are themselves in the box: where each is reached, and what was seen of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agents.plans.plan import Component, Engine, Plan
from agents.plans.plan import Store as StoreOfPlan
from engine.domain import Finding
from engine.projects.running import said
from engine.projects.running.asked import Store
from engine.projects.running.outcome import finding
from sandboxes.errors import SandboxUnavailable

_USUAL: Mapping[Engine, int] = {"postgresql": 5_432, "valkey": 6_379}
"""Where each listens, unless a component does or another of its kind."""
REAL: frozenset[Engine] = frozenset(_USUAL)
_LASTING: frozenset[Engine] = frozenset({"sqlite", "postgresql"})
_FIRST_SPARE = 19_000
_MOST_LOGGED = 3_000
_HEARD = ("http/", "start/", "worker/", "job/")


def lasting(component: Component, plan: Plan) -> tuple[StoreOfPlan, ...]:
    """The stores of *component* that are here as they are shipped, and whose content is there whenever it begins again; what
    is in Valkey may be forgotten.
    """
    return tuple(each for each in plan.stores if each.name in component.stores and each.engine in _LASTING)


def needs_servers(components: Sequence[Component], plan: Plan) -> bool:
    """Whether the box of these *components* has to have the servers of stores."""
    return bool(_used_by(components, plan))


def asked(plan: Plan, components: Sequence[Component]) -> tuple[Store, ...]:
    """Of each store that *components* use and that is itself here: what the supervisor starts."""
    placed = _placed(plan)
    return tuple(placed[name] for name in _used_by(components, plan))


def addresses(plan: Plan) -> Mapping[str, str]:
    """By store, as a program finds it in its environment."""
    return {
        name: f"postgresql://app:app@127.0.0.1:{store.port}/{store.database}"
        if store.engine == "postgresql"
        else f"redis://127.0.0.1:{store.port}/0"
        for name, store in _placed(plan).items()
    }


def require_started(told: Sequence[said.Told]) -> None:
    """Whatever did not start was started before anything of the project, and says nothing about it.

    Raises:
        SandboxUnavailable: A store did not.
    """
    for line in told:
        if isinstance(line, said.NoStore):
            why = f"{line.name}: {line.why}; {line.log[-500:]}" if line.log.strip() else f"{line.name}: {line.why}"
            hint = "run it in an environment over the image for Node.js, with 128 MiB for a store"
            raise SandboxUnavailable("box", f"a store could not be started in it: {why}", hint=hint)


def findings_of(told: Sequence[said.Told]) -> list[Finding]:
    """Stores that did not stay: nothing ends them but what runs beside them."""
    return [
        finding(
            "store/ended",
            f"{line.name} ({line.server}) was ended while the project ran, by something in its box ({line.code}): the project"
            " has to leave processes alone that it did not start",
            evidence=line.log,
        )
        for line in told
        if isinstance(line, said.StoreStayed) and line.code is not None
    ]


def with_logs(findings: Sequence[Finding], told: Sequence[said.Told]) -> list[Finding]:
    """*findings*, with what stores logged of errors before the evidence of those that may come of it; data."""
    logged = "\n\n".join(
        f"What {line.server} ({line.name}) logged:\n{errors}"
        for line in told
        if isinstance(line, said.StoreStayed) and line.code is None and (errors := _errors(line.log))
    )
    return [
        finding(each.rule, each.message, path=each.path, line=each.line, evidence=f"{logged}\n\n{each.evidence}")
        if logged and each.rule and (each.rule == "scenario" or each.rule.startswith(_HEARD))
        else each
        for each in findings
    ]


def used(told: Sequence[said.Told]) -> Mapping[str, str]:
    """By its name, what each store was in which something was kept; as it says itself."""
    stayed = (line for line in told if isinstance(line, said.StoreStayed) and line.code is None)
    return {line.name: f"{line.server}, in which something was kept" for line in stayed if line.used}


def shown_of(told: Sequence[said.Told]) -> tuple[str, ...]:
    return tuple(f"{name} was {what}" for name, what in used(told).items())


def not_shown_of(told: Sequence[said.Told]) -> tuple[str, ...]:
    return tuple(
        f"{'Nothing was' if line.used is False else 'It was not told whether anything was'} kept in {line.name}, which was"
        f" {line.server} here: whether the code works with it was not seen."
        for line in told
        if isinstance(line, said.StoreStayed) and not line.used
    )


def _used_by(components: Sequence[Component], plan: Plan) -> tuple[str, ...]:
    used = {name for each in components for name in each.stores}
    return tuple(store.name for store in plan.stores if store.name in used and store.engine in REAL)


def _placed(plan: Plan) -> Mapping[str, Store]:
    taken = {each.running.port for each in plan.components}
    found: dict[str, Store] = {}
    servers: dict[str, int] = {}
    for store in plan.stores:
        if store.engine not in ("postgresql", "valkey"):
            continue
        # one server of PostgreSQL has a database for each; Valkey is one server for each
        same = [each for each in found.values() if each.engine == store.engine]
        if store.engine == "postgresql" and same:
            port, database = servers[store.engine], f"app_{len(same) + 1}"
        else:
            port, database = _free(_USUAL[store.engine] + len(same), taken), "app"
            servers[store.engine] = port
        taken.add(port)
        found[store.name] = Store(name=store.name, engine=store.engine, port=port, database=database)
    return found


def _free(port: int, taken: set[int | None]) -> int:
    if port not in taken:
        return port
    return next(spare for spare in range(_FIRST_SPARE, 65_536) if spare not in taken)


def _errors(log: str) -> str:
    """Without what the server says of itself."""
    return "\n".join(line for line in log.splitlines() if not line.startswith("LOG:"))[-_MOST_LOGGED:].strip()
