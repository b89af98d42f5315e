"""What other people's pipelines load from this repository: it parses, it is safe, and its scripts run."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.ci.folder import JUNIT, QUALITY, USUAL
from engine.cli.arguments import parse

ROOT = Path(__file__).parents[2]
USUAL_INPUTS = {
    "IN_PATH": "some folder",
    "IN_MODE": "heal",
    "IN_AUTHOR": "auto",
    "IN_ATTEMPTS": "",
    "IN_SECONDS": "",
    "IN_TOKENS": "",
    "IN_USD": "",
    "IN_MAX_CAUSES": "",
    "IN_BRANCH": "",
    "IN_OUT": "",
    "IN_SIGN": "",
}


def action() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
    return loaded


def gitlab() -> tuple[dict[str, Any], dict[str, Any]]:
    header, jobs = yaml.safe_load_all((ROOT / ".gitlab/mendbox.yml").read_text())
    return header, jobs


def strings(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    elif isinstance(value, str):
        yield value


def test_the_action_describes_every_input_and_uses_it() -> None:
    """With a default each, so that ``uses:`` alone is a whole step."""
    inputs = action()["inputs"]

    text = (ROOT / "action.yml").read_text()

    assert all(set(one) == {"description", "default"} for one in inputs.values())
    assert all(f"inputs.{name}" in text for name in inputs)


def test_no_input_of_the_action_is_pasted_into_a_script() -> None:
    """A branch's name from a pull request is data in an environment variable, and never a word of a script."""
    for step in action()["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
        assert "${{" not in step.get("if", "")
        pasted = [text for part in ("env", "with") for text in strings(step.get(part, {})) if "${{" in text]
        assert all(re.fullmatch(r"\$\{\{ (inputs|steps|github|runner)[\w.-]+ \}\}", text) for text in pasted)


def test_no_variable_of_the_action_is_a_setting_of_ours() -> None:
    """An empty ``MENDBOX_SECONDS`` would be a setting, and not an input that was left out."""
    names = [name for step in action()["runs"]["steps"] for name in step.get("env", {})]

    assert names
    assert all(name.startswith("IN_") for name in names)


@pytest.mark.parametrize("number", [0, 1])
def test_the_actions_scripts_are_bash(number: int) -> None:
    """As bash itself says."""
    script = action()["runs"]["steps"][number]["run"]

    subprocess.run(["bash", "-n"], input=script, text=True, check=True)


def judged(tmp_path: Path, **inputs: str) -> tuple[int, list[str]]:
    """Run the action's own step with a command that only writes down how it was called: its exit code, and the words."""
    command = tmp_path / "mendbox-venv/bin/mendbox"
    command.parent.mkdir(parents=True)
    command.write_text(f'#!/bin/sh\nprintf "%s\\0" "$@" > "{tmp_path}/words"\nexit 7\n')
    command.chmod(0o755)
    environ = {"PATH": os.environ["PATH"], "IN_TEMP": str(tmp_path), **USUAL_INPUTS, **inputs}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", action()["runs"]["steps"][1]["run"]],
        cwd=tmp_path,
        env=environ,
        check=False,
    )
    words = tmp_path / "words"
    return done.returncode, words.read_text().split("\0")[:-1] if words.exists() else []


def test_the_action_calls_one_command_and_ends_as_it_ends(tmp_path: Path) -> None:
    """The exit code is the step's, so nothing turns a red build green."""
    assert judged(tmp_path) == (7, ["ci", "--author=auto", "--", "some folder"])


def test_every_input_of_the_action_becomes_a_word_of_the_command(tmp_path: Path) -> None:
    """Which the command's own reader understands; what looks like an option or like shell stays a value."""
    hostile = '$(touch pwned) "; exit 0 #'
    given = {
        "IN_MODE": "propose",
        "IN_ATTEMPTS": "3",
        "IN_SECONDS": "60",
        "IN_TOKENS": "1000",
        "IN_USD": "0.5",
        "IN_MAX_CAUSES": "2",
        "IN_BRANCH": hostile,
        "IN_OUT": "--json",
        "IN_SIGN": "key.pem",
        "IN_PATH": "--help",
    }

    _, words = judged(tmp_path, **given)
    arguments = parse(words)

    assert (arguments.propose, arguments.attempts, arguments.seconds, arguments.tokens) == (True, 3, 60.0, 1000)
    assert (arguments.usd, arguments.max_causes, arguments.branch, arguments.out) == (0.5, 2, hostile, "--json")
    assert (arguments.sign, arguments.path, arguments.json) == ("key.pem", "--help", False)
    assert not (tmp_path / "pwned").exists()


def test_a_mode_that_is_none_ends_the_step(tmp_path: Path) -> None:
    """Before anything runs."""
    assert judged(tmp_path, IN_MODE="everything") == (2, [])


def test_the_gitlab_template_hands_over_what_gitlab_reads() -> None:
    """Test report, code quality and coverage are those that the command writes; also of a job that failed."""
    header, jobs = gitlab()
    artifacts = jobs["mendbox"]["artifacts"]

    assert artifacts["when"] == "always"
    assert artifacts["reports"]["junit"] == f"{USUAL}/{JUNIT}"
    assert artifacts["reports"]["codequality"] == f"{USUAL}/{QUALITY}"
    assert artifacts["reports"]["coverage_report"] == {
        "coverage_format": "cobertura",
        "path": f"{USUAL}/coverage.xml",
    }
    assert "allow_failure" not in jobs["mendbox"]
    assert all("$[[" not in text for text in strings(jobs["mendbox"]["script"]))
    assert [name for name, one in header["spec"]["inputs"].items() if "default" not in one] == ["source"]


def test_the_gitlab_template_calls_the_command(tmp_path: Path) -> None:
    """With what its inputs say."""
    script = gitlab()[1]["mendbox"]["script"][-1].replace("/tmp/mendbox/bin/mendbox", "printf '%s\\n'")

    environ = {"PATH": os.environ["PATH"], "IN_AUTHOR": "offline", "IN_MODE": "report-only", "IN_PATH": "lib"}
    done = subprocess.run(["sh", "-c", script], env=environ, capture_output=True, text=True, check=True)
    arguments = parse(done.stdout.splitlines())

    assert (arguments.author, arguments.report_only, arguments.path, arguments.out) == ("offline", True, "lib", USUAL)


def test_the_pre_commit_hook_is_a_command_of_ours() -> None:
    """That mends nothing, and is handed no files, as it runs the whole suite."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    program, *words = hook["entry"].split()

    assert (hook["id"], program, hook["language"], hook["pass_filenames"]) == (
        "mendbox-check",
        "mendbox",
        "python",
        False,
    )
    assert parse(words).report_only
