"""What the rules look at, and what they may say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from agents.offline.architect.load import Load
from agents.offline.architect.profiles import Profile
from agents.plans.commission import Commission
from agents.plans.plan import CostDriver, Safeguard


class Case(NamedTuple):
    """One commission, with what is usual for its type and the numbers that follow."""

    commission: Commission
    profile: Profile
    load: Load
    one_file: bool = False
    """Whether its database is a file of the one component that writes to it."""

    @property
    def stores(self) -> frozenset[str]:
        """The stores that this type has in any case."""
        return frozenset(store for part in self.profile.parts for store in (*part.stores, *part.reads))

    def has(self, kind: str) -> bool:
        return any(part.kind == kind for part in self.profile.parts)


class Consequence(NamedTuple):
    """What a rule adds to the plan."""

    stores: Mapping[str, tuple[str, ...]] = {}
    """Stores, each with the components that use it from now on."""
    costs: tuple[CostDriver, ...] = ()
    security: tuple[Safeguard, ...] = ()


class Rule(NamedTuple):
    """A choice, when it is made, and why."""

    name: str
    choice: str
    """In words, with ``{cluster}``, ``{edge}`` and ``{secrets}`` for what these are called at the cloud."""
    reason: str
    holds: Callable[[Case], bool]
    adds: Callable[[Case], Consequence] = lambda _: Consequence()
