"""What is shown of a search that mended nothing."""

from __future__ import annotations

import pytest

from agents.base import Suspect
from engine.cli.verdict import print_run
from engine.domain import Run
from tests.cli import runs

SUSPECTS = (
    Suspect(path="shop/prices.py", line=12, score=1.0, text="return total"),
    Suspect(path="a.py", line=3, score=0.5, text="total = 0"),
)


def unmended(**more: object) -> Run:
    facts = {"outcome": "no_fix", "kinds": {"operators": 1_230, "reuse": 40}, "suspects": SUSPECTS, **more}
    return runs.run({"a.py": "x\n"}, {"a.py": "x\n"}, **facts)


def shown(run: Run, capsys: pytest.CaptureFixture[str]) -> list[str]:
    print_run(run)
    return capsys.readouterr().out.splitlines()


def test_a_failure_shows_what_was_tried_and_the_suspicious_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """Counts by kind, then the lines one under the other with what stands there."""
    lines = shown(unmended(), capsys)

    begin = lines.index("tried: 1,230 operators, 40 expressions from elsewhere")
    assert lines[begin + 1 : begin + 4] == [
        "where the fault may be:",
        "  shop/prices.py:12  very suspicious      return total",
        "  a.py:3             somewhat suspicious  total = 0",
    ]


def test_no_more_than_five_lines_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """The rest stands in the JSON."""
    suspects = tuple(Suspect(path="a.py", line=n, score=0.9) for n in range(1, 10))

    lines = shown(unmended(suspects=suspects), capsys)

    assert sum("suspicious" in line for line in lines) == 5


def test_a_mended_program_shows_none_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    """The diff is what counts then."""
    assert not any("suspicious" in line or "tried" in line for line in shown(unmended(outcome="verified"), capsys))


def test_code_that_is_shown_steers_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """A line of somebody's program may hold escape sequences, and a path line ends."""
    hostile = Suspect(path="a\n.py", line=1, score=1.0, text="\x1b[2Jgone")

    lines = shown(unmended(suspects=(hostile,)), capsys)

    assert "\x1b" not in "".join(lines)
    assert any("gone" in line and ".py:1" in line for line in lines)
