"""What was seen of components whose data has to outlive them: whether it was still there once they had been killed and begun
again, and, where that is in a file, came from there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agents.plans.plan import Component, Engine, Plan
from engine.domain import Finding
from engine.projects.deploying.disks import files_of, is_file
from engine.projects.deploying.engines import variable
from engine.projects.running import said
from engine.projects.running.outcome import finding
from engine.projects.running.stores import lasting
from engine.projects.running.surroundings import folder_of

_IN_MEMORY: frozenset[Engine] = frozenset({"rabbitmq", "opensearch"})


def findings_of(plan: Plan, component: Component, told: Sequence[said.Told]) -> list[Finding]:
    """What *component* has lost, or cannot begin on."""
    kept = _kept(component, told)
    names = ", ".join(store.name for store in lasting(component, plan))
    path = folder_of(component)
    if kept is not None and kept.how == "lost" and not _forgets(component, plan):
        message = (
            f"{component.name} was killed and started again, and GET {kept.path} answered as if nothing had been written "
            f"before: what it keeps in {names} has to be in {_places(component, plan)} by the time that it answers"
        )
        return [finding("store/lost", message, path=path)]
    if kept is not None and kept.how == "elsewhere" and not _asks_others(component, plan):
        message = (
            f"{component.name} was started without the file of {names}, and GET {kept.path} answered what had been written all "
            f"the same: it has to be in {_places(component, plan)}, and nowhere else, for a new container has nothing else of "
            "the old one"
        )
        return [finding("store/elsewhere", message, path=path)]
    if kept is not None and kept.how == "kept" and _is_unused(component, plan, told):
        message = (
            f"{component.name} was killed and started again, and GET {kept.path} answered what had been written before, but no "
            f"table of {names} has a row: it has to be in {_places(component, plan)}, for a new container has nothing else of "
            "the old one"
        )
        return [finding("store/elsewhere", message, path=path)]
    if kept is not None and kept.how == "down":
        message = (
            f"{component.name} was killed and started again on {names} as it had left it, and did not answer its health path "
            f"({kept.why}): tables that are there already are no error"
        )
        return [finding("store/again", message, path=path, evidence=kept.output)]
    return []


def shown_of(component: Component, told: Sequence[said.Told]) -> tuple[str, ...]:
    kept = _kept(component, told)
    if kept is None or kept.how != "kept":
        return ()
    return (f"{component.name} was killed and started again: GET {kept.path} answered what had been written before",)


def used(plan: Plan, told: Sequence[said.Told]) -> Mapping[str, str]:
    """By its name, what each store was that is a file and outlived its component, in words."""
    return {
        store.name: f"SQLite; {shown}"
        for component in plan.components
        for store in files_of(component, plan)
        for shown in shown_of(component, told)
    }


def not_shown_of(plan: Plan, component: Component, told: Sequence[said.Told]) -> tuple[str, ...]:
    kept = _kept(component, told)
    names = ", ".join(store.name for store in files_of(component, plan))
    if not names:
        return ()
    if (
        kept is None
        or kept.how == "untold"
        or (kept.how == "lost" and _forgets(component, plan))
        or (kept.how == "elsewhere" and _asks_others(component, plan))
    ):
        return (
            f"Whether what is in {names} outlives {component.name} was not seen: nothing that it was asked tells it.",
        )
    if kept.how == "kept" and kept.why:
        return (
            f"{component.name} answered as at the beginning to GET {kept.why} once it was killed and started again.",
        )
    return ()


def _places(component: Component, plan: Plan) -> str:
    return " and ".join(
        f"the file behind sqlite:/// in {variable(store.name, 'URL')}"
        if is_file(store)
        else f"the database behind {variable(store.name, 'URL')}"
        for store in lasting(component, plan)
    )


def _forgets(component: Component, plan: Plan) -> bool:
    """Whether another store of its stood in memory here, where what it answers may come from."""
    return any(store.name in component.stores and store.engine in _IN_MEMORY for store in plan.stores)


def _asks_others(component: Component, plan: Plan) -> bool:
    """Whether what it answers may come from another store of its, or from another component."""
    return bool(component.calls) or len(component.stores) > len(files_of(component, plan))


def _is_unused(component: Component, plan: Plan, told: Sequence[said.Told]) -> bool:
    """Whether all that it answers has to come from databases in which there is nothing."""
    stayed = {line.name: line for line in told if isinstance(line, said.StoreStayed)}
    own = [each for each in plan.stores if each.name in component.stores]
    return not component.calls and all(
        each.engine == "postgresql" and each.name in stayed and stayed[each.name].used is False for each in own
    )


def _kept(component: Component, told: Sequence[said.Told]) -> said.Kept | None:
    return next((line for line in told if isinstance(line, said.Kept) and line.component == component.name), None)
