"""The caller's own model behind the same protocol as the others: bounded, believed in nothing, and billed to nobody here."""

from __future__ import annotations

import asyncio

import pytest

from agents.answering import Answer
from agents.base import Allowance, Message
from agents.borrowed import Declined, Question, Said
from agents.errors import NothingToOffer, ProviderUnavailable, Refused, UnusableReply
from agents.providers.caller import MOST_QUESTIONS, CallerProvider

ASKED = (Message(role="system", content="You mend code."), Message(role="user", content="a = 1"))
GOOD = '{"note": "n", "edits": [], "files": [{"path": "a.py", "content": "a = 2"}]}'


def saying(*said: str | Said | Declined):
    """A way to a model that says these things, and the questions it was asked."""
    left, asked = list(said), list[Question]()

    async def ask(question: Question) -> Said:
        asked.append(question)
        now = left.pop(0)
        if isinstance(now, Declined):
            raise now
        return Said(text=now, model="somebody's") if isinstance(now, str) else now

    return ask, asked


async def test_its_reply_is_read_as_any_models_is():
    """The shape is asked for in words; prose around the answer does not matter; nothing of it has a price."""
    ask, asked = saying(f"Sure!\n{GOOD}\nThere you are.")

    completion = await CallerProvider(ask).complete(ASKED, Answer, allowance=Allowance())

    assert completion.answer.files[0].content == "a = 2"
    assert completion.model == "somebody's"
    assert (completion.usage.calls, completion.usage.usd, completion.usage.priced) == (1, 0.0, False)
    assert asked[0].messages[:2] == ASKED
    assert '"edits"' in asked[0].messages[2].content


@pytest.mark.parametrize(
    ("said", "why"),
    [
        pytest.param("I would rather not.", "only prose", id="prose"),
        pytest.param("", "empty", id="nothing"),
        pytest.param(Said(text=GOOD, model="m", cut=True), "token limit", id="cut"),
        pytest.param("{" * 5_000, "JSON", id="braces"),
    ],
)
async def test_what_is_no_answer_is_an_unusable_reply(said: str | Said, why: str):
    """It is told to the model in the next round, and counts as an attempt."""
    ask, _ = saying(said)

    with pytest.raises(UnusableReply, match=why) as caught:
        await CallerProvider(ask).complete(ASKED, Answer, allowance=Allowance())

    assert caught.value.usage.calls == 1


async def test_a_no_is_a_refusal():
    """Of the user or of the client: the run ends and says so."""
    ask, _ = saying(Declined("the user said no"))

    with pytest.raises(Refused, match="the user said no"):
        await CallerProvider(ask).complete(ASKED, Answer, allowance=Allowance())


async def test_a_client_that_does_not_come_back_is_not_waited_for():
    """Only as long as the run's budget allows."""

    async def ask(question: Question) -> Said:
        return await asyncio.Future()

    with pytest.raises(ProviderUnavailable, match=r"brought no reply .* within 0.05 s"):
        await CallerProvider(ask).complete(ASKED, Answer, allowance=Allowance(seconds=0.05))


async def test_it_is_not_asked_more_often_than_the_protocol_bears():
    """A client gives a call up after ten rounds."""
    ask, asked = saying(*[GOOD] * MOST_QUESTIONS)
    provider = CallerProvider(ask)
    for _ in range(MOST_QUESTIONS):
        await provider.complete(ASKED, Answer, allowance=Allowance())

    with pytest.raises(NothingToOffer, match=f"asked {MOST_QUESTIONS} times"):
        await provider.complete(ASKED, Answer, allowance=Allowance())

    assert len(asked) == MOST_QUESTIONS < 10


def test_the_same_question_has_the_same_id():
    """By which its answer finds it, in whatever process."""
    one, same, other = (Question(messages=ASKED, most_tokens=most) for most in (9, 9, 10))

    assert one.id == same.id != other.id
