"""Scenarios are about the plan's requirements, its interfaces and pages that it has."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from agents.plans.scenario import Scenario
from engine.projects.agreeing import scenario_faults
from tests.projects.agreeing.plans import component, plan_of

PAGE = component("web", "page", "static", ())
API = component("api", "api", "python", ("sh",))
PLAN = plan_of([PAGE, API], [], owner="api")
SEE = {"do": "see", "text": "It"}


def call(method: str = "GET", path: str = "/api/products", **more: Any) -> dict[str, Any]:
    expects = [{"pointer": "", "value": []}]
    return {
        "do": "call",
        "interface": "shop-http",
        "method": method,
        "path": path,
        "status": 200,
        "expects": expects,
        **more,
    }


def scenario(*steps: Mapping[str, Any], name: str = "It is listed", requirement: str = "R1") -> Scenario:
    return Scenario.model_validate({"name": name, "requirement": requirement, "steps": list(steps)})


def faults(*steps: Mapping[str, Any], plan: Any = PLAN, more: Sequence[Scenario] = ()) -> list[str]:
    second = scenario(call("POST", body={"name": "Tea"}), name="It is added", requirement="R2")
    return list(scenario_faults(plan, [scenario(*steps), second, *more]))


@pytest.mark.parametrize(
    "steps",
    [
        [{"do": "visit", "path": "/"}, SEE],
        [call("POST", keep={"product_id": "/id"}), call(path="/api/products/{product_id}?x=1")],
        [call(path="/api/products/1")],
        [
            call("POST", keep={"id": "/id"}),
            call("POST", body={"name": ["{id}"]}),
            {"do": "visit", "path": "/p/{id}"},
            SEE,
        ],
        [call("DELETE", status=405), call(path="/api/none", status=404)],
        [call(path="/api/products?limit=2&{x:1}")],
    ],
    ids=range(6),
)
def test_scenarios_that_can_be_taken_are_right(steps: list[dict[str, Any]]) -> None:
    """Also those that ask for what is refused."""
    assert faults(*steps) == []


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (call(interface="shop"), "no interface"),
        (call("DELETE"), "offers GET, POST"),
        (call(path="/api/product"), "has no such path"),
        (call(path="/api/products/{id}"), "uses {id}"),
        (call(body={"a": [{"b": "{later}"}]}), "uses {later}"),
        (call(expects=[{"pointer": "", "value": "{later}"}]), "uses {later}"),
    ],
)
def test_a_step_that_cannot_be_taken_is_told(step: dict[str, Any], words: str) -> None:
    """By the scenario's name and the number of the step."""
    found = faults(call(), step)

    assert len(found) == 1
    assert found[0].startswith("scenario 'It is listed', step 2")
    assert words in found[0]


def test_what_is_kept_in_a_step_can_be_used_only_after_it() -> None:
    """Not in the step itself."""
    assert len(faults(call(path="/api/products/{id}", keep={"id": "/id"}))) == 1


def test_without_a_page_nothing_is_visited() -> None:
    """There is nothing to open."""
    found = faults({"do": "visit", "path": "/"}, SEE, plan=plan_of([API], [], owner="api"))

    assert len(found) == 1
    assert "has no page" in found[0]


def test_each_requirement_has_a_scenario_and_each_scenario_a_requirement_and_a_name() -> None:
    """One of each fault."""
    first = scenario(call())
    unknown = scenario(call(path="/api/products/1"), name="Another", requirement="R9")

    found = scenario_faults(PLAN, [first, first, unknown])

    assert len(found) == 3
    assert found[0].startswith("2 scenarios are called 'It is listed'")
    assert found[1] == "requirement R2 has no scenario"
    assert "R9, which is no requirement" in found[2]


def test_the_steps_of_one_requirement_show_no_other() -> None:
    """Else one scenario, given twice, would prove whatever it is said to be about; twice for the same one is no fault."""
    first = scenario(call())
    again = scenario(call(), name="It is listed again")
    other = scenario(call(), name="It is lent", requirement="R2")

    assert scenario_faults(PLAN, [first, again, other]) == (
        "scenario 'It is lent' takes the very steps of 'It is listed', which is about R1: show what R2 says beyond it",
    )


def test_that_something_runs_shows_no_requirement() -> None:
    """A health path answers whatever the project is about; asked beside something else, it does no harm."""
    alive = call(path="/health")
    document = json.loads(PLAN.interfaces[0].document)
    document["paths"]["/health"] = {"get": document["paths"]["/api/products"]["get"]}
    shop = PLAN.interfaces[0].model_copy(update={"document": json.dumps(document)})
    plan = PLAN.model_copy(update={"interfaces": (shop,)})

    assert faults(alive, call(), plan=plan) == []
    assert faults(alive, plan=plan) == [
        "scenario 'It is listed' asks only whether something runs, which shows nothing of R1"
    ]


NIGHTLY = component("nightly", "job", "python", ("sh",)).model_copy(update={"requirements": ("R2",)})
RUN = {"do": "run", "job": "nightly"}


def test_a_job_that_a_scenario_runs_is_one_of_the_plan() -> None:
    """Whatever else there is cannot be run once."""
    plan = plan_of([PAGE, API, NIGHTLY], [], owner="api")

    assert faults(RUN, call(), plan=plan, more=[scenario(RUN, call("POST"), requirement="R2", name="N")]) == []
    assert "scenario 'It is listed', step 1 runs api, which is no job; jobs are nightly" in faults(
        {**RUN, "job": "api"}, call(), plan=plan
    )
    assert faults(RUN, call()) == ["scenario 'It is listed', step 1 runs nightly, which is no job; jobs are none"]


def test_what_a_job_alone_meets_is_shown_by_a_scenario_that_runs_it() -> None:
    """Nothing else of the project could have done it."""
    page = PAGE.model_copy(update={"requirements": ("R1",)})
    api = API.model_copy(update={"requirements": ("R1",)})
    plan = plan_of([page, api, NIGHTLY], [], owner="api")
    first = scenario(call())
    never = scenario(call(path="/api/products/1"), name="Nightly", requirement="R2")
    once = scenario(RUN, call(path="/api/products/1"), name="Nightly", requirement="R2")

    assert scenario_faults(plan, [first, once]) == ()
    assert scenario_faults(plan, [first, never]) == (
        "no scenario about R2 runs nightly, and nothing else meets it: take a step `run`, and look at what it changed",
    )


def test_that_something_runs_shows_nothing_beside_a_job_either() -> None:
    """A job that was run is no more than that."""
    plan = plan_of([PAGE, API, NIGHTLY], [], owner="api")

    assert any("asks only whether something runs" in fault for fault in faults(RUN, call(path="/health"), plan=plan))


def test_after_a_job_was_run_something_is_looked_at() -> None:
    """Else it shows that it ends with 0, as it does by itself."""
    with pytest.raises(ValueError, match="looks at nothing after it"):
        scenario(call(), RUN)
    assert scenario(RUN, call()).steps[0].do == "run"
