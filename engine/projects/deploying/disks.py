"""Stores that are files: where such a file lies, and who has the disk that it lies on."""

from __future__ import annotations

from agents.plans.plan import Component, Plan, Store

FOLDER = "/data"
"""Where its disk is mounted for a component; its image makes the folder, so that a new volume belongs to the right user."""


def is_file(store: Store) -> bool:
    """Whether *store* is a file of the component that uses it, without a server, a port or a password."""
    return store.engine == "sqlite"


def address(store: Store) -> str:
    """By which its component opens it; the path behind ``sqlite:///`` is an absolute one."""
    return f"sqlite:///{FOLDER}/{store.name}.db"


def volume(store: Store) -> str:
    """What its disk is called, for compose and for Kubernetes."""
    return f"{store.name}-data"


def files_of(component: Component, plan: Plan) -> tuple[Store, ...]:
    """The stores of *component* that are files on its disk: one, where the plan holds together."""
    return tuple(store for store in plan.stores if store.name in component.stores and is_file(store))


def served(plan: Plan) -> tuple[Store, ...]:
    """The stores that have a server of their own."""
    return tuple(store for store in plan.stores if not is_file(store))
