"""A pipeline on a repository with a bug: it stays red, and everything that helps to mend it lies there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.ci.repositories import ENVIRONMENT, commit_all, git, lay

ROOT = Path(__file__).parents[2]
BROKEN = b"def mean(values):\n    return sum(values) / (len(values) - 1)\n"
MENDED = "def mean(values):\n    return sum(values) / len(values)\n"
TESTS = (
    b"import pathlib\n\nfrom stats import mean\n\nNUMBERS = pathlib.Path(__file__).with_name('numbers.bin').read_bytes()\n\n\n"
    b"def test_of_three():\n    assert mean([1, 2, 6]) == 3\n\n\n"
    b"def test_of_noughts():\n    assert mean([0, 0, 0]) == 0\n\n\n"
    b"def test_of_bytes():\n    assert mean(list(NUMBERS)) == 126\n"
)
SCRIPT = [{"edits": [{"path": "stats.py", "search": "(len(values) - 1)", "replace": "len(values)"}]}]


def repository(root: Path, code: bytes) -> Path:
    lay(
        root,
        {
            "stats.py": code,
            "tests/test_stats.py": TESTS,
            "tests/numbers.bin": bytes([0, 255, 254, 0, 121]),
            "pyproject.toml": b'[project]\nname = "stats"\nversion = "1"\n',
        },
    )
    commit_all(root)
    return root


def mendbox(root: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    keep = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MENDBOX", "OPENAI", "ANTHROPIC", "GITHUB", "GITLAB", "CI_"))
    }
    keep |= {"PYTHONPATH": str(ROOT), "MENDBOX_DATA_DIR": str(root.parent / "data"), "MENDBOX_MEMORY": "off"}
    return subprocess.run(
        [sys.executable, "-m", "engine.cli", *words],
        cwd=root,
        env=keep | environ,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.docker
@pytest.mark.slow
def test_a_red_build_stays_red_and_its_verified_fix_is_proposed(tmp_path: Path, sandbox_image: str) -> None:
    """Exit code 1, the reports, a branch, and a receipt that a second job judges again without any author."""
    root = repository(tmp_path / "p", BROKEN)
    (tmp_path / "script.json").write_text(json.dumps(SCRIPT))
    index = (root / ".git/index").read_bytes()
    github = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "step"),
        "GITHUB_OUTPUT": str(tmp_path / "outputs"),
    }

    done = mendbox(
        root, "ci", "--propose", "--branch", "fix", f"--author=scripted:{tmp_path / 'script.json'}", **github
    )

    assert done.returncode == 1, done.stderr
    assert (root / "stats.py").read_bytes() == BROKEN
    assert (root / ".git/index").read_bytes() == index
    assert git(root, "status", "--porcelain") == ""
    assert git(root, "show", "mendbox/fix:stats.py") == MENDED
    told = json.loads((root / ".mendbox-ci/mendbox.json").read_text())
    assert (told["outcome"], told["still_red"], told["branch"]) == ("verified", [], "mendbox/fix")
    assert ET.parse(root / ".mendbox-ci/junit.xml").getroot().get("failures") == "2"
    assert "::error file=tests/test_stats.py,line=" in done.stdout
    assert done.stderr.startswith("::stop-commands::")
    token = done.stderr.splitlines()[0].rpartition("::")[2]
    assert done.stdout.index(f"::{token}::") < done.stdout.index("::error")
    assert "every red test has a verified fix" in (tmp_path / "step").read_text()
    assert "outcome<<" in (tmp_path / "outputs").read_text()

    receipt = root / told["fixes"][0]["receipt"]
    moved = (tmp_path / "elsewhere").absolute()
    receipt.parent.rename(moved)
    again = mendbox(root, "verify", str(moved / receipt.name), "--json", MENDBOX_DATA_DIR=str(tmp_path / "other"))

    assert again.returncode == 0, again.stdout + again.stderr
    assert json.loads(again.stdout)["same"]

    subprocess.run(["git", "apply", ".mendbox-ci/mendbox.patch"], cwd=root, env=ENVIRONMENT, check=True)
    green = mendbox(root, "ci", "--report-only", "--json")

    assert green.returncode == 0, green.stdout + green.stderr
    assert json.loads(green.stdout)["outcome"] == "green"
    assert not (root / ".mendbox-ci/mendbox.patch").exists()


@pytest.mark.docker
@pytest.mark.slow
def test_only_looking_mends_nothing(tmp_path: Path, sandbox_image: str) -> None:
    """`--report-only` says what is red, and no author is asked; a pre-commit hook runs just this."""
    root = repository(tmp_path / "p", BROKEN)

    done = mendbox(root, "ci", "--report-only", "--json", "--out", str(tmp_path / "out"))

    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert (told["outcome"], told["fixes"], told["patch"]) == ("red", [], "")
    assert len(told["red"]) == 2
    assert not (root / ".mendbox-ci").exists()


@pytest.mark.docker
@pytest.mark.slow
def test_pytest_shows_the_fix_under_its_failure(tmp_path: Path, sandbox_image: str) -> None:
    """With `--mendbox`, from the person's own session, which ends as it would have."""
    root = repository(tmp_path / "p", BROKEN)
    (tmp_path / "script.json").write_text(json.dumps(SCRIPT))
    starting = tmp_path / "start.sh"
    starting.write_text(
        f"export PYTHONPATH={ROOT} MENDBOX_DATA_DIR={tmp_path}/data MENDBOX_MEMORY=off\ncommand=$1\nshift\n"
        f'exec {sys.executable} -m engine.cli "$command" --author=scripted:{tmp_path}/script.json "$@"\n'
    )

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "engine.pytest_plugin", "-p", "no:cacheprovider", "--mendbox"],
        cwd=root,
        env=os.environ
        | {
            "PYTHONPATH": f"{ROOT}:{root}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "MENDBOX_COMMAND": f"sh {starting}",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stdout.count("+    return sum(values) / len(values)") == 2, done.stdout
    assert git(root, "status", "--porcelain") == ""


def test_without_an_engine_nothing_is_learnt_and_that_is_said(tmp_path: Path) -> None:
    """Exit code 3, which no pipeline takes for a red suite or a green one; the reports say why."""
    root = repository(tmp_path / "p", BROKEN)

    done = mendbox(root, "ci", "--json", DOCKER_HOST=f"unix://{tmp_path}/nothing")

    assert done.returncode == 3
    told = json.loads(done.stdout)
    assert (told["outcome"], told["exit_code"], told["patch"]) == ("environment", 3, "")
    assert "machinery failed" in (root / ".mendbox-ci/summary.md").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["--branch", "x"], "--branch without --propose", id="a branch for nothing"),
        pytest.param(["--propose", "--branch", "a..b"], "no name of a branch", id="no branch"),
        pytest.param(["--propose", "--report-only"], "not allowed with", id="mend and do not"),
        pytest.param(["--out", "stats.py"], "it is no folder", id="a file for the reports"),
        pytest.param(["--out", "."], "git keeps", id="a folder whose files git keeps"),
        pytest.param(["--sign", "no.pem"], "no.pem", id="no key"),
        pytest.param(["--tokens", "0"], "no number of tokens", id="no tokens"),
        pytest.param(["--usd", "nan"], "no amount of dollars", id="no money"),
        pytest.param(["nowhere"], "nowhere", id="no project"),
    ],
)
def test_what_cannot_be_done_is_refused_before_any_work(tmp_path: Path, words: list[str], said: str) -> None:
    """Exit code 2, one line, and no report that could be taken for one."""
    root = repository(tmp_path / "p", BROKEN)
    lay(root, {"junit.xml": b""})
    commit_all(root, "more")

    done = mendbox(root, "ci", *words)

    assert done.returncode == 2
    assert said in done.stderr
    assert not (root / "nowhere").exists()
    assert git(root, "status", "--porcelain") == ""
