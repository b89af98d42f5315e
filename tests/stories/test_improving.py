"""Green code made faster and safer, told by what the command does: real boxes, one patch a kind, each with its evidence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.cli import main
from engine.domain import Task
from engine.harness import Mendbox
from engine.settings import Settings

pytestmark = pytest.mark.docker

CODE = """\
import hashlib


def unique(words):
    seen = []
    for word in words:
        if word not in seen:
            seen.append(word)
    return seen


def mark(text):
    return hashlib.md5(text.encode()).hexdigest()  # only a name for a cache
"""
TEST = """\
from words import mark, unique


def test_unique():
    assert unique(["b", "a", "b", "c", "d", "a"]) == ["b", "a", "c", "d"]


def test_mark():
    assert mark("a") == "0cc175b9c0f1b6a831c399e269772661"
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "words.py").write_text(CODE)
    (tmp_path / "test_words.py").write_text(TEST)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MENDBOX_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def test_green_code_gets_a_patch_for_each_kind_and_only_those_are_written(project: Path, capsys):
    """Both patches are verified by the judge, labelled, and carry what was compared and counted; --apply writes them."""
    code = main(["improve", "words.py", "--tests", "test_words.py", "--apply", "--json"])

    told = json.loads(capsys.readouterr().out)
    assert (code, told["outcome"], told["applied"]) == (0, "verified", ["words.py"])
    faster, safer = told["patches"]
    assert (faster["kind"], safer["kind"]) == ("performance", "security")
    assert [proof["name"] for proof in faster["verdict"]["proofs"]][:2] == ["tests passed", "green before"]
    assert all(proof["held"] for patch in (faster, safer) for proof in patch["verdict"]["proofs"])
    [improvement] = faster["improvements"]
    assert improvement["pattern"] == "membership"
    assert improvement["evidence"]["compared"] > 5
    assert improvement["evidence"]["changes"] == 0
    work = {when: sum(improvement["evidence"][when].values()) for when in ("before", "after")}
    assert work["after"] < work["before"]
    assert "usedforsecurity" not in faster["diff"]
    assert "seen_set" not in "".join(line for line in safer["diff"].splitlines() if line[:1] in "+-")
    assert safer["improvements"][0]["rule"] == "S324"
    written = (project / "words.py").read_text()
    assert "seen_set.add(word)" in written
    assert "usedforsecurity=False).hexdigest()  # only a name for a cache" in written


def test_code_with_a_red_test_is_sent_to_be_mended_first(project: Path, capsys):
    """Nothing is changed, and the way on is named."""
    (project / "words.py").write_text(CODE.replace("not in seen", "in seen"))

    code = main(["improve", "words.py", "--tests", "test_words.py"])

    said = capsys.readouterr().out
    assert code == 1
    assert "no_fix (red): 1 of 2 tests are not green" in said
    assert "mendbox fix" in said


async def test_code_in_which_nothing_is_slow_or_unsafe_stays_as_it_is(tmp_path: Path):
    """No improvement is no success, and nothing is made up."""
    task = Task(
        files={"add.py": "def add(a, b):\n    return a + b\n"},
        tests={"test_add.py": "from add import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n"},
    )

    async with Mendbox(Settings(data_dir=tmp_path), journal=False) as mendbox:
        improved = await mendbox.improve(task)

    assert (improved.outcome, improved.reason, improved.patches) == ("no_fix", "no_progress", ())
    assert improved.files == task.files
    assert "no rewrite was found to try" in improved.summary
