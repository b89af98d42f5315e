"""The `Architect` that asks no model: a profile, the rules that hold, and the numbers that follow."""

from __future__ import annotations

from agents.errors import NothingToOffer
from agents.offline.architect.case import Case, Consequence
from agents.offline.architect.clouds import ONE_FILE, STORES, Kind, names_at
from agents.offline.architect.components import component, files, interfaces
from agents.offline.architect.failing import COMPONENTS, ONE_INSTANCE
from agents.offline.architect.failing import ONE_FILE as FAILING_FILE
from agents.offline.architect.failing import STORES as FAILING_STORES
from agents.offline.architect.load import load_of
from agents.offline.architect.one_file import DATABASE, fits, writers
from agents.offline.architect.profiles import PROFILES, Kept, Profile
from agents.offline.architect.rules import RULES
from agents.plans.commission import Commission, Proposal
from agents.plans.plan import (
    CostDriver,
    Decision,
    Entity,
    EntityField,
    FailureMode,
    Plan,
    Requirement,
    Safeguard,
    Store,
)

MOST_REPLICAS = 10_000
REPLICAS = ("replicas_at_peak", "workers_at_peak", "holders_at_peak")
"""Figures that are numbers of replicas."""


class RuleArchitect:
    """Answers the same for the same commission, at once, and has one answer only."""

    name = "offline"

    async def plan(self, commission: Commission) -> Proposal:
        """As `Architect.plan` promises."""
        if commission.refused:
            raise NothingToOffer(self.name, "the rules have one plan only, and it was refused")
        if commission.project_type is None:
            raise NothingToOffer(self.name, "the rules plan the known types of projects, and read no description")
        return Proposal(plan=plan_by_rules(commission), architect=self.name)


def plan_by_rules(commission: Commission) -> Plan:
    """The plan that the rules make.

    Raises:
        NothingToOffer: So much was asked for that the arithmetic ends in more replicas than one cluster has.
    """
    assert commission.project_type is not None  # noqa: S101  # no rule reads a description
    profile = PROFILES[commission.project_type]
    case = _case(commission, profile)
    if max(case.load.known.get(name, 0.0) for name in REPLICAS) > MOST_REPLICAS:
        raise NothingToOffer(
            "offline",
            f"{commission.scale.name} comes to {case.load['peak_requests_per_second']:,.0f} requests/s, more than one "
            f"cluster of {MOST_REPLICAS:,} replicas bears",
            hint="plan one region's share of it",
        )
    names = names_at(commission.cloud)
    rules = [rule for rule in RULES if rule.holds(case)]
    consequences = [rule.adds(case) for rule in rules]
    added = _added(consequences, case)
    stores = _stores(case, added)
    entities = {kept.name: _entity(kept) for kept in profile.kept}
    return Plan(
        title=f"{profile.title} for {commission.scale.name} on {commission.cloud}",
        summary=profile.summary,
        requirements=tuple(
            Requirement(id=f"R{number}", text=text) for number, text in enumerate(profile.requirements, 1)
        ),
        decisions=(
            *(Decision(choice=rule.choice.format_map(names), reason=rule.reason) for rule in rules),
            *(Decision(choice=f"{store.name}: {store.product}.", reason=store.reason) for store in stores),
        ),
        components=tuple(
            component(case, part, tuple(store for store, users in added.items() if part.name in users))
            for part in profile.parts
        ),
        stores=stores,
        interfaces=tuple(interfaces(case, entities)),
        entities=tuple(entities.values()),
        files=tuple(file for part in profile.parts for file in files(part)),
        figures=tuple(case.load.figures),
        failures=_failures(case, stores),
        costs=(
            CostDriver(
                what="Replicas of the API, by their cores.",
                figure="replicas_at_peak",
                lever="Measure what the one bears, and give it the cores that it uses."
                if case.one_file
                else "Scale down by night; measure what one replica bears, and make the slowest query faster.",
            ),
            CostDriver(
                what="Data that is kept, with its copies and backups.",
                figure="data_gib_after_a_year",
                lever="Say how long each entity is kept, and remove what is older.",
            ),
            *(cost for consequence in consequences for cost in consequence.costs),
        ),
        security=(*_security(case), *(each for consequence in consequences for each in consequence.security)),
    )


