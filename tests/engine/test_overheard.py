"""What a listener hears of models and boxes: that they were asked, how long it took, and nothing of what was said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from pydantic import BaseModel

from agents.base import Allowance, Completion, Message, Usage
from agents.errors import UnusableReply
from engine.events import BoxClosed, BoxOpened, Event, Inner, ModelAnswered
from engine.overheard import ToldProvider, ToldSandbox
from sandboxes.base import Box, Limits
from tests.engine.made import PlayedSandbox


class Answer(BaseModel):
    text: str


class Model:
    """Answers what it is asked, or says that it cannot."""

    name, model = "openai", "m-1"

    async def complete(
        self, messages: Sequence[Message], schema: type[Answer], *, allowance: Allowance
    ) -> Completion[Answer]:
        usage = Usage(calls=1, input_tokens=7, output_tokens=2)
        if messages[0].content == "prose":
            raise UnusableReply(self.name, "it answered in prose", reply="the secret plan", usage=usage)
        return Completion(answer=schema(text=messages[0].content), model="m-1-2026", usage=usage)


class Begun(PlayedSandbox):
    def begin(self, limits: Limits) -> asyncio.Task[None]:
        return asyncio.create_task(asyncio.sleep(0))


async def test_a_call_of_a_model_is_heard_with_its_tokens_and_without_its_words():
    """The one that was asked for, the one that answered, what it cost."""
    heard: list[Event | Inner] = []

    completion = await ToldProvider(Model(), heard.append).complete(
        [Message(role="user", content="mend it")], Answer, allowance=Allowance()
    )

    (call,) = heard
    assert completion.answer.text == "mend it"
    assert isinstance(call, ModelAnswered)
    assert (call.author, call.model, call.answered_by, call.usage, call.error) == (
        "openai",
        "m-1",
        "m-1-2026",
        completion.usage,
        "",
    )
    assert "mend it" not in call.model_dump_json()


async def test_a_reply_that_cannot_be_used_is_heard_as_billed():
    """Its class and its tokens, and the error goes on its way."""
    heard: list[Event | Inner] = []

    with pytest.raises(UnusableReply):
        await ToldProvider(Model(), heard.append).complete(
            [Message(role="user", content="prose")], Answer, allowance=Allowance()
        )

    (call,) = heard
    assert isinstance(call, ModelAnswered)
    assert (call.error, call.usage.input_tokens) == ("UnusableReply", 7)
    assert "secret plan" not in call.model_dump_json()


async def test_a_box_is_heard_when_it_is_had_and_when_it_is_given_back():
    """Also where its use ended early; what ended it goes on its way."""
    heard: list[Event | Inner] = []
    sandbox = ToldSandbox(Begun(), heard.append)

    @asynccontextmanager
    async def opened() -> AsyncIterator[Box]:
        async with sandbox.open(run_id="run", limits=Limits()) as box:
            yield box

    async with opened() as box:
        assert [type(event) for event in heard] == [BoxOpened]
    with pytest.raises(KeyError):
        async with opened():
            raise KeyError("something of a program's")
    await sandbox.begin(Limits())

    assert [type(event) for event in heard] == [BoxOpened, BoxClosed] * 2
    first, last = heard[1], heard[3]
    assert isinstance(first, BoxClosed)
    assert isinstance(last, BoxClosed)
    assert (first.box, first.error, last.error) == (box.id, "", "KeyError")
