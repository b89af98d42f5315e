"""The improver itself, in a real box, on programs that it has to make better and on look-alikes that it has to leave."""

from __future__ import annotations

import pytest

from agents.offline.improving.improver import OfflineImprover
from engine.workshop import BoxWorkshop
from sandboxes.base import Limits
from tests.improving.programs import FASTER, LEFT, LOOK_ALIKES, SAFER, Example

pytestmark = pytest.mark.docker


def each(examples: list[Example]) -> list[object]:
    return [pytest.param(example, id=example.name) for example in examples]


async def look(sandbox, example, kind):
    improver = OfflineImprover(BoxWorkshop(sandbox, limits=Limits(), run_id="test"))
    return await improver.look(example.files, example.tests, kind=kind, seconds=100)


@pytest.mark.parametrize("example", each(FASTER))
async def test_a_slow_pattern_is_rewritten_and_does_the_same_at_less_work(sandbox, example):
    """The rewrite a person would make, the same on all calls that were compared, and fewer steps on larger ones."""
    looked = await look(sandbox, example, "performance")

    assert example.becomes in looked.files["m.py"], looked.rejected
    improvement = next(one for one in looked.improvements if one.pattern == example.pattern)
    evidence = improvement.evidence
    assert evidence.compared > 5
    assert evidence.changes == 0
    assert evidence.scaled > 0
    assert evidence.after.steps < evidence.before.steps
    assert looked.reason == ""


@pytest.mark.parametrize("example", each(LOOK_ALIKES))
async def test_a_look_alike_is_left_as_it_is(sandbox, example):
    """A rewrite that would change what the program does is not made, whether it is recognised or only found out."""
    looked = await look(sandbox, example, "performance")

    assert looked.reason == ""
    if example.pattern:
        # its list keeps the order; only a set beside it is right
        assert "seen = set()" not in looked.files["m.py"]
    else:
        assert looked.files == example.files
        assert looked.improvements == ()


@pytest.mark.parametrize("example", each(SAFER))
async def test_an_unsafe_call_is_rewritten_and_its_rule_is_gone(sandbox, example):
    """Ruff's rule is gone, and where the behaviour changes, that is said."""
    looked = await look(sandbox, example, "security")

    assert example.becomes in looked.files["m.py"], looked.rejected
    [improvement] = looked.improvements
    assert (improvement.kind, improvement.rule) == ("security", example.pattern)
    assert improvement.evidence.rule_gone
    assert improvement.evidence.changes == 0 or improvement.on_purpose
    assert not [advice for advice in looked.advice if advice.rule == example.pattern]


@pytest.mark.parametrize("example", each(LEFT))
async def test_a_finding_without_a_rewrite_is_told_and_not_hidden(sandbox, example):
    """The program stays as it is; rule, line and advice are given, and that somebody waived it."""
    looked = await look(sandbox, example, "security")

    assert looked.files == example.files
    [advice] = [advice for advice in looked.advice if advice.rule == example.pattern]
    assert advice.line >= 1
    assert advice.advice
    assert advice.waived == ("noqa" in example.code)


async def test_values_that_could_be_read_as_sql_show_what_changed_on_purpose(sandbox):
    """A quote in a name broke the query before; now it is a part of the name."""
    example = next(example for example in SAFER if example.pattern == "S608")
    quoted = example.model_copy(
        update={
            "test": example.test + "    import sqlite3, pytest\n    for odd in ('x', 'y z', 'Bo'):\n        age(odd)\n"
        }
    )

    looked = await look(sandbox, quoted, "security")

    [improvement] = looked.improvements
    assert improvement.on_purpose == "takes quotes and SQL in a value for a part of the value"
    assert improvement.evidence.compared > 5


async def test_a_red_test_ends_the_look_before_anything_is_proposed(sandbox):
    """Code that is not right is not made faster."""
    example = FASTER[0].model_copy(update={"test": FASTER[0].test.replace("[2, 3]\n", "[2]\n", 1)})

    looked = await look(sandbox, example, "performance")

    assert looked.files == example.files
    assert "a test is red" in looked.reason
