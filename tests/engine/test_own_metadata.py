"""What a project says of itself where it is not installed: made of its text, and found by `importlib.metadata`."""

from __future__ import annotations

from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest

from engine.repository.own_metadata import UNKNOWN, own_metadata


def installed(tmp_path: Path, files: dict[str, str]) -> Distribution:
    for path, text in own_metadata(files).items():
        place = tmp_path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    folder = tmp_path / "src" if (tmp_path / "src").is_dir() else tmp_path
    return next(iter(distributions(path=[str(folder)])))


def test_a_project_is_found_by_name_with_its_version_and_entry_points(tmp_path: Path):
    """What `importlib.metadata` says of the installed project, it says here as well."""
    manifest = """
[project]
name = "tall-tale"
version = "1.2.3"
description = "A tale"
requires-python = ">=3.10"
dependencies = ["wcwidth>=0.2"]
[project.scripts]
tale = "tall_tale.cli:main"
[project.entry-points."tales.kinds"]
short = "tall_tale.kinds:Short"
"""

    found = installed(tmp_path, {"pyproject.toml": manifest, "src/tall_tale/__init__.py": ""})

    assert (found.metadata["Name"], found.version) == ("tall-tale", "1.2.3")
    assert found.requires == ["wcwidth>=0.2"]
    points = {(point.group, point.name, point.value) for point in found.entry_points}
    assert points == {
        ("console_scripts", "tale", "tall_tale.cli:main"),
        ("tales.kinds", "short", "tall_tale.kinds:Short"),
    }
    assert found.read_text("top_level.txt") == "tall_tale\n"


DYNAMIC = '[project]\nname = "tale"\ndynamic = ["version"]\n'


@pytest.mark.parametrize(
    ("files", "version"),
    [
        pytest.param({"pyproject.toml": DYNAMIC, "tale/__init__.py": '__version__ = "4.5"\n'}, "4.5", id="package"),
        pytest.param({"pyproject.toml": DYNAMIC, "lore/__init__.py": '__version__ = "4.5"\n'}, "4.5", id="other name"),
        pytest.param(
            {
                "pyproject.toml": f'{DYNAMIC}[tool.setuptools.dynamic]\nversion = {{attr = "tale.told.NUMBER"}}\n',
                "src/tale/told.py": 'NUMBER: str = "2.0rc1"\n',
            },
            "2.0rc1",
            id="attribute",
        ),
        pytest.param(
            {
                "pyproject.toml": f'{DYNAMIC}[tool.setuptools.dynamic.version]\nfile = "VERSION"\n',
                "VERSION": "7.1\n",
            },
            "7.1",
            id="file",
        ),
        pytest.param(
            {"pyproject.toml": f'{DYNAMIC}[tool.hatch.version]\npath = "a.py"\n', "a.py": "VERSION = (1, 0, 9)\n"},
            "1.0.9",
            id="hatch",
        ),
        pytest.param({"pyproject.toml": DYNAMIC, "PKG-INFO": "Name: tale\nVersion: 3.3\n"}, "3.3", id="packed"),
        pytest.param({"pyproject.toml": '[tool.poetry]\nname = "tale"\nversion = "0.9"\n'}, "0.9", id="poetry"),
        pytest.param({"setup.cfg": "[metadata]\nname = tale\nversion = 1.1\n"}, "1.1", id="setup.cfg"),
        pytest.param(
            {"setup.py": "import x\nx.setup(name='tale', version='8')\n", "pyproject.toml": ""}, "8", id="setup.py"
        ),
        pytest.param({"pyproject.toml": DYNAMIC}, UNKNOWN, id="nowhere"),
    ],
)
def test_a_version_is_found_where_a_build_would_take_it_from(tmp_path: Path, files: dict[str, str], version: str):
    """By the kinds of builds in use, and without running any of them."""
    assert installed(tmp_path, files).version == version


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"app.py": ""}, id="no manifest"),
        pytest.param({"pyproject.toml": '[project]\nname = "../x"\n'}, id="no name"),
        pytest.param({"pyproject.toml": "[project\n"}, id="no TOML"),
        pytest.param({"setup.py": "setup(name=\n", "setup.cfg": "name"}, id="no setup"),
    ],
)
def test_a_project_without_a_name_has_none(files: dict[str, str]):
    """Nothing is made up."""
    assert own_metadata(files) == {}


def test_addresses_classifiers_and_keywords_are_told(tmp_path: Path):
    """Some suites ask their own project for the address of its repository."""
    manifest = """
[project]
name = "tale"
version = "1"
keywords = ["short", "tall"]
classifiers = ["Topic :: Games"]
urls = {Source = "https://code.example.org/tale"}
"""

    found = installed(tmp_path, {"pyproject.toml": manifest}).metadata

    assert found["Project-URL"] == "Source, https://code.example.org/tale"
    assert (found["Classifier"], found["Keywords"]) == ("Topic :: Games", "short,tall")


@pytest.mark.parametrize(
    ("name", "version", "summary"),
    [
        pytest.param("Tall_Tale", "1", "As published", id="its own"),
        pytest.param("other", "1", "As written", id="of another project"),
        pytest.param("tall-tale", "0.9", "As written", id="of another version"),
    ],
)
def test_what_was_published_counts_where_it_is_of_this_very_version(
    tmp_path: Path, name: str, version: str, summary: str
):
    """A source distribution has its whole metadata in its folder; one that was changed since has not."""
    files = {
        "pyproject.toml": '[project]\nname = "tall-tale"\nversion = "1"\ndescription = "As written"\n',
        "PKG-INFO": f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\nSummary: As published\n\nLong\n",
    }

    assert installed(tmp_path, files).metadata["Summary"] == summary
