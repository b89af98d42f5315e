"""What tests fail for want of is told by the package that brings it, and where to ask for that."""

from __future__ import annotations

import pytest

from engine.dependencies.known import DISTRIBUTION_OF_MODULE, PLUGIN_OF_FIXTURE, distribution_of, may_bring
from engine.dependencies.missing import Known, missing
from engine.dependencies.reading import read_wanted
from engine.domain import Finding
from sandboxes.environments.wanted import Environment


def module(name: str) -> Finding:
    return Finding(check="tests", rule="ModuleNotFoundError", message=f"t.py: No module named '{name}'", path="t.py")


@pytest.mark.parametrize(
    ("name", "distribution"),
    [
        ("yaml", "PyYAML"),
        ("cv2.aruco", "opencv-python-headless"),
        ("PIL.Image", "Pillow"),
        ("sklearn", "scikit-learn"),
        ("bs4", "beautifulsoup4"),
        ("dateutil.parser", "python-dateutil"),
        ("google.protobuf.message", "protobuf"),
        ("google.cloud.storage", "google-cloud-storage"),
        ("requests", ""),
        ("google", ""),
    ],
)
def test_a_module_is_known_by_the_distribution_that_brings_it(name: str, distribution: str) -> None:
    """Only where the two have different names; everything else is called as it is imported."""
    assert distribution_of(name) == distribution


def test_the_facts_are_many_and_well_formed() -> None:
    """A table that has slipped by one word would be wrong everywhere."""
    assert len(DISTRIBUTION_OF_MODULE) >= 90
    assert PLUGIN_OF_FIXTURE["mocker"] == "pytest-mock"
    assert PLUGIN_OF_FIXTURE["xprocess"] == "pytest-xprocess"
    assert DISTRIBUTION_OF_MODULE["zmq"] == "pyzmq"
    assert may_bring("google-cloud-storage", "google.cloud.storage.Client")


@pytest.mark.parametrize(
    ("name", "files"),
    [
        pytest.param("app.gone", ["src/app/core.py"], id="a module of the project that is not there"),
        pytest.param("tomllib2", ["tomllib2/__init__.py"], id="a package of the project off the path"),
        pytest.param("asyncio.gone", [], id="the standard library's"),
    ],
)
def test_a_fault_of_the_project_is_no_missing_package(name: str, files: list[str]) -> None:
    """Nobody is sent to the index for a module that the project itself should have."""
    assert missing([module(name)], Known(files)) == ()


def test_a_module_of_an_installed_package_is_no_missing_package() -> None:
    """Its package is there, and lacks it: another fault."""
    environment = Environment(reference="e", modules={"flask": "flask"})

    assert missing([module("flask.ext")], Known([], environment=environment)) == ()


def test_what_stands_in_another_group_is_told_to_be_moved() -> None:
    """It needs nobody's leave."""
    manifest = '[project]\nname="a"\n[project.optional-dependencies]\nio=["PyYAML"]\n'
    found = read_wanted({"pyproject.toml": manifest})

    (finding,) = missing([module("yaml")], Known([], stated=found.stated, taken=found.taken, manifests=found.manifests))

    assert "only in 'io'" in finding.message
    assert "move it to [project] dependencies of pyproject.toml" in finding.message
    assert "--with" not in finding.message


@pytest.mark.parametrize(
    ("manifests", "place"),
    [
        ((), "to a requirements.txt"),
        (("setup.cfg",), "install_requires of setup.cfg"),
        (("setup.py", "requirements.txt"), "install_requires of setup.py"),
        (("Pipfile",), "[packages] of Pipfile"),
        (("needs.txt",), "to needs.txt"),
        (("requirements.txt", "pyproject.toml"), "[project] dependencies of pyproject.toml"),
    ],
)
def test_the_place_is_the_manifest_that_the_project_has(manifests: tuple[str, ...], place: str) -> None:
    """An author is told one file, and the table in it."""
    (finding,) = missing([module("lxml.etree")], Known([], manifests=manifests))

    assert place in finding.message


def test_a_fixture_of_a_known_plugin_is_told_with_the_plugin() -> None:
    """pytest itself can only say that there is no such fixture."""
    said = Finding(check="tests", message="t.py::test_a", evidence="E       fixture 'mocker' not found\n> available")

    (finding,) = missing([said, said], Known([], manifests=("pyproject.toml",)))

    assert "the fixture 'mocker' is missing, which pytest-mock is known to bring" in finding.message
    assert "the tests' extra or group of pyproject.toml" in finding.message
    assert missing([said.model_copy(update={"evidence": "fixture 'my_own' not found"})], Known([])) == ()
