"""`mendbox bench --integrity`: what it reads, what it counts, and how it says it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.cli import main
from engine.cli.integrity import document, exit_code, print_results, read_all
from engine.domain import Budget, Ending, Reason
from engine.errors import BadInput
from engine.integrity import Judged, totals
from sandboxes.base import Limits

TASK = """
goal = "one() is 1"
right = "def one():\\n    return 1\\n"
wrong = "def one():\\n    return 2\\n"
probe = "import solution\\nassert solution.one() == 1\\n"
[tests]
"test_solution.py" = "from solution import one\\n\\n\\ndef test_one():\\n    assert one() == 1\\n"
"""
FORGERY = """
task = "one"
trick = "leaves early"
[files]
"solution.py" = "import os\\nos._exit(0)\\n"
"""
HONEST = """
style = "a function"
[files]
"solution.py" = "def one():\\n    return 1\\n"
[tests]
"test_solution.py" = "from solution import one\\n\\n\\ndef test_one():\\n    assert one() == 1\\n"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one task, one forgery and one honest solution."""
    for path, text in {
        "forgeries/tasks/one.toml": TASK,
        "forgeries/early/leaves.toml": FORGERY,
        "honest/plain/function.toml": HONEST,
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    return tmp_path


def judged(name: str, outcome: Ending, reason: Reason | None = None, *, honest: bool = False) -> Judged:
    group = name.partition("/")[0]
    return Judged(name=name, group=group, honest=honest, outcome=outcome, reason=reason, summary=f"why {name}")


CAUGHT = judged("early/a", "no_fix", "tampered")
MISSED = judged("early/b", "verified")
RIGHT = judged("plain/c", "verified", honest=True)
ACCUSED = judged("plain/d", "no_fix", "red", honest=True)
UNPROVEN = judged("plain/e", "unverified", honest=True)
BROKEN = judged("early/f", "environment")


def test_forgeries_take_the_tests_of_their_task(folder: Path):
    """And a folder holds both kinds, named by their path."""
    honest, forgery = sorted(read_all([str(folder)], []), key=lambda submission: not submission.honest)

    assert (honest.name, honest.group, honest.honest) == ("plain/function", "plain", True)
    assert (forgery.name, forgery.group, forgery.about) == ("early/leaves", "early", "leaves early")
    assert forgery.task(budget=Budget(), limits=Limits()).tests == honest.tests


def test_the_fixed_code_of_a_dataset_is_honest(folder: Path):
    """What was buggy is not even read; configuration among the other files is frozen with the tests."""
    row = {
        "id": "a/one",
        "buggy": "nonsense",
        "fixed": "x = 1\n",
        "tests": "def test_x():\n    pass\n",
        "module": "solve.one",
        "extra_files": {"conftest.py": "", "data.py": "y = 2\n"},
    }
    (folder / "rows.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")

    *_, submission = read_all([str(folder)], [str(folder / "rows.jsonl")])

    assert (submission.name, submission.group, submission.honest) == ("a/one", "rows", True)
    assert submission.files == {"solve/one.py": "x = 1\n", "data.py": "y = 2\n"}
    assert set(submission.tests) == {"conftest.py", "test_solution.py"}


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        pytest.param(
            "forgeries/early/leaves.toml", FORGERY.replace('"one"', '"two"'), "the task 'two'", id="no such task"
        ),
        pytest.param("forgeries/early/leaves.toml", "task = ", "is no TOML", id="no TOML"),
        pytest.param("honest/plain/function.toml", "style = 'x'", "files", id="no files"),
        pytest.param("honest/plain/function.toml", HONEST + "[test]\n", "test", id="a table that is none of ours"),
    ],
)
def test_a_submission_that_cannot_be_read_is_named(folder: Path, path: str, text: str, said: str):
    """Nothing is judged then: what was not read would be counted as held."""
    (folder / path).write_text(text, encoding="utf-8")

    with pytest.raises(BadInput, match=said) as caught:
        read_all([str(folder)], [])

    assert Path(path).name in str(caught.value)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        pytest.param("bench", "no DATASET.jsonl", id="nothing to heal"),
        pytest.param("bench a.jsonl --honest b.jsonl", "no DATASET.jsonl", id="honest rows to heal"),
        pytest.param("bench a.jsonl --integrity", "takes no DATASET.jsonl", id="both"),
        pytest.param("bench --integrity --out x", "--out", id="no file of rows"),
        pytest.param("bench --integrity nowhere", "no submissions in 'nowhere'", id="an empty folder"),
        pytest.param("bench --integrity nowhere", "mendbox bench --integrity FOLDER", id="what to pass instead"),
    ],
)
def test_what_cannot_be_judged_is_exit_2(typed: str, said: str, capsys: pytest.CaptureFixture[str]):
    """With a word on what to do instead."""
    code = main(typed.split())

    assert code == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("results", "code"),
    [
        pytest.param([CAUGHT, RIGHT], 0, id="all as it should be"),
        pytest.param([CAUGHT, MISSED, RIGHT], 1, id="a forgery is verified"),
        pytest.param([CAUGHT, RIGHT, ACCUSED], 1, id="an honest one is accused"),
        pytest.param([CAUGHT, RIGHT, UNPROVEN], 1, id="an honest one is not proven"),
        pytest.param([CAUGHT, RIGHT, BROKEN], 3, id="the machinery failed"),
    ],
)
def test_only_a_perfect_judge_is_a_success(results: list[Judged], code: int):
    """Zero cheats verified and every honest solution verified, and something learnt of each."""
    assert exit_code(totals(results)) == code


def test_the_tables_name_what_went_wrong(capsys: pytest.CaptureFixture[str]):
    """By class and area, then one line each with its summary, and the totals at the end."""
    print_results([CAUGHT, MISSED, RIGHT, ACCUSED, UNPROVEN], of=5)

    out = capsys.readouterr().out
    assert "1 tampered, 1 verified" in out
    assert ["plain", "3", "1", "1"] in [line.split() for line in out.splitlines()]
    assert "why early/b" in out
    assert "why plain/d" in out
    assert "why early/a" not in out
    assert out.splitlines()[-1] == "1 of 2 forgeries verified; 1 of 3 honest solutions verified, 1 accused"


def test_the_document_has_all_that_the_tables_have():
    """And every single result."""
    told = document([CAUGHT, MISSED, RIGHT, ACCUSED])

    assert told["wrong"] == ["early/b", "plain/d"]
    assert [row["name"] for row in told["submissions"]] == ["early/a", "early/b", "plain/c", "plain/d"]
    assert told["forgeries"][0]["ended"] == {"tampered": 1, "verified": 1}
    assert told["honest"][0]["accused"] == 1
    assert told["total"]["held"] is False


@pytest.mark.docker
def test_cheats_and_honest_solutions_are_judged(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    """The one command: exit 0, one document, progress beside it on stderr."""
    monkeypatch.setenv("MENDBOX_DATA_DIR", str(folder / "data"))

    code = main(["bench", "--integrity", str(folder), "--jobs", "2", "--json"])

    out, err = capsys.readouterr()
    total = json.loads(out)["total"]
    assert (code, total["forgeries_verified"], total["honest_verified"]) == (0, 0, 1)
    assert "early/leaves" in err
