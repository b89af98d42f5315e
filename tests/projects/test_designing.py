"""Whoever plans is told what is wrong with the plan and asked again, within bounds; in the end the rules answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from agents.architect import ModelArchitect
from agents.base import Allowance, Completion, Message, S, Usage
from agents.errors import ProviderUnavailable
from agents.offline.architect.architect import RuleArchitect
from agents.plans.plan import Plan
from agents.replying import RepliesUnreadable, ScriptedProvider
from engine.casting import make_architects
from engine.errors import NoPlan, UnknownAuthor
from engine.projects.designing import Bounds, Designing
from engine.settings import Settings
from tests.agents.models import ANTHROPIC, OPENAI, Protocol
from tests.projects.plans import commission, sound, spoilt
from tests.wire.behaviours import Says

GOOD = sound().model_dump_json()
DISOWNED = spoilt(["interfaces", 0, "owner"], "nobody").model_dump_json()


class Away:
    """A `Provider` that cannot be reached, and was billed for it."""

    name = "away"
    model = "m"

    async def complete(self, messages: Sequence[Message], schema: type[S], *, allowance: Allowance) -> Completion[S]:
        raise ProviderUnavailable(self.name, "the line is down", hint="wait", usage=Usage(calls=1, input_tokens=7))


async def test_a_models_plan_is_held_to_the_contract_and_mended_by_it() -> None:
    """The first one is refused with its fault, which it is told in a fence; the second is taken, and said to be a model's."""
    provider = ScriptedProvider([DISOWNED, GOOD])

    made = await Designing([ModelArchitect(provider), RuleArchitect()], Bounds()).design(commission())

    assert (made.basis, made.model, made.usage.calls) == ("model", "a script", 2)
    assert made.plan == sound()
    assert "Made by the model a script" in made.made
    assert any("belongs to nobody, which is no component" in fault for fault in made.refused)
    *_, said, told = provider.asked[1]
    assert said.role == "assistant"
    assert '"nobody"' in said.content or "left out" in said.content
    assert 'DATA "faults":' in told.content
    assert "belongs to nobody, which is no component" in told.content
    assert len(provider.asked[0]) == 2
    assert '"users": 100000.0' in provider.asked[0][1].content


@pytest.mark.parametrize("protocol", [OPENAI, ANTHROPIC], ids=lambda protocol: protocol.provider.__name__)
async def test_a_model_is_asked_by_its_own_protocol_within_the_shape_it_takes(protocol: Protocol) -> None:
    """By a strict schema, which the servers of both turn away where it is none; twice, as the first plan is refused."""
    with protocol.wire(Says(DISOWNED), Says(GOOD)) as server:
        made = await Designing([ModelArchitect(protocol.to(server))], Bounds(seconds=20)).design(commission())

    assert made.model == protocol.model
    assert made.plan == sound()
    assert len(server.requests) == 2
    assert "belongs to nobody, which is no component" in json.dumps(server.requests[1].body)


async def test_prose_is_no_plan_and_the_model_is_told_so() -> None:
    """As is JSON of another shape."""
    provider = ScriptedProvider(["I would use microservices.", '{"title": "x"}', GOOD])

    made = await Designing([ModelArchitect(provider)], Bounds()).design(commission())

    assert made.basis == "model"
    assert "only prose" in provider.asked[1][-1].content
    assert "does not fit the schema" in provider.asked[2][-1].content


async def test_a_model_that_never_makes_a_sound_plan_is_asked_so_often_and_the_rules_answer_then() -> None:
    """Which is said, with what was tried before."""
    provider = ScriptedProvider([DISOWNED] * 9)

    made = await Designing([ModelArchitect(provider), RuleArchitect()], Bounds(rounds=2)).design(commission())

    assert len(provider.asked) == 2
    assert made.basis == "rules"
    assert made.model is None
    assert "without a model" in made.made
    assert "scripted: 2 plans, none of which held together" in made.made


async def test_without_a_model_the_rules_answer_and_say_so() -> None:
    """And nothing was spent."""
    made = await Designing([RuleArchitect()], Bounds()).design(commission())

    assert made.made == "Made by the rule base, without a model; its assumptions are named among the numbers."
    assert made.usage == Usage()


