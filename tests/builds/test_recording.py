"""The projects are right by all that can be read of them, and their sessions end with them."""

from __future__ import annotations

import json

import pytest
from pydantic import JsonValue, TypeAdapter

from agents.answering import Answer, apply
from agents.plans.plan import Plan
from agents.plans.scenario import Scenario
from agents.roles import CARDS
from engine.projects import agreeing
from engine.projects.building.planning import faults_to_build
from engine.projects.deploying.files import deployment_files
from sandboxes.recipe import read_node_recipe
from tests.builds import shipped
from tests.builds.recording import PLAN, SCENARIOS, Session, Slip, files_of, plan_of, recorded
from tests.builds.slips import SLIPS

_SCENARIOS = TypeAdapter(tuple[Scenario, ...])
PROJECTS = [*SLIPS]
NODE_PACKAGES = frozenset(json.loads(read_node_recipe()["package.json"])["dependencies"])


def written(project: str) -> dict[str, str]:
    return {path: text for path, text in files_of(project).items() if path not in {PLAN, SCENARIOS}}


@pytest.mark.parametrize("project", PROJECTS)
def test_a_project_is_right_by_its_plan(project: str) -> None:
    """Nothing is wrong with the plan, nor with any file or scenario by it."""
    plan = plan_of(project)

    assert faults_to_build(plan) == ()
    assert agreeing.disagreements(plan, written(project), node_packages=NODE_PACKAGES) == ()
    assert agreeing.scenario_faults(plan, _SCENARIOS.validate_json(files_of(project)[SCENARIOS])) == ()


@pytest.mark.parametrize("project", PROJECTS)
def test_each_requirement_is_named_by_a_test_and_by_a_scenario(project: str) -> None:
    """What a build ties to each requirement is there."""
    wanted = {requirement.id for requirement in plan_of(project).requirements}

    scenarios = _SCENARIOS.validate_json(files_of(project)[SCENARIOS])

    assert wanted == {scenario.requirement for scenario in scenarios}
    assert wanted == set(agreeing.tests_of_requirements(written(project)))


@pytest.mark.parametrize("project", PROJECTS)
def test_a_session_ends_with_the_right_project(project: str) -> None:
    """All replies of everybody, one after the other, come to the plan, the files and the scenarios of the project."""
    session = recorded(project, SLIPS[project])

    assert Plan.model_validate(session["architect"][-1]) == plan_of(project)
    assert _scenarios(session) == _SCENARIOS.validate_json(files_of(project)[SCENARIOS])
    assert {path: text for path, text in _all_said(session, project).items() if path in files_of(project)} == written(
        project
    )


@pytest.mark.parametrize("project", PROJECTS)
def test_every_slip_is_in_the_first_delivery_of_its_author(project: str) -> None:
    """What a build shall find is there to be found."""
    session = recorded(project, SLIPS[project])

    for key, said in SLIPS[project].items():
        first = next(reply for reply in session[key] if not isinstance(reply, str))
        for slip in (each for each in said if isinstance(each, Slip) and each.path not in {PLAN, SCENARIOS}):
            assert json.dumps(slip.wrong)[1:-1] in json.dumps(first), slip


def test_who_is_unhealed_never_mends_the_last_slip() -> None:
    """The session ends before that reply, and is the same in all else."""
    whole, broken = recorded("shop", SLIPS["shop"]), recorded("shop", SLIPS["shop"], unhealed="backend:shop-api")

    assert broken.pop("backend:shop-api") == whole.pop("backend:shop-api")[:-1]
    assert broken == whole


def test_the_example_is_the_session_that_is_made_here() -> None:
    """What is replayed by a demonstration has to stay in step with what a plan and a reply are; ``python -m
    tests.builds.shipped`` writes it anew.
    """
    folder = shipped.FOLDER

    assert (folder / "session.json").read_text() == shipped.session()
    assert (folder / "build.json").read_text() == shipped.asked()


def _scenarios(session: Session) -> tuple[Scenario, ...]:
    return CARDS["qa"].answer.model_validate(session["qa"][-1]).scenarios  # type: ignore[attr-defined]  # of a tester


def _all_said(session: Session, project: str) -> dict[str, str]:
    files = deployment_files(plan_of(project), "self-hosted")
    for key in session.keys() - {"architect", "qa"}:
        for reply in session[key]:
            files = apply(_answer(reply), files, {}) if not isinstance(reply, str) else files
    return files


def _answer(reply: JsonValue) -> Answer:
    return Answer.model_validate(reply)
