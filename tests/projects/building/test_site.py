"""Whose a file is decides who may write it, and who is asked where something is wrong with it."""

from __future__ import annotations

import pytest

from agents.plans.plan import PlannedFile
from agents.roles import CARDS
from engine.projects.building.planning import faults_to_build
from engine.projects.building.site import DEPLOYMENT, MOST_CHARACTERS, MOST_SCENARIOS, SCENARIOS, Part, Site
from engine.projects.deploying.files import deployment_files
from tests.projects.building.doubles import delivered
from tests.projects.building.plans import CODE, FOLDER, GOOD, GOOD_TESTS, GREETED, MANIFEST, TESTS, plan
from tests.projects.plans import sound

BACKEND, TESTER = Part("backend", "greeter"), Part("qa", "greeter")


def site() -> Site:
    lock = PlannedFile(path=f"{FOLDER}/package-lock.json", owner="greeter", role="backend", purpose="Pins.")
    made = plan().model_copy(update={"files": (*plan().files, lock)})
    return Site(made, deployment_files(made, "self-hosted"))


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        (CODE, BACKEND),
        (TESTS, TESTER),
        (f"{FOLDER}/tests/helping.py", TESTER),
        (f"{FOLDER}/greeter/unplanned.py", BACKEND),
        (f"{FOLDER}", BACKEND),
        (f"{FOLDER}/package-lock.json", BACKEND),
        (f"{FOLDER}/Dockerfile", DEPLOYMENT),
        ("compose.yaml", DEPLOYMENT),
        ("deploy/unheard.yaml", DEPLOYMENT),
    ],
)
def test_who_has_to_act_where_something_is_wrong(path: str, owner: Part) -> None:
    """Whoever writes the file, else whoever writes what it lies in."""
    assert site().owner(path) == owner


def test_a_lock_is_written_by_nobody() -> None:
    """It follows from the manifest."""
    here = site()

    assert f"{FOLDER}/package-lock.json" not in here.writable(BACKEND)
    assert here.take(BACKEND, delivered({f"{FOLDER}/package-lock.json": "{}"}))
    assert f"{FOLDER}/package-lock.json" not in here.files


def test_code_and_tests_of_a_component_are_told_apart_and_deployment_is_neither() -> None:
    """By path from the component's folder, as its judge takes them."""
    here = site()
    here.take(BACKEND, delivered(GOOD))
    here.take(TESTER, delivered({TESTS: GOOD_TESTS}))

    assert set(here.code_of("greeter")) == {path.removeprefix(f"{FOLDER}/") for path in GOOD}
    assert here.tests_of("greeter") == {"tests/test_greeter.py": GOOD_TESTS}
    assert (here.code, here.tests) == ((BACKEND,), (TESTER,))
    assert here.readable(DEPLOYMENT) == {MANIFEST: GOOD[MANIFEST]}


def test_what_is_too_long_is_not_written() -> None:
    """A file has its bound."""
    here = site()

    (refused,) = here.take(BACKEND, delivered({CODE: "x" * (MOST_CHARACTERS + 1)}))

    assert "200,001 characters" in refused.message
    assert CODE not in here.files
    assert [finding.path for finding in here.missing(TESTER)] == [TESTS]


@pytest.mark.parametrize(
    ("path", "role", "fault"),
    [
        ("docs/notes.md", "backend", "docs/notes.md lies outside of the folder of its component, services/greeter/"),
        (f"{FOLDER}/greeter/x.py", "qa", "qa writes what lies in tests/, and nobody else does"),
        (f"{FOLDER}/tests/x.py", "backend", "qa writes what lies in tests/, and nobody else does"),
        (f"{FOLDER}/conftest.py", "backend", "takes part in the tests: it is qa's"),
    ],
)
def test_a_plan_that_cannot_be_built_says_why(path: str, role: str, fault: str) -> None:
    """Beyond what every plan is held to."""
    file = PlannedFile.model_validate({"path": path, "owner": "greeter", "role": role, "purpose": "x"})
    spoilt = plan().model_copy(update={"files": (*plan().files, file)})

    assert [each for each in faults_to_build(spoilt) if fault in each]


def test_a_component_without_tests_cannot_be_built() -> None:
    """Nothing would hold it to anything; nor can whoever tests write one."""
    files = tuple(file for file in plan().files if file.role != "qa")
    component = plan().components[0].model_copy(update={"role": "qa"})
    spoilt = plan().model_copy(update={"files": files, "components": (component,)})

    faults = faults_to_build(spoilt)

    assert any("component greeter has no file of the role qa" in fault for fault in faults)
    assert any("component greeter is qa's" in fault for fault in faults)


def test_a_requirement_of_the_person_stands_word_for_word() -> None:
    """Blanks aside."""
    wanted = plan().requirements[0]
    other = wanted.model_copy(update={"text": "Whoever asks is ignored."})

    assert faults_to_build(plan(), [wanted.model_copy(update={"text": "Whoever  asks is\ngreeted."})]) == ()
    assert faults_to_build(plan(), [other]) == ("R1 has to read, word for word: Whoever asks is ignored.",)


def test_whoever_is_asked_for_a_file_may_write_it_by_their_role() -> None:
    """What a build calls writable, the role's card does not forbid."""
    here = site()

    large = Site(sound(), deployment_files(sound(), "self-hosted"))

    for where, part in ((here, BACKEND), (here, TESTER), (here, DEPLOYMENT), (large, DEPLOYMENT)):
        card = CARDS[part.role]
        assert [path for path in where.writable(part) if not card.may_write(path, part.component)] == []


def test_more_scenarios_than_are_run_are_not_taken() -> None:
    """Nor are those of somebody who was not asked for any."""
    here = site()
    many = [GREETED.model_copy(update={"name": f"Number {number}"}) for number in range(MOST_SCENARIOS + 1)]

    (refused,) = here.take(SCENARIOS, delivered({}, scenarios=many))
    others = here.take(TESTER, delivered({}, scenarios=[GREETED]))

    assert "121 scenarios are more than the 120" in refused.message
    assert (here.scenarios, others) == ((), ())
