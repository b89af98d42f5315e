"""Who builds, by what is asked for and what there is."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from agents.architect import ModelArchitect, messages
from agents.base import Message
from agents.borrowed import Question, Said
from agents.builder import ModelBuilder
from agents.plans.plan import Requirement
from engine.casting import make_team
from engine.errors import UnknownAuthor
from engine.settings import Settings
from tests.agents.building.assignments import assignment
from tests.projects.plans import commission

NO_KEYS = Settings()


@pytest.mark.parametrize(
    ("spec", "what", "hint"),
    [
        ("auto", "no model can be asked to build", "OPENAI_API_KEY or ANTHROPIC_API_KEY"),
        ("offline", "builds none", "scripted:FILE"),
        ("openai", "has no key", "OPENAI_API_KEY"),
        ("somebody", "no author 'somebody'", "choose one of auto, openai"),
        ("scripted:/none.json", "cannot be read", "scripted:FILE"),
    ],
)
def test_who_cannot_build_says_what_to_set(spec: str, what: str, hint: str) -> None:
    """Without a key a build ends before it begins, with a line on what to do."""
    with pytest.raises(UnknownAuthor, match=what) as told:
        make_team(spec, NO_KEYS)

    assert hint in told.value.hint


async def test_the_first_model_with_a_key_builds() -> None:
    """Every role is one model, under its own card."""
    team = make_team("auto", Settings(anthropic_api_key=SecretStr("k")))

    assert isinstance(team.architects[0], ModelArchitect)
    assert team.architects[0].name == "anthropic"
    assert isinstance(team.builder("qa", ""), ModelBuilder)


async def test_without_a_key_the_callers_model_builds() -> None:
    """The client's own model takes every role."""
    asked: list[Question] = []

    async def ask(question: Question) -> Said:
        asked.append(question)
        return Said(text='{"files": [{"path": "services/nightly/pyproject.toml", "content": "x"}]}', model="theirs")

    brought = await make_team("auto", NO_KEYS, caller=ask).builder("backend", "nightly").deliver(assignment())

    assert brought.files == {"services/nightly/pyproject.toml": "x"}
    assert brought.model == "theirs"
    assert len(asked) == 1


def test_an_architect_is_told_the_description_and_the_requirements_word_for_word(tmp_path: Path) -> None:
    """What the person asked for stands in a fence, as data."""
    asked = commission().model_copy(
        update={
            "project_type": None,
            "description": "A board of cards.",
            "wanted": (Requirement(id="R1", text="A card can be moved."),),
            "stack": ("express", "vue"),
        }
    )

    told: list[Message] = list(messages(asked))

    assert "A card can be moved." in told[1].content
    assert "DATA" in told[1].content
    assert "is going to be built" in told[1].content
