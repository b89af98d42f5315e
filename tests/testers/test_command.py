"""``mendbox tests``: what is printed, what is written, and which code it ends with."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager

import pytest

from agents.testing import Mutation, Survivor, Suspected, Wanted, Written
from engine.cli.entry import enter
from engine.cli.tests import told
from engine.domain import Task
from engine.settings import Settings
from engine.testing import Generated, write_tests

CODE = "def double(n: int) -> int:\n    return n * 2\n"
CHANGED = CODE.replace("* 2", "* 3")


class Fixed:
    """A tester that wrote something before."""

    def __init__(self, written: Written) -> None:
        self._written = written

    async def write(self, files, mutations, *, wanted, seconds) -> Written:
        assert isinstance(wanted, Wanted)
        assert all(isinstance(each, Mutation) for each in mutations)
        return self._written

    async def measure(self, files, mutations, text, *, seconds) -> Written:
        return self._written.model_copy(update={"text": text})


@asynccontextmanager
async def no_box():
    raise AssertionError("nothing is to be judged")
    yield


async def write(written: Written) -> Generated:
    settings = Settings()
    task = Task(files={"m.py": CODE}, tests={}, budget=settings.budget, limits=settings.limits)
    return await write_tests(task, Fixed(written), no_box, seconds=5)


async def test_where_nothing_was_written_no_box_is_opened_for_the_judge():
    """Why, and what was suspected on the way, is told all the same."""
    suspect = Suspected(what="crash", path="m.py", line=2, call="double(None)", detail="TypeError")
    survivor = Survivor(name="m.py:2: `2` became `3`", path="m.py", text=CHANGED)

    found = await write(Written(reason="no call", suspects=(suspect,), survivors=(survivor,), dropped={"alike": 3}))

    assert (found.text, found.reason, found.suspects) == ("", "no call", (suspect,))
    assert "-    return n * 2\n+    return n * 3\n" in found.survivors[0].diff
    assert [(each.what, each.why) for each in found.dropped] == [("3 calls", "alike")]


async def test_what_is_no_file_of_plain_tests_is_never_shown():
    """It came out of a box in which the code ran."""
    found = await write(Written(text="import os\n\n\ndef test_a():\n    assert os.getcwd()\n", cases=1))

    assert found.text == ""
    assert "no file of plain tests" in found.reason


def test_the_numbers_the_survivors_and_the_suspects_are_told():
    """A survivor is told with its diff; nothing in it can steer a terminal."""
    tested = Generated(
        path="test_m.py", text="x", cases=3, lines=2, all_lines=2, branches=1, all_branches=2, mutants=4,
        survivors=({"name": "m.py:2: changed\x1b[2J", "diff": "-a\n+b\n"},),
        dropped=({"what": "5 calls", "why": "alike"},),
        suspects=({"what": "crash", "path": "m.py", "line": 0, "call": "f(0)", "detail": "by zero"},),
    )  # fmt: skip

    lines = "\n".join(told(tested))

    assert "3 cases: lines 2 of 2 (100%), branches 1 of 2 (50%), mutants killed 3 of 4 (75%)" in lines
    assert "-a\n+b" in lines
    assert "dropped: 5 calls: alike" in lines
    assert "suspected bug (crash): m.py: f(0): by zero" in lines
    assert "\x1b" not in lines
    unmeasured = told(tested.model_copy(update={"framework": "vitest", "model": "some"}))
    assert unmeasured[:2] == [
        "unit tests for vitest, by offline (some)",
        "3 cases: lines and branches not measured, mutants killed 3 of 4 (75%), in 0.00 s",
    ]
    assert told(Generated(path="test_m.py")) == ["no test was worth being kept"]
    assert (tested.mutation_score, tested.line_coverage, tested.branch_coverage) == (0.75, 1.0, 0.5)
    assert Generated(path="test_m.py").branch_coverage is None


def test_a_file_that_is_there_is_not_written_over(tmp_path, capsys):
    """It is refused before anything has run."""
    code, out = tmp_path / "m.py", tmp_path / "test_m.py"
    code.write_text(CODE)
    out.write_text("mine")

    assert enter(["tests", str(code), "--out", str(out)]) == 2

    assert out.read_text() == "mine"
    assert "is there already" in capsys.readouterr().err


@pytest.mark.docker
def test_tests_are_written_to_the_file_that_is_named(tmp_path, capsys):
    """With --json the whole result is one document."""
    code, out = tmp_path / "m.py", tmp_path / "test_m.py"
    code.write_text(CODE)

    assert enter(["tests", str(code), "--out", str(out), "--json", "--seconds", "10"]) == 0

    document = json.loads(capsys.readouterr().out)
    assert document["text"] == out.read_text()
    assert "from m import double" in out.read_text()
    assert document["mutation_score"] >= 0.8
    assert document["written"] == str(out)


@pytest.mark.docker
def test_without_a_file_the_tests_are_printed(tmp_path, capsys):
    """They alone are on standard output; the rest is beside them."""
    code = tmp_path / "m.py"
    code.write_text(CODE)

    assert enter(["tests", str(code), "--seconds", "10"]) == 0

    printed = capsys.readouterr()
    compile(printed.out, "test_m.py", "exec")
    assert "assert double(" in printed.out
    assert "mutants killed" in printed.err
