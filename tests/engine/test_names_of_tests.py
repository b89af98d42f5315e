"""What tests are called that pytest names after long or unreadable values: bounded, told apart, and the same each time."""

from __future__ import annotations

import json

from agents.base import Suite
from engine.checks.laying import lay
from engine.checks.tests import Tests
from engine.checks.ways import Way
from engine.domain import Report
from sandboxes.base import Outcome
from tests.engine.host_box import host_box, subject_of

LONG = """\
import pytest


@pytest.mark.parametrize("text", ["a" * 20_000, "a" * 20_000 + "b", "short"], ids=str)
def test_text(text):
    assert not text.endswith("b")
"""
UNREADABLE = 'import os\n\n\ndef test_path():\n    raise ValueError(os.fsdecode(b"name\\xff.txt"))\n'


async def session(text: str, *, aside: tuple[str, ...] = ()) -> tuple[Report, Outcome]:
    subject = subject_of({"solution.py": ""}, {"test_a.py": text})
    task = subject.case.task.model_copy(update={"suite": Suite(aside=aside)})
    subject = subject.model_copy(update={"case": subject.case.model_copy(update={"task": task})})
    with host_box() as box:
        await lay(box, subject)
        return await Tests().session(subject, box, Way(hang_seconds=20.0, stop_after_hangs=9)), box.outcomes[-1]


async def test_a_test_that_is_named_after_a_long_value_is_called_by_the_head_of_it() -> None:
    """Each by another name, of which all that is said of it is said, and by which it can be set aside."""
    report, outcome = await session(LONG)
    ended = {test.node_id: test.ended for test in report.tests}
    (red,) = [name for name, end in ended.items() if end == "failed"]
    without, _ = await session(LONG, aside=(red,))

    assert sorted(ended.values()) == ["failed", "passed", "passed"]
    assert "test_a.py::test_text[short]" in ended
    assert max(map(len, ended)) < 1_100
    assert red.startswith("test_a.py::test_text[aaa")
    assert red.endswith("]")
    assert outcome.report.total_bytes < 20_000
    assert {test.node_id for test in without.tests} == ended.keys() - {red}


async def test_a_message_that_no_text_can_hold_does_not_spoil_the_report() -> None:
    """A byte of a path that is none of UTF-8 is a question mark, and the test is red for what it raised."""
    report, outcome = await session(UNREADABLE)
    (finding,) = report.findings

    assert finding.message == "test_a.py::test_path: ValueError: name?.txt"
    assert all(json.loads(line[32:]) for line in outcome.report.head.splitlines())