async def test_a_model_that_cannot_be_reached_is_told_of_and_billed() -> None:
    """The next one is asked; where there is none, there is no plan."""
    made = await Designing([ModelArchitect(Away()), RuleArchitect()], Bounds()).design(commission())

    assert "away: the line is down" in made.made
    assert made.usage.input_tokens == 7
    with pytest.raises(NoPlan, match="the line is down") as caught:
        await Designing([ModelArchitect(Away())], Bounds()).design(commission())
    assert caught.value.hint == "wait"


async def test_time_and_tokens_are_shared_by_all_rounds() -> None:
    """What is left goes down with each; where the time is over, nothing more is asked."""
    seen: list[Allowance] = []

    class Counted(ScriptedProvider):
        async def complete(
            self, messages: Sequence[Message], schema: type[S], *, allowance: Allowance
        ) -> Completion[S]:
            seen.append(allowance)
            done = await super().complete(messages, schema, allowance=allowance)
            return done.model_copy(update={"usage": Usage(calls=1, output_tokens=1_000, usd=0.1)})

    # Of the clock: its start, what is left for the first plan, for the second, and before the third none.
    ticks = iter([0.0, 0.0, 40.0, 110.0])
    designing = Designing(
        [ModelArchitect(Counted([DISOWNED] * 3))],
        Bounds(seconds=100, tokens=5_000, usd=0.5),
        clock=lambda: next(ticks),
    )

    with pytest.raises(NoPlan, match="2 plans, none of which held together") as caught:
        await designing.design(commission())

    assert [(each.seconds, each.tokens, each.usd) for each in seen] == [(100, 5_000, 0.5), (60, 4_000, 0.4)]
    assert {fault.split(":")[0] for fault in caught.value.refused} == {"scripted, plan 1", "scripted, plan 2"}


async def test_a_plan_with_very_many_faults_is_told_some_of_them() -> None:
    """And how many more there are."""
    files = [{"path": f"x/{n}", "owner": "nobody", "role": "qa", "purpose": "x"} for n in range(100)]
    crowd = spoilt(["files"], lambda those: [*those, *files])
    provider = ScriptedProvider([crowd.model_dump_json(), GOOD])

    await Designing([ModelArchitect(provider)], Bounds()).design(commission())

    assert "and 60 more" in provider.asked[1][-1].content


@pytest.mark.parametrize(
    ("text", "why"),
    [("{}", "no JSON list"), ("nonsense", "no JSON list"), (None, "cannot be read")],
)
def test_a_script_that_cannot_be_used_is_named(tmp_path: Path, text: str | None, why: str) -> None:
    """Missing, or of another shape."""
    script = tmp_path / "replies.json"
    if text is not None:
        script.write_text(text)

    with pytest.raises(RepliesUnreadable, match=why):
        ScriptedProvider.read(script)
    with pytest.raises(UnknownAuthor, match=why):
        make_architects(f"scripted:{script}", Settings())


async def test_a_script_gives_texts_and_objects_in_order_and_ends(tmp_path: Path) -> None:
    """As a model would have said them."""
    script = tmp_path / "replies.json"
    script.write_text(json.dumps([json.loads(DISOWNED), GOOD]))
    provider = ScriptedProvider.read(script)

    made = await Designing([ModelArchitect(provider)], Bounds()).design(commission())

    assert made.plan == Plan.model_validate_json(GOOD)
    with pytest.raises(NoPlan, match="no reply after number 2"):
        await Designing([ModelArchitect(provider)], Bounds()).design(commission())


def test_architects_are_those_there_are_keys_for_and_the_rules_last() -> None:
    """By the settings; a name that is none, or has no key, is told."""
    both = Settings(openai_api_key="k", anthropic_api_key="k")

    assert [each.name for each in make_architects("auto", both)] == ["openai", "anthropic", "offline"]
    assert [each.name for each in make_architects("auto", Settings())] == ["offline"]
    assert [each.name for each in make_architects("anthropic", both)] == ["anthropic"]
    with pytest.raises(UnknownAuthor, match="has no key"):
        make_architects("openai", Settings())
    with pytest.raises(UnknownAuthor, match="no architect is called 'me'"):
        make_architects("me", both)
