"""From an assignment to a delivery, over what a model says."""

from __future__ import annotations

import json

import pytest

from agents.builder import ModelBuilder, messages
from agents.building import Delivery
from agents.replying import ScriptedProvider
from agents.roles import CARDS
from tests.agents.building.assignments import assignment

MAIN = "services/nightly/nightly/__main__.py"


async def delivered(reply: object, *, role: str = "backend", **changes: object) -> Delivery:
    provider = ScriptedProvider([reply if isinstance(reply, str) else json.dumps(reply)])
    return await ModelBuilder(provider, CARDS[role]).deliver(assignment(role=role, **changes))  # type: ignore[index]


async def test_files_of_an_answer_are_laid_over_those_that_there_are() -> None:
    """What is not named stays as it was."""
    there = {MAIN: "print(1)\n", "services/nightly/pyproject.toml": "[project]\n"}

    brought = await delivered(
        {"note": "Two.", "edits": [{"path": MAIN, "search": "1", "replace": "2"}], "files": []}, files=there
    )

    assert brought.files == there | {MAIN: "print(2)\n"}
    assert (brought.unusable, brought.note, brought.usage.calls) == ("", "Two.", 1)


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        pytest.param("I would rather not.", "no JSON object", id="prose"),
        pytest.param(
            {"files": [{"path": "services/other/a.py", "content": ""}]}, "not this role's", id="a-neighbour's"
        ),
        pytest.param(
            {"files": [{"path": "services/nightly/tests/test_a.py", "content": ""}]}, "not this role's", id="a-test"
        ),
        pytest.param(
            {"files": [{"path": "services/nightly/nightly/../../../../etc/passwd", "content": ""}]},
            "not this role's",
            id="outside",
        ),
        pytest.param(
            {"files": [{"path": "services/nightly/other.py", "content": ""}]}, "not this role's", id="unplanned"
        ),
        pytest.param(
            {"edits": [{"path": MAIN, "search": "x", "replace": "y"}]}, "no such file", id="an-edit-of-nothing"
        ),
        pytest.param({"note": "Nothing."}, "no edit and no file", id="nothing"),
        pytest.param(
            {"files": [{"path": MAIN, "content": "1"}, {"path": MAIN, "content": "2"}]}, "more than once", id="twice"
        ),
    ],
)
async def test_an_answer_that_cannot_be_used_changes_nothing_and_says_why(reply: object, why: str) -> None:
    """It is counted and billed, and the model is told; a role never writes what is another's."""
    brought = await delivered(reply)

    assert why in brought.unusable
    assert (dict(brought.files), brought.usage.calls) == ({}, 1)


async def test_a_tester_brings_scenarios_too_and_may_mend_them_alone() -> None:
    """Scenarios are data beside the tests' files."""
    scenario = {
        "name": "It is healthy",
        "requirement": "R1",
        "steps": [{"do": "visit", "path": "/"}, {"do": "see", "text": "Ready"}],
    }

    brought = await delivered({"scenarios": [scenario]}, role="qa", writable=("services/nightly/tests/",))
    same = await delivered(
        {"scenarios": [scenario]}, role="qa", writable=("services/nightly/tests/",), scenarios=brought.scenarios
    )

    assert [each.name for each in brought.scenarios] == ["It is healthy"]
    assert brought.unusable == ""
    assert same.unusable == "the answer changes nothing"


def test_a_role_is_told_its_part_of_the_plan_and_what_was_wrong() -> None:
    """Failures come back as data in a fence, after the assignment itself."""
    told = list(
        messages(
            assignment(
                files={MAIN: "print(1)\n"},
                readable={"services/nightly/tests/test_a.py": "def test_a(): ...\n"},
                findings=("services/nightly/nightly/__main__.py:1: F821 undefined name",),
                failure="E assert 1 == 2",
                new_strategy=True,
            ),
            CARDS["backend"],
        )
    )

    system, task, failure = (each.content for each in told)
    assert "backend engineer" in system
    assert "reaches its frozen tests" not in system
    assert task.index("print(1)") < task.index("def test_a")
    assert '"figures"' not in task
    assert "F821" in failure
    assert "assert 1 == 2" in failure
    assert "something else" in failure


def test_more_files_than_fit_are_named_and_not_shown() -> None:
    """A prompt has a bound, whatever a project holds."""
    files = {f"services/nightly/nightly/m{number}.py": "x = 1\n" * 20_000 for number in range(4)}

    task = list(messages(assignment(files=files), CARDS["backend"]))[1].content

    assert len(task) < 400_000
    assert "m3.py is there too, and is not shown" in task
