"""What the tests' process says is data from a stranger."""

import json

import pytest

from engine.checks import said
from sandboxes.base import Outcome, Stream
from tests.engine.made import NODE, lines, outcome

PASSED = {"event": "ended", "node": NODE, "seconds": 0.1, "ended": "passed"}


def test_lines_become_values():
    """Each known event is read with its fields."""
    read = said.read(outcome(lines({"event": "collected", "nodes": [NODE]}, PASSED, {"event": "done", "exit_code": 0})))

    assert [type(line).__name__ for line in read] == ["Collected", "Ended", "Done"]
    assert isinstance(read[1], said.Ended)
    assert read[1].node == NODE


def test_the_last_line_of_a_killed_program_is_left_out():
    """Half a line is no claim."""
    assert said.read(outcome(lines(PASSED) + b'{"event": "done", "exi')) == [said.Ended.model_validate(PASSED)]
    assert said.read(outcome(b"")) == []


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"passed",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"event": "verdict", "ended": "passed"}',
        b'{"event": "done"}',
        b'{"event": "done", "exit_code": "0"}',
        b'{"event": "done", "exit_code": 0, "more": 1}',
        json.dumps({**PASSED, "ended": "verified"}).encode(),
        json.dumps({**PASSED, "node": "x" * 5_000}).encode(),
        json.dumps({**PASSED, "text": "x" * 30_000}).encode(),
        json.dumps({**PASSED, "node": 7}).encode(),
        json.dumps({"event": "executed", "path": "a.py", "lines": [-1]}).encode(),
        json.dumps({"event": "executed", "path": "a.py", "lines": [1.5]}).encode(),
        b'{"event": "done", "exit_code": 0}{"event": "done", "exit_code": 0}',
        b"[" * 50_000,
    ],
)
def test_a_line_of_no_known_shape_makes_the_report_worthless(line: bytes):
    """Damaged or forged: nothing of such a report counts, also not its good lines."""
    with pytest.raises(said.Garbled, match="no known shape"):
        said.read(outcome(lines(PASSED) + line + b"\n"))


def test_a_report_that_was_cut_is_worthless():
    """What is left out could be the failure."""
    cut = Outcome(ended="exited", exit_code=0, report=Stream(head=lines(PASSED), tail=b"", total_bytes=10_000))

    with pytest.raises(said.Garbled, match="longer than the box keeps: 10000 bytes"):
        said.read(cut)


def test_only_lines_behind_the_nonce_are_ours():
    """A line that somebody else wrote to the pipe makes the whole report worthless."""
    ours = b"n0nce" + lines(PASSED)

    assert len(said.read(outcome(ours), "n0nce")) == 1
    with pytest.raises(said.Garbled, match="did not write"):
        said.read(outcome(ours + lines(PASSED)), "n0nce")
