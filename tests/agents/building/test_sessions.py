"""A recorded session of a build."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.errors import NothingToOffer
from agents.plans.commission import Refusal
from agents.replying import RepliesUnreadable
from agents.sessions import Session
from tests.agents.building.assignments import assignment
from tests.projects.plans import commission, smallest

FILE = "services/nightly/pyproject.toml"


def reply(text: str) -> dict[str, object]:
    return {"note": text, "files": [{"path": FILE, "content": text}]}


async def test_a_reply_is_found_by_the_number_of_the_assignment(tmp_path: Path) -> None:
    """A build that was broken off and goes on gets the reply that comes next, and none twice."""
    path = tmp_path / "session.json"
    path.write_text(json.dumps({"backend:nightly": [reply("one"), reply("two")], "backend": [reply("any")]}))
    session = Session.read(path)

    second = await session.builder("backend", "nightly").deliver(assignment(number=2))
    other = await session.builder("backend", "other").deliver(assignment())

    assert second.files == {FILE: "two"}
    assert other.files == {FILE: "any"}
    with pytest.raises(NothingToOffer, match="2 replies of backend:nightly, and this is 3"):
        await session.builder("backend", "nightly").deliver(assignment(number=3))
    with pytest.raises(NothingToOffer, match="0 replies of qa:"):
        await session.builder("qa", "").deliver(assignment(role="qa"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[]", "no JSON object of lists"),
        ("{", "no JSON object of lists"),
        ('{"backend": "text"}', "no JSON object of lists"),
        ('{"gardener": []}', "'gardener', which is no role: architect, backend"),
    ],
)
def test_what_is_no_session_is_refused_with_the_reason(tmp_path: Path, text: str, why: str) -> None:
    """A misspelt role would otherwise end as a builder with nothing to say."""
    path = tmp_path / "session.json"
    path.write_text(text)

    with pytest.raises(RepliesUnreadable, match=why):
        Session.read(path)


def test_a_session_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The path is in the message."""
    with pytest.raises(RepliesUnreadable, match=r"none\.json"):
        Session.read(tmp_path / "none.json")


async def test_a_plan_is_found_by_how_many_were_refused() -> None:
    """A build that goes on with plans that are recorded gets the next one, and none twice."""
    session = Session({"architect": ["no plan", smallest().model_dump_json()]})
    refused = Refusal(said="no plan", faults=("there is no plan",))

    first = await session.architect().plan(commission())
    second = await session.architect().plan(commission().model_copy(update={"refused": (refused,)}))

    assert (first.plan, second.plan) == (None, smallest())
    with pytest.raises(NothingToOffer, match="2 plans, and this is 3"):
        await session.architect().plan(commission().model_copy(update={"refused": (refused, refused)}))
