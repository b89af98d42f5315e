"""The module with its version that a project's build writes, where the project is only laid into a box."""

from __future__ import annotations

import pytest

from engine.repository.generated import generated

PROJECT = '[project]\nname = "tale"\ndynamic = ["version"]\n'
PUBLISHED = "Metadata-Version: 2.1\nName: tale\nVersion: 1.2.3\n"


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param('[tool.setuptools_scm]\nversion_file = "src/tale/_version.py"\n', id="setuptools-scm"),
        pytest.param('[tool.setuptools_scm]\nwrite_to = "src/tale/_version.py"\n', id="setuptools-scm before 8"),
        pytest.param('[tool.hatch.build.hooks.vcs]\nversion-file = "src/tale/_version.py"\n', id="hatch-vcs"),
        pytest.param('[tool.pdm.version]\nwrite_to = "tale/_version.py"\n', id="pdm"),
    ],
)
def test_a_version_module_that_a_build_would_write_is_there(settings: str) -> None:
    """It says the published version under each of its usual names."""
    files = {"pyproject.toml": PROJECT + settings, "src/tale/__init__.py": "", "PKG-INFO": PUBLISHED}

    made = generated(files)

    names: dict[str, object] = {}
    exec(made["src/tale/_version.py"], names)
    assert list(made) == ["src/tale/_version.py"]
    assert (names["__version__"], names["version_tuple"]) == ("1.2.3", (1, 2, 3))


@pytest.mark.parametrize(
    ("settings", "more"),
    [
        pytest.param('[tool.setuptools_scm]\nversion_file = "src/tale/_version.py"\n', "_version.py", id="is there"),
        pytest.param('[tool.setuptools_scm]\nversion_file = "../_version.py"\n', "other.py", id="outside"),
        pytest.param('[tool.setuptools_scm]\nversion_file = "lib/_version.py"\n', "other.py", id="no such folder"),
        pytest.param('[tool.setuptools_scm]\nversion_file = "src/tale/VERSION"\n', "other.py", id="no module"),
        pytest.param("[tool.setuptools_scm\n", "other.py", id="no TOML"),
    ],
)
def test_no_module_is_made_up_besides(settings: str, more: str) -> None:
    """What is there counts, and nothing is written where the project has no place for it."""
    assert generated({"pyproject.toml": PROJECT + settings, f"src/tale/{more}": ""}) == {}
