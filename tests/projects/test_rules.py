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


async def test_the_rules_have_one_answer_only() -> None:
    """Asked again after a refusal, they say so; as they do where a load is beyond one cluster."""
    again = commission().model_copy(update={"refused": (Refusal(said="", faults=("wrong",)),)})

    with pytest.raises(NothingToOffer, match="one plan only"):
        await RuleArchitect().plan(again)
    with pytest.raises(NothingToOffer, match=r"868,056 requests/s, more than one cluster"):
        await RuleArchitect().plan(commission("api", "50m users"))


def _choices(plan: Plan) -> set[str]:
    return {decision.choice for decision in plan.decisions}
