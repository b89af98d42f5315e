"""The rule base: what it plans holds together, whatever is asked for, and every choice has its reason."""

from __future__ import annotations

import pytest

from agents.errors import NothingToOffer
from agents.offline.architect.architect import RuleArchitect, plan_by_rules
from agents.plans.commission import Refusal
from agents.plans.plan import Plan
from engine.projects.asking import CLOUDS, TYPES
from engine.projects.contract import faults_of
from tests.projects.plans import commission, sound


@pytest.mark.parametrize("scale", ["small", "large", "300 rps"])
@pytest.mark.parametrize("project_type", TYPES)
def test_every_type_at_every_scale_is_a_plan_that_holds_together(project_type: str, scale: str) -> None:
    """By the contract that a model's plans are held to as well."""
    assert faults_of(plan_by_rules(commission(project_type, scale))) == ()


@pytest.mark.parametrize("cloud", CLOUDS)
def test_stores_are_called_what_the_cloud_calls_them(cloud: str) -> None:
    """And nothing else of the plan depends on the cloud but names."""
    plan, other = sound(cloud=cloud), sound(cloud="self-hosted")

    assert {store.name for store in plan.stores} == {store.name for store in other.stores}
    assert (plan.stores == other.stores) == (cloud == "self-hosted")


def test_numbers_follow_from_the_scale_by_arithmetic_that_is_shown() -> None:
    """A hundred thousand people, forty requests each, eight times the average at the peak."""
    figures = {figure.name: figure for figure in sound().figures}

    peak = figures["peak_requests_per_second"]
    assert peak.formula == "users_per_day * requests_per_user_per_day / 86400 * peak_factor"
    assert peak.value == pytest.approx(100_000 * 40 / 86_400 * 8, abs=0.001)
    assert figures["replicas_at_peak"].value == 8  # 370.4 / 60, rounded up, and one more
    assert "Assumed" in figures["peak_factor"].reason


def test_requests_a_second_are_worked_backwards_to_people() -> None:
    """So that what is kept can be counted either way."""
    figures = {figure.name: figure.value for figure in sound("api", "300 rps").figures}

    assert figures["users_per_day"] == pytest.approx(300 / 3 * 86_400 / 500)


def test_a_rule_holds_only_where_it_has_a_reason_to() -> None:
    """No cache and no search index for a small shop, both for a larger one; each said with its reason."""
    small, medium = sound(scale="small"), sound(scale="medium")

    assert {"cache", "search"} & {store.name for store in small.stores} == set()
    assert {"cache", "search"} <= {store.name for store in medium.stores}
    assert any(decision.choice.startswith("No cache") for decision in small.decisions)
    assert all(decision.reason for decision in (*small.decisions, *medium.decisions))
    assert _choices(sound(scale="large")) - _choices(medium) >= {
        "Read replicas of the database, from 2,000 reads/s.",
        "A connection pooler (PgBouncer) before the database, from 200 connections.",
    }


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize(
    ("project_type", "scale"), [("web-app", "small"), ("api", "small"), ("data-pipeline", "10 users")]
)
def test_a_small_project_keeps_its_data_in_a_file(project_type: str, scale: str, cloud: str) -> None:
    """One instance with one disk, a backup that is named, and the others ask the one component that has it."""
    plan = sound(project_type, scale, cloud)
    database = next(store for store in plan.stores if store.name == "database")
    users = [component for component in plan.components if "database" in component.stores]

    assert faults_of(plan) == ()
    assert database.engine == "sqlite"
    assert database.product.startswith("SQLite on ")
    assert database.backup
    assert [(user.name, user.running.least, user.running.most) for user in users] == [("api", 1, 1)]
    assert not any(decision.choice.startswith("Components keep nothing") for decision in plan.decisions)
    asking = {component.name for component in plan.components if "api-http" in component.calls}
    assert asking >= {component.name for component in plan.components if component.name in {"notifier", "reconciler"}}


def test_a_file_is_taken_with_its_arithmetic_and_with_what_ends_it() -> None:
    """What one instance bears, how much of that is asked for after growth, and by which numbers it moves to PostgreSQL."""
    plan = sound("web-app", "small")
    figures = {figure.name: figure for figure in plan.figures}
    choice = next(decision for decision in plan.decisions if decision.choice.startswith("SQLite"))

    assert figures["replicas_at_peak"].value == 1
    assert figures["share_of_one_instance"].formula.startswith("growth_to_bear * max(peak_requests_per_second /")
    assert figures["share_of_one_instance"].value == pytest.approx(2 * (1_000 * 60 / 86_400 * 4) / 60, abs=0.001)
    limits = {"requests_per_second_of_one_instance", "writes_per_second_of_one_file", "gib_of_one_file"}
    assert all(
        name in choice.choice and figures[name].formula and "PostgreSQL" in figures[name].reason for name in limits
    )
    assert any(cost.figure == "disk_gib" for cost in plan.costs)
    assert [store.gib for store in plan.stores if store.name == "database"] == [round(figures["disk_gib"].value, 1)]
    assert any("no spare one" in failure.answer for failure in plan.failures if failure.part == "api")


@pytest.mark.parametrize(
    ("project_type", "scale", "why"),
    [
        ("web-app", "31 rps", "One instance with one file would not bear"),
        ("data-pipeline", "small", "of GiB to bring back"),
        ("chat", "10 users", "More than one component writes"),
        ("shop", "10 users", "More than one component writes"),
    ],
)
def test_a_server_is_taken_where_a_file_will_not_do(project_type: str, scale: str, why: str) -> None:
    """For the load or for a second writer, which is said."""
    plan = sound(project_type, scale)

    assert [store.engine for store in plan.stores if store.name == "database"] == ["postgresql"]
    assert any(
        decision.choice.startswith("A database server") and why in decision.reason for decision in plan.decisions
    )


async def test_the_rules_have_one_answer_only() -> None:
    """Asked again after a refusal, they say so; as they do where a load is beyond one cluster."""
    again = commission().model_copy(update={"refused": (Refusal(said="", faults=("wrong",)),)})

    with pytest.raises(NothingToOffer, match="one plan only"):
        await RuleArchitect().plan(again)
    with pytest.raises(NothingToOffer, match=r"868,056 requests/s, more than one cluster"):
        await RuleArchitect().plan(commission("api", "50m users"))


def _choices(plan: Plan) -> set[str]:
    return {decision.choice for decision in plan.decisions}
