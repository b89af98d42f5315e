"""How a project in JavaScript is parted, and how its own scripts say that its tests are run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.repository.javascript import is_javascript_project
from engine.repository.javascript_scripts import Script, matches, read_script
from engine.repository.lines import executable_lines
from engine.repository.reading import read_project
from tests.engine.repository.trees import repository

TEST = "import test from 'node:test';\n"
HELP = "export const one = 1;\n"


def manifest(**more: object) -> str:
    return json.dumps({"name": "it", "type": "module", **more})


def test_tests_and_what_stands_among_them_are_frozen(tmp_path: Path) -> None:
    """By name, beside the code too; ignored packages stay outside."""
    root = repository(
        tmp_path / "it",
        {
            "package.json": manifest(dependencies={"ms": "^2"}),
            "package-lock.json": "{}",
            ".gitignore": "node_modules/\n",
            "node_modules/ms/index.js": "",
            "src/a.js": HELP,
            "src/a.test.js": TEST,
            "test/help.js": HELP,
            "test/b.js": TEST,
            "test/rows.json": "[]",
        },
    )

    project = read_project(root)

    assert project.language == "javascript"
    assert set(project.tests) == {"src/a.test.js", "test/help.js", "test/b.js", "test/rows.json"}
    assert set(project.files) == {"package.json", "package-lock.json", ".gitignore", "src/a.js"}
    assert project.collected == ("src/a.test.js", "test/b.js")
    assert set(project.wanted.node) == {"package.json", "package-lock.json"}
    assert project.suite.arguments == ()


def test_a_script_that_names_files_is_followed(tmp_path: Path) -> None:
    """Files elsewhere are tests where the script says so, and only those are run."""
    root = repository(
        tmp_path / "it",
        {
            "package.json": manifest(
                scripts={
                    "test": "npm run lint && npm run unit",
                    "lint": "eslint .",
                    "unit": "TZ=UTC node --import ./setup.js --test 'spec/**/*.js'",
                }
            ),
            "setup.js": "",
            "spec/deep/a.js": TEST,
            "other.test.js": TEST,
        },
    )

    project = read_project(root)

    assert project.suite.arguments == ("--import", "./setup.js", "--", "spec/deep/a.js")
    assert project.suite.environment == {"TZ": "UTC"}
    assert project.collected == ("spec/deep/a.js",)
    assert "other.test.js" in project.tests


def test_what_another_program_runs_is_refused_with_its_name(tmp_path: Path) -> None:
    """Run by node:test, such a suite would be red for reasons of its own."""
    root = repository(
        tmp_path / "it",
        {
            "package.json": manifest(scripts={"test": "jest"}),
            "a.js": HELP,
            "a.test.js": "import { it } from '@jest/globals';\n",
        },
    )

    with pytest.raises(BadInput, match=r"are run by 'jest', and only those of node:test and vitest"):
        read_project(root)


def test_a_manifest_that_is_no_json_is_one_clear_line(tmp_path: Path) -> None:
    """Before anything is made of it."""
    root = repository(tmp_path / "it", {"package.json": "{", "a.js": HELP, "a.test.js": TEST})

    with pytest.raises(BadInput, match=r"package\.json is no JSON"):
        read_project(root)


@pytest.mark.parametrize(
    ("names", "is_one"),
    [
        pytest.param(("package.json", "a.js"), True, id="plain"),
        pytest.param(("package.json", "a.js", "tools/make.py"), True, id="a program in Python beside it"),
        pytest.param(("package.json", "a.js", "pyproject.toml"), False, id="Python's manifest"),
        pytest.param(("package.json", "a.js", "tests/test_a.py"), False, id="Python's tests"),
        pytest.param(("package.json", "a.css"), False, id="no JavaScript"),
        pytest.param(("web/package.json", "a.js"), False, id="not at the top"),
    ],
)
def test_a_project_is_in_javascript_where_its_top_says_so(names: tuple[str, ...], is_one: bool) -> None:
    """A manifest at the top, code, and nothing that makes it one in Python."""
    assert is_javascript_project(names) is is_one


@pytest.mark.parametrize(
    ("script", "said"),
    [
        pytest.param("node --test", Script(runs_node_test=True), id="plain"),
        pytest.param("c8 --all node --test test/", Script(runs_node_test=True, patterns=("test/",)), id="measured"),
        pytest.param(
            "cross-env A=1 node --test --test-reporter spec --experimental-test-module-mocks --watch",
            Script(runs_node_test=True, environment={"A": "1"}, flags=("--experimental-test-module-mocks",)),
            id="flags",
        ),
        pytest.param("npx jest --ci", Script(other="jest"), id="another program"),
        pytest.param("node node_modules/.bin/mocha", Script(other="mocha"), id="another program by its path"),
        pytest.param("node test.js", Script(), id="a plain program"),
        pytest.param("npm test", Script(), id="a circle"),
        pytest.param("echo 'no end", Script(), id="no shell"),
    ],
)
def test_a_test_script_is_read_and_not_run(script: str, said: Script) -> None:
    """What cannot be read says nothing."""
    assert read_script({"test": script}) == said


@pytest.mark.parametrize(
    ("pattern", "name", "means"),
    [
        ("test/**/*.js", "test/a.js", True),
        ("test/**/*.js", "test/a/b.js", True),
        ("test/*.js", "test/a/b.js", False),
        ("test", "test/a/b.js", True),
        ("test/", "testing/b.js", False),
        ("**/*.{test,spec}.js", "src/a.spec.js", True),
        ("a.(test).js", "a.(test).js", True),
    ],
)
def test_patterns_mean_what_node_takes_them_for(pattern: str, name: str, means: bool) -> None:
    """Globs, and folders with all that is in them."""
    assert matches(name, (pattern,)) is means


def test_lines_of_comments_and_brackets_run_nothing() -> None:
    """What coverage is a share of."""
    text = "/* one\n two */\nconst a = 1; // three\n// four\nif (a) {\n  b();\n}\n"

    assert executable_lines(text, "a.js") == (3, 5, 6)
