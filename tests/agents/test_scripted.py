"""A script is an author: step by step, resumable, and clear about its own mistakes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.base import Allowance, Brief, Tried
from agents.errors import KeyRejected, NothingToOffer, ProviderUnavailable, Refused
from agents.scripted import Scripted, ScriptUnreadable
from tests.agents.models import RIGHT, WRONG, brief
from tests.agents.rounds import FolderWorkshop, Memory

EDIT = {"path": "gcd.py", "search": "gcd(a % b, b)", "replace": "gcd(b, a % b)"}


def script(tmp_path: Path, steps: object) -> Scripted:
    file = tmp_path / "script.json"
    file.write_text(json.dumps(steps))
    return Scripted.read(file)


def after(number: int, author: str = "scripted") -> Brief:
    """The brief when *number* answers by *author* have been tried."""
    tried = Tried(number=1, author=author, diff="", failure="", files_sha256="0")
    return brief(tried=(tried,) * number)


async def test_steps_follow_what_was_tried(tmp_path: Path) -> None:
    """The place in the script is read from the brief, so that a resumed run goes on where it stopped."""
    steps = [
        {"note": "first", "files": {"gcd.py": "x = 1\n", "new.py": ""}},
        {"unusable": "only prose", "usage": {"calls": 1, "output_tokens": 5}},
        {"note": "last", "edits": [{"path": "gcd.py", "search": "gcd(a % b, b)", "replace": "gcd(b, a % b)"}]},
    ]
    author = script(tmp_path, {"steps": steps})

    third = await author.write(after(2))
    first = await author.write(after(0))
    second = await author.write(after(1))
    after_another = await author.write(after(3, author="offline"))

    assert (first.note, first.files) == ("first", {"gcd.py": "x = 1\n", "new.py": ""})
    assert (second.unusable, second.files, second.usage.tokens) == ("only prose", {"gcd.py": WRONG}, 5)
    assert (third.note, third.files) == ("last", {"gcd.py": RIGHT})
    assert after_another == first


async def test_an_exhausted_script_has_nothing_to_offer(tmp_path: Path) -> None:
    """It does not begin again."""
    with pytest.raises(NothingToOffer, match="no step after number 1"):
        await script(tmp_path, [{"unusable": "x"}]).write(after(1))


@pytest.mark.parametrize(
    ("name", "error"),
    [("nothing", NothingToOffer), ("refused", Refused), ("unavailable", ProviderUnavailable), ("key", KeyRejected)],
)
async def test_a_step_can_raise(tmp_path: Path, name: str, error: type[Exception]) -> None:
    """So that every ending of a run can be shown without a model."""
    with pytest.raises(error, match="the line is down") as raised:
        await script(tmp_path, [{"raise": name, "note": "the line is down"}]).write(brief())

    assert type(raised.value) is error


async def test_a_step_that_does_not_apply_is_unusable(tmp_path: Path) -> None:
    """As it would be from a model."""
    draft = await script(tmp_path, [{"edits": [{"path": "gcd.py", "search": "nowhere", "replace": ""}]}]).write(brief())
    same = {"files": {"a": "1"}, "edits": [{"path": "a", "search": "1", "replace": ""}]}
    twice = await script(tmp_path, [same]).write(brief())

    assert "step 1: edit of 'gcd.py'" in draft.unusable
    assert "more than once" in twice.unusable


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param("[", "not JSON", id="not json"),
        pytest.param("{}", "the top", id="not a list"),
        pytest.param('[{"files": {"a": "b"}}, {"file": "a"}]', "step 2, file", id="unknown key"),
        pytest.param('[{"note": "x"}]', "step 1", id="nothing to do"),
        pytest.param('[{"raise": "never"}]', "step 1, raise", id="unknown error"),
        pytest.param('[{"unusable": "x", "raise": "key"}]', "step 1", id="two things"),
        pytest.param("\udcff", "cannot be read", id="not text"),
    ],
)
def test_a_wrong_script_is_named_with_the_place(tmp_path: Path, text: str, place: str) -> None:
    """The person has to find it."""
    file = tmp_path / "script.json"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))

    with pytest.raises(ScriptUnreadable, match=place) as raised:
        Scripted.read(file)

    assert str(file) in str(raised.value)


def test_a_script_that_is_not_there_or_too_long_is_named(tmp_path: Path) -> None:
    """Both before anything is parsed."""
    long = tmp_path / "long.json"
    with long.open("wb") as file:
        file.truncate(17 * 2**20)

    with pytest.raises(ScriptUnreadable, match="nowhere"):
        Scripted.read(tmp_path / "nowhere.json")
    with pytest.raises(ScriptUnreadable, match="longer than"):
        Scripted.read(long)


async def test_a_step_may_look_before_it_answers(tmp_path: Path) -> None:
    """As a model may, round by round; what is kept of it is not looked at again."""
    steps = [
        {
            "looks": [
                [{"ask": "read", "path": "gcd.py", "expects": "a % b"}, {"ask": "search", "text": "gcd"}],
                [{"ask": "test", "node": "test_gcd.py", "expects": "1 passed", "edits": [EDIT], "files": []}],
            ],
            "edits": [{"path": "gcd.py", "old": "gcd(a % b, b)", "new": "gcd(b, a % b)"}],
        }
    ]
    file = tmp_path / "script.json"
    file.write_text(json.dumps(steps))
    workshop, kept = FolderWorkshop(), Memory()
    told: list[str] = []
    author = Scripted.read(file, workshop=workshop, steps=kept, tell=told.append)

    asked = brief(allowance=Allowance(seconds=60.0))

    first = await author.write(asked)
    second = await author.write(asked)

    assert first == second
    assert (first.files, first.rounds, first.unusable) == ({"gcd.py": RIGHT}, 2, "")
    assert (workshop.runs, len(kept.kept)) == (1, 3)
    assert told[:2] == [
        "round 1 of 2: read gcd.py; search for the text 'gcd'",
        "round 2 of 2: test test_gcd.py with changes",
    ]


async def test_a_look_that_brings_something_else_makes_the_step_unusable(tmp_path: Path) -> None:
    """So that a script holds to what it says it saw."""
    look = {"ask": "read", "path": "gcd.py", "expects": "def lcm"}

    draft = await script(tmp_path, [{"looks": [[look]], "files": {"gcd.py": RIGHT}}]).write(brief())

    assert draft.unusable.startswith("step 1: read gcd.py brought no 'def lcm':\nlines 1-2 of 2:")
    assert draft.files == {"gcd.py": WRONG}


def test_a_look_that_is_none_is_told_by_its_step(tmp_path: Path) -> None:
    """As every mistake of a script is."""
    with pytest.raises(ScriptUnreadable, match="step 1, looks"):
        script(tmp_path, [{"looks": [[{"ask": "shell", "code": "ls"}]], "files": {"a": ""}}])
