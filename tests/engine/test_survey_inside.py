"""The program that reads submitted files without running them, run here as it is run in the box."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import pytest

from engine.checks import said
from engine.checks.inside import survey
from tests.engine.made import outcome


@pytest.fixture
def surveyed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Reads files given as (sources, tests) and hands back what was said."""

    def ask(sources: dict[str, str], tests: dict[str, str]) -> list[said.Said]:
        for path, text in {**sources, **tests}.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text, encoding="utf-8")
        asked = {"sources": [*sources], "tests": [*tests], "strict": True}
        reading, writing = os.pipe()
        monkeypatch.setenv("MENDBOX_REPORT_FD", str(writing))
        monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(asked)))
        monkeypatch.chdir(tmp_path)
        code = survey.main()
        with os.fdopen(reading, "rb") as pipe:
            told = said.read(outcome(pipe.read()))
        assert [line.exit_code for line in told if isinstance(line, said.Done)] == [code]
        assert code == (survey.STOP if any(isinstance(line, said.Unparsable) for line in told) else 0)
        return told

    return ask


def names(said_lines: list[said.Said]) -> dict[str, tuple[list[str], list[str]]]:
    return {line.path: (line.names, line.marked) for line in said_lines if isinstance(line, said.NamesIn)}


TESTS = """
import unittest
import unittest as u
import pytest


def test_one(): ...
def testing(): ...
def helper(): ...
async def test_two(): ...


@pytest.fixture
def test_fixture(): ...


@pytest.fixture(scope="module")
def test_fixture_called(): ...


@pytest.mark.skip(reason="x")
def test_skipped(): ...


@pytest.mark.parametrize("a", [1])
@pytest.mark.xfail
def test_expected(a): ...


class TestA:
    def test_in(self): ...
    def other(self): ...

    class TestB:
        def test_deep(self): ...


class TestInit:
    def __init__(self): ...
    def test_never(self): ...


class TestOff:
    __test__ = False
    def test_never(self): ...


class Shared(u.TestCase):
    def test_deleted(self): ...


@unittest.skipIf(True, "x")
class Case(unittest.TestCase):
    def test_case(self): ...


class Plain:
    def test_never(self): ...


del Shared
"""


def test_names_are_those_that_pytest_collects(surveyed):
    """By its default rules; marks of the file itself are told apart."""
    found = names(surveyed({}, {"test_a.py": TESTS}))

    assert found["test_a.py"] == (
        [
            "test_one",
            "testing",
            "test_two",
            "test_skipped",
            "test_expected",
            "TestA::test_in",
            "TestA::TestB::test_deep",
            "Case::test_case",
        ],
        ["test_skipped", "test_expected", "Case::test_case"],
    )


def test_a_module_may_mark_all_of_its_tests(surveyed):
    """With pytestmark, alone or in a list; another mark is none."""
    found = names(
        surveyed(
            {},
            {
                "test_a.py": "import pytest\npytestmark = pytest.mark.skip\ndef test_a(): ...\n",
                "test_b.py": "import pytest\npytestmark = [pytest.mark.slow]\ndef test_b(): ...\n",
            },
        )
    )

    assert found == {"test_a.py": (["test_a"], ["test_a"]), "test_b.py": (["test_b"], [])}


def test_lines_with_instructions_are_executable(surveyed):
    """Not comments, not blank lines; of a function its own lines, and its definition as the module's."""
    lines = list(surveyed({"a.py": "# c\n\ndef f():\n    # c\n    return [\n        x for x in '1'\n    ]\n"}, {}))

    assert isinstance(lines[0], said.Lines)
    assert {3, 5, 6} <= set(lines[0].executable)
    assert not {1, 2, 4, 7} & set(lines[0].executable)


@pytest.mark.parametrize(
    "text", ["def f(:\n", "x = 1\0\n", "(" * 500 + ")" * 500, "# coding: nonsense\n", "return 1\n"]
)
def test_what_does_not_parse_is_told_with_its_place(surveyed, text: str):
    """Also what the compiler refuses only later, and what is too deep for it; the other files are still read."""
    unparsable, other, done = surveyed({"a.py": text, "b.py": "x = 1\n"}, {})

    assert isinstance(unparsable, said.Unparsable)
    assert (unparsable.path, unparsable.line >= 1) == ("a.py", True)
    assert isinstance(other, said.Lines)
    assert isinstance(done, said.Done)