def _case(commission: Commission, profile: Profile) -> Case:
    """With its database in one file, where that will do."""
    small = Case(commission, profile, load_of(commission.scale, profile, one_file=True), one_file=True)
    return small if fits(small) else Case(commission, profile, load_of(commission.scale, profile))


def _kinds(case: Case) -> dict[str, Kind]:
    """What each store is, by its name."""
    return {**STORES, DATABASE: ONE_FILE} if case.one_file else {**STORES}


def _failures(case: Case, stores: tuple[Store, ...]) -> tuple[FailureMode, ...]:
    alone = frozenset(writers(case)) if case.one_file else frozenset[str]()
    of_stores = {**FAILING_STORES, DATABASE: FAILING_FILE} if case.one_file else FAILING_STORES
    return (
        *((ONE_INSTANCE if part.name in alone else COMPONENTS[part.kind]).of(part.name) for part in case.profile.parts),
        *(of_stores[store.name].of(store.name) for store in stores),
    )


def _added(consequences: list[Consequence], case: Case) -> dict[str, tuple[str, ...]]:
    """Stores that rules have added, with those of the components there are that use them."""
    there = {part.name for part in case.profile.parts}
    return {
        store: tuple(user for user in users if user in there)
        for consequence in consequences
        for store, users in consequence.stores.items()
    }


def _stores(case: Case, added: dict[str, tuple[str, ...]]) -> tuple[Store, ...]:
    return tuple(
        Store(
            name=name,
            engine=kind.engine,
            product=kind.products[case.commission.cloud],
            purpose=kind.purpose,
            reason=kind.reason,
            backup=kind.backups.get(case.commission.cloud, ""),
            gib=max(1.0, round(_gib(case, name), 1)),
        )
        for name, kind in _kinds(case).items()
        if name in case.stores or name in added
    )


def _gib(case: Case, store: str) -> float:
    figure = "disk_gib" if case.one_file and store == DATABASE else f"{store}_gib_after_a_year"
    return case.load.known.get(figure, 0.0)


def _entity(kept: Kept) -> Entity:
    return Entity(
        name=kept.name,
        store=kept.store,
        owner=kept.owner,
        fields=tuple(
            EntityField(
                name=name,
                type=type_,
                meaning=f"Which {to} it belongs to." if to else name.replace("_", " ").capitalize() + ".",
                references=f"{to}.id" if to else "",
            )
            for name, type_, to in kept.typed
        ),
    )


def _security(case: Case) -> list[Safeguard]:
    told = [
        Safeguard(
            threat="Somebody reads or changes what is another's.",
            measure="Every query names the account; a test for each path asks with the token of another account.",
            part="api",
        ),
        Safeguard(
            threat="Somebody sends more than is fair, or tries passwords.",
            measure="Limits by account and by address, answered with 429 and Retry-After.",
            part="api",
        ),
        Safeguard(
            threat="A component that was taken over reaches everything.",
            measure="No root, no writable root file system, no capabilities; the network lets through only what the plan names.",
            part="api",
        ),
    ]
    if not case.one_file:
        told.append(
            Safeguard(
                threat="A lost disk or a copied backup is read.",
                measure="Encrypted at rest and in transit; one role for each component, with the rights that it needs.",
                part=DATABASE,
            )
        )
    if "objects" in case.stores:
        told.append(
            Safeguard(
                threat="A file is a program, or somebody else's link.",
                measure="Uploads go to keys that we choose, with a size and a type that are checked; links are signed and "
                "last ten minutes.",
                part="objects",
            )
        )
    return told
