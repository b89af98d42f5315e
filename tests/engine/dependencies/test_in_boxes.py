"""A manifest, what it asks for and the boxes, together: packages come from a folder of wheels, and nothing from a network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker import DockerClient

from engine.cli import main
from sandboxes.environments.identity import LABEL
from tests.engine.dependencies.wheels import make_wheel

pytestmark = [pytest.mark.docker, pytest.mark.slow]

GREETING = "def greet(name):\n    return f'Hello, {name}'\n"
CODE = "import mb_greeting\n\n\ndef welcome(name):\n    return mb_greeting.greet(name)\n"
TEST = "from app import welcome\n\n\ndef test_welcome():\n    assert welcome('Ada') == 'Hello, Ada'\n"
MANIFEST = """\
[project]
name = "app"
version = "1"
dependencies = []

[project.optional-dependencies]
polite = ["mb-greeter>=1"]
"""


@pytest.fixture(scope="module", autouse=True)
def wheels(tmp_path_factory: pytest.TempPathFactory, engine: DockerClient) -> Iterator[None]:
    """An index of one package; the images that were made with it are removed."""
    folder = tmp_path_factory.mktemp("wheels")
    make_wheel(folder, "mb_greeter", "1.0", module="mb_greeting", source=GREETING)
    make_wheel(folder, "pytest_mb_colour", "1.0", module="mb_colouring", source=PLUGIN, plugin=True)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.setenv("MENDBOX_DATA_DIR", str(folder / "data"))
        yield
    for image in engine.api.images(filters={"label": LABEL}):
        if '"mb-greeter"' in image["Labels"][LABEL]:
            # the one with our programs stands on the other
            for name in sorted(image["RepoTags"] or ()):
                engine.api.remove_image(name)


def test_a_missing_dependency_is_told_and_what_a_draft_adds_is_refused_or_resolved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name that nobody has named is refused, a version that there is not is a finding, and the right one is proven."""
    project = tmp_path / "project"
    project.mkdir()
    for name, text in {"app.py": CODE, "test_app.py": TEST, "pyproject.toml": MANIFEST}.items():
        (project / name).write_text(text)
    asked = ("mb-greter", "mb-greeter>=9", "mb-greeter>=1")
    steps = [{"files": {"pyproject.toml": MANIFEST.replace("[]", f'["{each}"]')}} for each in asked]
    script = tmp_path / "script.json"
    script.write_text(json.dumps(steps))

    code = main(["fix", str(project), "--author", f"scripted:{script}", "--json"])
    document = json.loads(capsys.readouterr().out)

    (healed,) = document["healed"]
    run = healed["run"]
    told = [
        [finding["message"] for report in verdict["reports"] for finding in report["findings"]]
        for verdict in (run["baseline"], *(attempt["verdict"] for attempt in run["attempts"]))
    ]
    assert any("the module 'mb_greeting' is missing" in message for message in told[0])
    assert "mb-greter is new" in told[1][0]
    assert "did you mean mb-greeter" in told[1][0]
    assert "mb-greeter>=9" in told[2][0]
    assert told[3] == []
    assert (code, document["outcome"]) == (0, "verified")
    assert '+dependencies = ["mb-greeter>=1"]' in healed["diff"]


PLUGIN = """\
import pytest


def pytest_addoption(parser):
    parser.addini("mb_colour", "what is painted", default="none")
    parser.addoption("--mb-bright", action="store_true")


@pytest.fixture
def colour(pytestconfig):
    return ("bright " if pytestconfig.getoption("--mb-bright") else "") + pytestconfig.getini("mb_colour")
"""
PAINTED = """\
[project]
name = "app"
version = "1"
dependencies = ["mb-greeter"]

[project.optional-dependencies]
test = []
painted = ["pytest-mb-colour"]

[tool.pytest.ini_options]
mb_colour = "red"
addopts = "--mb-bright"
"""


def test_settings_of_a_plugin_that_a_draft_asks_for_are_in_force(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are the suite's own; without the plugin they would end its session, so they fall away and the fixture is missing."""
    project = tmp_path / "project"
    project.mkdir()
    test = "def test_paint(colour):\n    assert colour == 'bright red'\n"
    for name, text in {"app.py": CODE, "test_app.py": test, "pyproject.toml": PAINTED}.items():
        (project / name).write_text(text)
    script = tmp_path / "script.json"
    script.write_text(json.dumps([{"files": {"pyproject.toml": PAINTED.replace("[]", '["pytest-mb-colour"]')}}]))

    code = main(["fix", str(project), "--author", f"scripted:{script}", "--json"])
    document = json.loads(capsys.readouterr().out)

    (healed,) = document["healed"]
    baseline = [finding for report in healed["run"]["baseline"]["reports"] for finding in report["findings"]]
    assert any("fixture 'colour' not found" in finding["evidence"] for finding in baseline)
    assert (code, document["outcome"]) == (0, "verified"), healed["run"]["summary"]


def test_a_script_is_run_with_what_its_header_asks_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Made at the first run; where a name cannot be had, that is the script's fault, and told with its line."""
    script = tmp_path / "hello.py"
    header = '# /// script\n# dependencies = ["mb-greeter>=1"]\n# ///\n'
    script.write_text(header + "import mb_greeting\nprint(mb_greeting.greet('Ada'))\n")

    assert main(["run", str(script)]) == 0
    assert capsys.readouterr().out == "Hello, Ada\n"

    script.write_text(script.read_text().replace("mb-greeter", "mb-greter"))

    assert main(["run", str(script)]) == 1
    assert "hello.py:2: " in capsys.readouterr().err
