"""``mendbox memory``: what is remembered can be looked at, and forgotten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.cli import main
from engine.memory.entry import Mended, Remembered
from engine.memory.store import FILE, Store


def repair(number: int, at: float = 1_700_000_000.0) -> Remembered:
    return Remembered(
        id=f"{number}abcdef",
        at=at,
        run_id="20260101-000000-abc",
        author="offline",
        failure="IndexError",
        mended=(Mended(template="const-tweak", old="1", new="2", within="Return"),),
        before="return x[1]\x1b[31m",
        after="return x[2]",
    )


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The memory of a folder that the command finds, with two repairs."""
    monkeypatch.setenv("MENDBOX_DATA_DIR", str(tmp_path))
    store = Store(tmp_path)
    store.add(repair(1, at=1_600_000_000.0))
    store.add(repair(2, at=4e9))
    return store


def test_the_newest_repairs_are_listed(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """By id, failure, kind and words; as JSON whole."""
    assert main(["memory", "list"]) == 0
    table = capsys.readouterr().out
    assert main(["memory", "list", "--limit", "1", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)

    assert table.index("2abcdef") < table.index("1abcdef")
    assert "IndexError" in table
    assert "const-tweak" in table
    assert document == {"repairs": [store.get("2").model_dump(mode="json")]}


def test_one_repair_is_shown_as_a_diff_that_steers_no_terminal(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """All that is kept of it."""
    del store

    assert main(["memory", "show", "1a"]) == 0

    shown = capsys.readouterr().out
    assert "-return x[1]" in shown
    assert "+return x[2]" in shown
    assert "run 20260101-000000-abc, by offline, after IndexError" in shown
    assert "const-tweak in Return: `1` → `2`" in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize(
    ("words", "left"),
    [
        pytest.param(["1abc"], ["2abcdef"], id="one"),
        pytest.param(["1", "2"], [], id="several"),
        pytest.param(["--older", "30"], ["2abcdef"], id="by age"),
        pytest.param(["--all"], [], id="all"),
    ],
)
def test_repairs_are_forgotten(
    store: Store, words: list[str], left: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """And it says how many."""
    assert main(["memory", "forget", *words, "--json"]) == 0

    assert json.loads(capsys.readouterr().out) == {"forgotten": 2 - len(left)}
    assert [one.id for one in store.newest(5)] == left


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["forget"], "not clear what to forget", id="nothing named"),
        pytest.param(["forget", "1", "--all"], "not clear what to forget", id="two ways at once"),
        pytest.param(["forget", "1", "9"], "no repair '9'", id="one of them unknown"),
        pytest.param(["forget", "--older", "soon"], "no number of days", id="no number"),
        pytest.param(["show", "x"], "no repair 'x'", id="unknown"),
        pytest.param(["learn"], "invalid choice", id="no such action"),
        pytest.param([], "ACTION", id="no action"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    store: Store, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, as for every misuse."""
    assert main(["memory", *words]) == 2

    assert said in capsys.readouterr().err
    assert len(store.newest(5)) == 2


def test_an_empty_memory_says_what_fills_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And makes no file; one that is switched off says so."""
    monkeypatch.setenv("MENDBOX_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("MENDBOX_MEMORY", "off")

    assert main(["memory", "list"]) == 0

    said = capsys.readouterr().err
    assert "nothing is remembered yet" in said
    assert "switched off" in said
    assert not (tmp_path / FILE).exists()


def test_a_damaged_memory_is_the_machinerys_failure(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what to do about it."""
    del store
    (tmp_path / FILE).write_bytes(b"no database at all" * 100)

    assert main(["memory", "list"]) == 3

    assert "move the file away" in capsys.readouterr().err
