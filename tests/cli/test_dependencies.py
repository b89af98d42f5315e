"""What a command's files need is read where they stand, and what is typed about it is understood or refused."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from engine.cli.arguments import parse
from engine.cli.dependencies import hint_at_import, hint_at_missing, read_dependencies, read_of_script
from engine.cli.failures import explain
from engine.dependencies.reading import Dependencies
from engine.domain import Finding
from engine.errors import BadInput, CannotBeHad
from engine.inputs.reading import read_inputs
from tests.cli.runs import run, verdict

SCRIPT = '# /// script\n# dependencies = ["six"]\n# ///\nimport six\n'


def read(folder: Path, *words: str, files: dict[str, str]) -> Dependencies | None:
    for name, text in {"calc.py": "x = 1\n", "test_calc.py": "def test_x(): ...\n", **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    arguments = parse(["fix", *words])
    return read_dependencies(arguments, read_inputs(arguments.paths, arguments.tests, cwd=folder))


def both(folder: Path) -> list[str]:
    return [str(folder / "calc.py"), "--tests", str(folder / "test_calc.py")]


def test_plain_files_without_a_manifest_need_nothing(tmp_path: Path) -> None:
    """Nothing changes for those who have none."""
    assert read(tmp_path, *both(tmp_path), files={}) is None


def test_a_manifest_beside_the_files_counts_and_no_draft_can_change_it(tmp_path: Path) -> None:
    """What it says stays wanted, also beside a manifest that a draft brings in."""
    manifests = {"requirements.txt": "-r needs.txt\n", "needs.txt": "six>=1\n"}

    found = read(tmp_path, *both(tmp_path), files=manifests)

    assert found is not None
    assert found.wanted.requirements == ("six>=1",)
    assert found.declared is not None
    assert found.declared.allowed == ("six>=1",)


def test_a_manifest_in_the_named_folder_counts(tmp_path: Path) -> None:
    """It is the author's to change, as the rest of the folder is."""
    found = read(tmp_path, str(tmp_path), files={"requirements.txt": "six>=1\n"})

    assert found is not None
    assert found.wanted.requirements == ("six>=1",)
    assert found.allowed == ()


def test_a_manifest_that_is_no_text_is_left_out(tmp_path: Path) -> None:
    """It is told on stderr, and the files are judged all the same."""
    (tmp_path / "requirements.txt").write_bytes(b"\xff\xfe\x00")

    assert read(tmp_path, *both(tmp_path), files={}) is None


def test_nothing_is_installed_where_that_is_said(tmp_path: Path) -> None:
    """Whatever the manifests say."""
    assert read(tmp_path, "--no-deps", *both(tmp_path), files={"requirements.txt": "six\n"}) is None


def test_the_user_may_add_what_no_manifest_names(tmp_path: Path) -> None:
    """Once or several times, with a version or without."""
    found = read(tmp_path, *both(tmp_path), "--with", "PyYAML>=6", "--with=six", files={})

    assert found is not None
    assert found.wanted.requirements == ("PyYAML>=6", "six")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["--with", "what?"], "no requirement in", id="no requirement"),
        pytest.param(["--with", "a @ https://u:secret@h/a.whl"], "no address", id="an address"),
        pytest.param(["--with", "six", "--no-deps"], "--no-deps goes with neither", id="both"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, words: list[str], said: str) -> None:
    """With one line, without repeating a password, before anything is made."""
    with pytest.raises(BadInput, match=said) as caught:
        read(tmp_path, *both(tmp_path), *words, files={})

    assert "secret" not in str(caught.value)


def test_a_script_says_itself_what_it_needs() -> None:
    """And what follows the file goes to the program, our own options aside."""
    arguments = parse(["run", "--with", "attrs", "s.py", "--allow-new-deps", "--", "--no-deps"])

    found = read_of_script(arguments, "s.py", SCRIPT)

    assert isinstance(arguments, argparse.Namespace)
    assert found is not None
    assert found.wanted.requirements == ("six", "attrs")
    assert arguments.program == ["--no-deps"]


def test_what_cannot_be_had_is_the_projects_fault_and_not_the_machinerys() -> None:
    """One line with the place, what to do next, and the exit code of a red result."""
    finding = Finding(
        check="dependencies", message="there is no sixx", path="requirements.txt", line=3, evidence="said"
    )

    failure = explain(CannotBeHad(finding, cause="unknown"))

    assert (failure.outcome, failure.exit_code) == ("no_fix", 1)
    assert failure.what == "requirements.txt:3: there is no sixx"
    assert "--no-deps" in failure.hint


def test_what_is_missing_is_told_where_no_manifest_had_a_say(capsys: pytest.CaptureFixture[str]) -> None:
    """A module of the index's is told with how to have it; one of the project's own is another fault."""
    findings = tuple(
        Finding(check="tests", message=f"test_a.py cannot be collected: No module named '{name}'")
        for name in ("yaml", "calc.gone")
    )
    red = run({"calc.py": ""}, {}, outcome="no_fix", baseline=verdict("error", findings=findings))

    hint_at_missing(red, None)

    told = capsys.readouterr().err
    assert "add PyYAML, which brings 'yaml', to a requirements.txt" in told
    assert "calc" not in told
    hint_at_missing(red, Dependencies())
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("Traceback ...\nModuleNotFoundError: No module named 'yaml.nodes'\n", True),
        ("ModuleNotFoundError: No module named 'yaml'\nand then it went on\n", False),
        ("No module named 'yaml'\n", False),
        ("", False),
    ],
)
def test_a_program_that_lacks_a_package_is_told_how_it_gets_one(
    capsys: pytest.CaptureFixture[str], written: str, told: bool
) -> None:
    """Only where that is the last thing it says: a program may write what it likes."""
    hint_at_import(written)

    assert ("'yaml' is not in the box: --with NAME" in " ".join(capsys.readouterr().err.split())) == told
