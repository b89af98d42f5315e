"""A draft that changes a manifest is judged in what the manifest then asks for, and names nobody has named are refused."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from agents.base import Suite
from engine.caching import key_of
from engine.case import Case
from engine.dependencies.reading import read_wanted
from engine.dependencies.surroundings import ByManifests, moved
from engine.domain import Finding, Report, Task
from engine.repository.suites import with_environment
from engine.surroundings import Surrounded
from sandboxes.base import Limits
from sandboxes.environments.wanted import Environment
from sandboxes.errors import SandboxUnavailable
from tests.engine.dependencies.shelf import Shelf

BEFORE = {"requirements.txt": "requests>=2\n", "app.py": "import requests\n"}
TESTS = {"test_app.py": "import app\n"}
EXTRAS = '[project]\nname="app"\ndependencies=[{}]\n[project.optional-dependencies]\nfancy=["rich"]\n'


def case_of(before: Mapping[str, str], *, allowed: tuple[str, ...] = (), allow_new: bool = False) -> Case:
    declared = read_wanted(before, tests=TESTS, allowed=allowed, allow_new=allow_new).declared
    limits = Limits(environment="as before")
    return Case(task=Task(files=before, tests=TESTS, dependencies=declared, limits=limits), before=before, tests=TESTS)


async def surrounded(shelf: Shelf, case: Case, files: Mapping[str, str]) -> Surrounded:
    return await ByManifests(lambda: shelf, lambda _: None).of(files, case)


async def test_a_draft_that_changes_no_manifest_costs_nothing() -> None:
    """Nobody is asked for an environment, whatever else the draft changes."""
    shelf = Shelf({})

    found = await surrounded(shelf, case_of(BEFORE), {**BEFORE, "app.py": "import requests as r\n"})

    assert (found.environment, found.report, shelf.asked) == ("as before", None, [])


async def test_a_manifest_that_says_the_same_in_other_words_costs_nothing() -> None:
    """A comment in a manifest asks for no other environment."""
    shelf = Shelf({})

    found = await surrounded(shelf, case_of(BEFORE), {**BEFORE, "requirements.txt": "# web\nrequests>=2\n"})

    assert (found.environment, found.report, shelf.asked) == ("as before", None, [])


async def test_a_changed_manifest_is_resolved_anew() -> None:
    """The draft is judged in the environment of its own manifest, and a report says that there is one."""
    found = await surrounded(Shelf({"requests": "3.0"}), case_of(BEFORE), {**BEFORE, "requirements.txt": "requests>=3"})

    assert found.environment == "shelf:requests"
    assert found.report is not None
    assert found.report.status == "passed"


async def test_a_version_that_there_is_not_is_a_finding_at_its_line() -> None:
    """Whoever wrote the manifest is told which line cannot be had, and no box is opened."""
    files = {**BEFORE, "requirements.txt": "# web\nrequests>=9\n"}

    found = await surrounded(Shelf({"requests": "3.0"}), case_of(BEFORE), files)

    assert found.report is not None
    assert found.report.status == "failed"
    (finding,) = found.report.findings
    assert (finding.path, finding.line, finding.rule) == ("requirements.txt", 2, "conflict")


async def test_a_name_that_nobody_has_named_is_refused_and_the_one_that_was_meant_is_told() -> None:
    """A misspelt name is never looked up, let alone installed."""
    shelf = Shelf({"requests": "3.0", "reqeusts": "1.0"})

    found = await surrounded(shelf, case_of(BEFORE), {**BEFORE, "requirements.txt": "requests>=2\nreqeusts\n"})

    assert found.report is not None
    (finding,) = found.report.findings
    assert (finding.path, finding.line, finding.rule) == ("requirements.txt", 2, "not allowed")
    assert "did you mean requests" in finding.message
    assert "--with reqeusts" in finding.message
    assert shelf.asked == []


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"requirements-dev.txt": "evil\n"}, id="in a new file"),
        pytest.param(
            {"requirements.txt": "requests>=2\n-r needs.txt\n", "needs.txt": "evil\n"}, id="in an included file"
        ),
        pytest.param(
            {"pyproject.toml": '[project]\nname="x"\n[dependency-groups]\nx=["evil"]\n'}, id="in another group"
        ),
        pytest.param({"pyproject.toml": '[build-system]\nrequires=["evil"]\n'}, id="to build with"),
        pytest.param(
            {"setup.py": "from setuptools import setup\nsetup(install_requires=['evil'])\n"}, id="in setup.py"
        ),
        pytest.param({"uv.lock": '[[package]]\nname="evil"\nversion="1"\n'}, id="in a lock"),
        pytest.param({"requirements.txt": "requests @ https://elsewhere/requests.whl\n"}, id="at a new address"),
    ],
)
async def test_a_new_name_is_refused_wherever_it_stands(changed: dict[str, str]) -> None:
    """What is not installed today may be tomorrow, so that no place in a manifest is free."""
    shelf = Shelf({"requests": "3.0", "evil": "1"})

    found = await surrounded(shelf, case_of(BEFORE), {**BEFORE, **changed})

    assert found.report is not None
    assert [finding.rule for finding in found.report.findings] == ["not allowed"]
    assert shelf.asked == []


@pytest.mark.parametrize(
    ("allowed", "allow_new"), [pytest.param(("six",), False, id="by name"), pytest.param((), True, id="all")]
)
async def test_the_user_may_allow_a_new_name(allowed: tuple[str, ...], allow_new: bool) -> None:
    """With it the draft is resolved as any other."""
    case = case_of({**BEFORE, "app.py": "x = 1\n"}, allowed=allowed, allow_new=allow_new)
    files = {**case.before, "requirements.txt": "requests>=2\nsix>=1\n"}

    found = await surrounded(Shelf({"requests": "3.0", "six": "1.16"}), case, files)

    assert found.report is not None
    assert found.report.status == "passed"


async def test_a_name_of_another_group_may_be_moved_freely() -> None:
    """Somebody has named it, so that it is no guess."""
    before = {"pyproject.toml": EXTRAS.format("")}

    found = await surrounded(Shelf({"rich": "14"}), case_of(before), {"pyproject.toml": EXTRAS.format('"rich"')})

    assert found.environment == "shelf:rich"


async def test_a_manifest_that_can_no_longer_be_read_is_refused() -> None:
    """It would ask for nothing, and everything could break."""
    before = {"pyproject.toml": EXTRAS.format("")}

    found = await surrounded(Shelf({}), case_of(before), {"pyproject.toml": "[project\n"})

    assert found.report is not None
    assert "pyproject.toml can no longer be read: no TOML" in found.report.summary


async def test_a_plugin_that_a_draft_asks_for_takes_part_in_the_tests() -> None:
    """Its fixtures would not be there otherwise."""
    before = {"pyproject.toml": EXTRAS.format("").replace("rich", "pytest-mock")}
    case = case_of(before)
    shelf = Shelf({"pytest-mock": "3"}, plugins={"pytest-mock": "pytest_mock"})

    found = await surrounded(shelf, case, {"pyproject.toml": before["pyproject.toml"].replace("fancy", "test")})

    assert found.suite == Suite(plugins=("pytest_mock",))


async def test_what_a_project_has_set_for_a_plugin_that_a_draft_asks_for_is_in_force() -> None:
    """It fell away where the plugin was not there, and was not forgotten."""
    before = {"pyproject.toml": EXTRAS.format("").replace("rich", "pytest-mock")}
    shelf = Shelf({"pytest-mock": "3"}, plugins={"pytest-mock": "pytest_mock"})
    suite = with_environment(Suite(options={"mock_use_standalone_module": "true"}), Environment(reference=""))
    case = case_of(before)
    case = case.model_copy(update={"task": case.task.model_copy(update={"suite": suite})})

    found = await surrounded(shelf, case, {"pyproject.toml": before["pyproject.toml"].replace("fancy", "test")})

    assert suite.options == {}
    assert found.suite == Suite(plugins=("pytest_mock",), options={"mock_use_standalone_module": "true"})


async def test_a_module_that_no_manifest_brings_is_told_with_the_place_to_name_it() -> None:
    """The author of the next draft reads what to add, where, and that it has to be allowed."""
    said = Finding(check="tests", rule="ModuleNotFoundError", message="app.py: No module named 'yaml'", path="app.py")
    reports = (Report(check="tests", status="failed", findings=(said,)),)

    report = ByManifests(lambda: Shelf({}), lambda _: None).missing(reports, BEFORE, case_of(BEFORE))

    assert report is not None
    (finding,) = report.findings
    assert "add PyYAML, which brings 'yaml', to requirements.txt" in finding.message
    assert "--with PyYAML" in finding.message


def test_verdicts_of_projects_that_need_other_things_are_kept_apart() -> None:
    """In the journal as in the cache, what the user allows is part of what was judged."""
    one, other = case_of(BEFORE), case_of(BEFORE, allow_new=True)

    assert one.key != other.key
    assert key_of(BEFORE, one, image="i", judged_by="j") != key_of(BEFORE, other, image="i", judged_by="j")


def test_a_task_without_manifests_has_the_key_that_it_always_had() -> None:
    """Nothing that was judged before has to be judged again."""
    task = Task(files={"a.py": ""})

    assert "dependencies" not in task.model_dump_json(include={"data", "suite", "dependencies"}, exclude_defaults=True)


async def test_a_project_that_was_mended_by_its_manifest_goes_on_in_what_that_asks_for() -> None:
    """Its suite would be red again in the environment from before; and who may be named stays known."""
    case = case_of({"pyproject.toml": EXTRAS.format("")})

    task = await moved(case.task, {"pyproject.toml": EXTRAS.format('"rich"')}, Shelf({"rich": "14"}), lambda _: None)

    assert task.limits.environment == "shelf:rich"
    assert task.files == {"pyproject.toml": EXTRAS.format('"rich"')}
    assert task.dependencies is not None
    assert task.dependencies.known == ("rich",)


async def test_a_project_that_was_mended_otherwise_stays_where_it_is() -> None:
    """Nobody is asked for an environment."""
    shelf = Shelf({})

    task = await moved(case_of(BEFORE).task, {**BEFORE, "app.py": "x = 1\n"}, shelf, lambda _: None)

    assert (task.limits.environment, shelf.asked) == ("as before", [])


async def test_an_environment_that_is_gone_meanwhile_is_the_machinerys_failure() -> None:
    """It was there when the draft was judged, so that the project is not why."""
    case = case_of({"pyproject.toml": EXTRAS.format("")})

    with pytest.raises(SandboxUnavailable, match="cannot be now"):
        await moved(case.task, {"pyproject.toml": EXTRAS.format('"rich"')}, Shelf({}), lambda _: None)
