"""``mendbox fix`` in a git repository, as a person has it: by the command line, in a work tree of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli.diffs import diff_here, readable, write_among_words
from tests.ci.repositories import commit_all, git, lay
from tests.cli import runs

TILL = b"# -*- coding: latin-1 -*-\r\n# Pr\xe9cis\r\ndef total(prices):\r\n    return sum(prices) - 1\r\n"
LABEL = b"def label(name):\n    return name.lower()"
TESTS = (
    b"from shop.label import label\r\nfrom shop.till import total\r\n\r\n\r\n"
    b"def test_total():\r\n    assert total([1, 2]) == 3\r\n\r\n\r\n"
    b"def test_none():\r\n    assert total([]) == 0\r\n\r\n\r\n"
    b"def test_label():\r\n    assert label('Ab') == 'AB'\r\n"
)
SCRIPT = [
    {"edits": [{"path": "shop/till.py", "old": "sum(prices) - 1", "new": "sum(prices)"}]},
    {"edits": [{"path": "shop/label.py", "old": "name.lower()", "new": "name.upper()"}]},
]


def shop(root: Path) -> Path:
    """Two faults behind one test file, in files of different line ends and encodings."""
    settings = b'[tool.pytest.ini_options]\npythonpath = ["."]\n'
    files = {"shop/till.py": TILL, "shop/label.py": LABEL, "tests/test_shop.py": TESTS, "pyproject.toml": settings}
    lay(root, {**files, "shop/__init__.py": b""})
    commit_all(root)
    return root


def environ(data: Path) -> dict[str, str]:
    return {**os.environ, "MENDBOX_DATA_DIR": str(data), "PYTHONPATH": str(Path(__file__).parents[2])}


def mendbox(folder: Path, *words: str, data: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "engine.cli", *words],
        cwd=folder,
        env=environ(data),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=200,
    )


@pytest.mark.docker
@pytest.mark.slow
def test_two_faults_behind_one_test_file_are_two_diffs_that_git_applies_and_two_receipts(tmp_path: Path) -> None:
    """What is shown, what git makes of it and what --apply writes is the same to the byte: line ends, encoding, no last
    line feed. Nothing is written before.
    """
    root, data, script, receipt = (tmp_path / name for name in ("shop", "data", "script.json", "receipt.json"))
    shop(root)
    script.write_text(json.dumps(SCRIPT))
    author = f"--author=scripted:{script}"

    shown = mendbox(root, "fix", ".", author, "--receipt", str(receipt), data=data)

    assert shown.returncode == 0, shown.stderr.decode()
    assert git(root, "status", "--porcelain") == ""
    first, second = receipt.read_text(), (tmp_path / "receipt-2.json").read_text()
    assert first != second
    assert "shop/till.py" in first
    words = shown.stderr.decode()
    assert f"receipt written: {receipt}," in words
    assert f"receipt written: {tmp_path / 'receipt-2.json'}," in words

    subprocess.run(["git", "apply"], cwd=root, input=shown.stdout, check=True)
    by_git = {path.name: path.read_bytes() for path in (root / "shop").iterdir()}
    assert by_git["till.py"] == TILL.replace(b" - 1", b"")
    assert by_git["label.py"] == LABEL.replace(b"lower", b"upper")
    git(root, "checkout", "-q", ".")

    written = mendbox(root, "fix", ".", author, "--apply", data=data)

    assert written.returncode == 0, written.stderr.decode()
    assert {path.name: path.read_bytes() for path in (root / "shop").iterdir()} == by_git


def test_the_diff_of_a_run_is_in_the_bytes_of_the_files_that_lie_here(tmp_path: Path) -> None:
    """`mendbox show RUN --diff | git apply` works in a work tree with other line ends than the run's texts have."""
    lay(tmp_path, {"shop/till.py": TILL})
    before = TILL.decode("latin-1").replace("\r\n", "\n")
    run = runs.run({"shop/till.py": before}, {"shop/till.py": before.replace(" - 1", ""), "new.py": "x = 1\n"})
    git(tmp_path, "init", "-q")

    diff = diff_here(run, tmp_path)
    subprocess.run(["git", "apply"], cwd=tmp_path, input=diff.encode("utf-8", "surrogateescape"), check=True)

    assert (tmp_path / "shop/till.py").read_bytes() == TILL.replace(b" - 1", b"")
    assert (tmp_path / "new.py").read_bytes() == b"x = 1\n"
    assert "Pr\N{REPLACEMENT CHARACTER}cis" in readable(diff)


def test_the_diff_of_a_run_is_in_plain_text_where_other_files_lie_here(tmp_path: Path) -> None:
    """A file that is another by now, or is none, says nothing about line ends; removed files go."""
    lay(tmp_path, {"a.py": b"y = 1\r\n"})
    run = runs.run({"a.py": "x = 1\n", "b.toml": "z = 1\n"}, {"a.py": "x = 2\n"})

    diff = diff_here(run, tmp_path)

    assert diff == run.diff
    assert "-x = 1\n+x = 2\n" in diff


def test_a_diff_among_words_steers_no_terminal(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """A log is read on terminals; carriage returns at the end of lines stay, or git would not take the diff."""
    write_among_words("+x = 1\r\n")
    write_among_words("+\x1b[2J\r\n")

    assert capsysbinary.readouterr().out == "+x = 1\r\n+␛[2J\n".encode()


@pytest.mark.docker
def test_reports_that_cannot_be_written_do_not_hide_what_was_found(tmp_path: Path) -> None:
    """Exit code 3, the folder and the reason in a line; the suite's end is printed all the same."""
    root, out = shop(tmp_path / "shop"), tmp_path / "out"
    command = [sys.executable, "-m", "engine.cli", "ci", ".", "--report-only", "--out", str(out)]

    with subprocess.Popen(
        command, cwd=root, env=environ(tmp_path / "data"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as ci:
        assert ci.stderr
        assert ci.stdout
        for line in ci.stderr:
            if line.startswith("running the suite"):
                break
        shutil.rmtree(out)
        out.write_text("somebody else's file by now")
        printed, said = ci.stdout.read(), ci.stderr.read()

    assert ci.returncode == 3
    assert "red: 3 tests red" in printed
    assert f"cannot write reports to '{out}': Not a directory" in said


@pytest.mark.parametrize("command", ["fix", "ci"])
def test_a_bare_repository_is_said_to_be_one(tmp_path: Path, command: str) -> None:
    """There are no files in it: wrong usage, exit code 2, and how to get a work tree."""
    git(tmp_path, "init", "-q", "--bare", "shop.git")

    told = mendbox(tmp_path / "shop.git", command, ".", data=tmp_path / "data")

    assert told.returncode == 2
    assert b"'.' is a bare git repository" in told.stderr
    assert b"git worktree add" in told.stderr
