"""A task gets the environment that its project asks for, and what cannot be had is the project's finding."""

from __future__ import annotations

import pytest

from agents.base import Suite
from engine.dependencies.ensuring import environment_for, suite_in, surround
from engine.dependencies.reading import Dependencies, read_wanted
from engine.domain import Task
from sandboxes.environments.wanted import Environment, Unresolved, Wanted
from tests.engine.dependencies.shelf import Shelf

TASK = Task(files={"a.py": ""}, tests={"test_a.py": "import a\n"})
PLUGINS = Environment(
    reference="e",
    plugins=("pytest_mock", "anyio.pytest_plugin"),
    modules={"pytest_mock": "pytest-mock", "anyio": "anyio"},
)


async def test_a_project_that_needs_nothing_gets_the_usual_box() -> None:
    """No image is made where the usual one will do."""
    task = await surround(TASK, read_wanted({"pyproject.toml": '[project]\nname="a"\n'}), Shelf({}), lambda _: None)

    assert task.limits.environment == ""
    assert task.dependencies is not None
    assert task.suite is None


async def test_a_lock_for_another_python_gives_way_and_says_so() -> None:
    """Versions that cannot be had are not held to, where there are others."""
    wanted = Wanted(requirements=("six",), constraints=("six==1.0",))
    told: list[str] = []

    environment = await environment_for(wanted, Shelf({"six": "1.16"}), told.append)

    assert environment.packages == {"six": "1.16"}
    assert any("the lock cannot be kept to: six==1.0 excludes 1.16" in line for line in told)


async def test_what_cannot_be_had_even_without_the_lock_is_told_as_the_lock_has_it() -> None:
    """The first reason is the project's own."""
    wanted = Wanted(requirements=("six>2",), constraints=("six==1.0",))

    with pytest.raises(Unresolved, match="six>2 excludes"):
        await environment_for(wanted, Shelf({"six": "1.16"}), lambda _: None)


def test_only_plugins_that_are_asked_for_take_part_in_the_tests_of_plain_files() -> None:
    """One that came with something else would keep the tests from being judged apart from the code."""
    asked = read_wanted({"requirements.txt": "pytest-mock\nhttpx\n"})

    assert suite_in(PLUGINS, None, asked, {}) == Suite(plugins=("pytest_mock",))
    assert suite_in(PLUGINS, None, read_wanted({"requirements.txt": "httpx\n"}), {}) is None


def test_a_plugin_that_the_tests_name_takes_part_though_nobody_asks_for_it() -> None:
    """Its marker stands in a test."""
    tests = {"test_a.py": "import pytest\n@pytest.mark.anyio\nasync def test_a(): ...\n"}

    assert suite_in(PLUGINS, None, Dependencies(), tests) == Suite(plugins=("anyio.pytest_plugin",))
