"""The client's own model as the last author: asked by whichever way the connection has, and never twice the same."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from fastmcp import Client
from mcp.types import CreateMessageResult, ImageContent

from agents.base import Message
from agents.borrowed import Question, Said
from engine.desk import Desk
from engine.questions import Questions
from server import create_server
from serving.face import Face
from serving.sealing import sealing_key
from tests.server.conftest import engine_of, through
from tests.server.double import BORROWS, MENDED, TESTS, RehearsedMendbox, settings

CALL = {"code": BORROWS, "error_message": "", "tests": TESTS}


class Model:
    """A client's model that says what it was told to, one after the other, and counts what it is asked."""

    def __init__(self, *said: str | CreateMessageResult | Exception) -> None:
        self._said = list(said)
        self.asked: list[str] = []

    async def __call__(self, messages, params, context):
        self.asked.append(messages[0].content.text)
        said = self._said.pop(0)
        if isinstance(said, Exception):
            raise said
        return said


@pytest.mark.parametrize("transport", ["http", "stdio"])
async def test_a_client_without_a_key_lends_its_model(transport: str, era: str) -> None:
    """The run asks until it has its answer, each question once, and the call comes back with the mended code."""
    model = Model("no", "yes")
    async with through(transport, era, sampling_handler=model) as client:
        answer = await client.call_tool("auto_fix_code", CALL)

    assert model.asked == ["1: mend it?", "2: mend it?"]
    assert answer.structured_content["outcome"] == "verified"
    assert answer.structured_content["code"] == "# borrows\n" + MENDED
    assert not answer.structured_content["asks_your_model"]


async def test_a_client_that_can_do_neither_gets_a_typed_answer(desk: Desk, era: str) -> None:
    """It says that there is no fix; nothing is an error."""
    async with Client(create_server(desk), mode=era) as client:
        answer = await client.call_tool("auto_fix_code", CALL)

    assert (answer.is_error, answer.structured_content["outcome"]) == (False, "no_fix")


async def test_a_user_who_says_no_ends_the_run(desk: Desk) -> None:
    """Where the protocol carries the refusal, the run is told of it, and the call is answered."""
    model = Model(RuntimeError("the user said no"))
    async with Client(create_server(desk), mode="legacy", sampling_handler=model) as client:
        answer = await client.call_tool("auto_fix_code", CALL)

    assert answer.structured_content["outcome"] == "no_fix"
    assert "declined" in engine_of(desk).log[-1]


async def test_a_user_who_says_no_and_does_not_call_again_can_stop_the_run(desk: Desk) -> None:
    """On connections without requests from the server nobody tells it; the run waits for another call."""
    model = Model(RuntimeError("the user said no"))
    async with Client(create_server(desk), mode="auto", sampling_handler=model) as client:
        with pytest.raises(Exception, match="the user said no"):
            await client.call_tool("auto_fix_code", CALL)
        (left,) = (await client.call_tool("list_runs")).structured_content["runs"]
        stopped = await client.call_tool("cancel_run", {"run_id": left["run_id"]})

    assert left["status"] == "running"
    assert stopped.structured_content["outcome"] == "cancelled"


async def test_what_is_no_text_is_told_to_the_run(desk: Desk, era: str) -> None:
    """A picture is no answer; the run is told so and goes on to its end."""
    picture = ImageContent(type="image", data="aGk=", mime_type="image/png")
    model = Model(CreateMessageResult(role="assistant", content=picture, model="painter"), "yes")
    async with Client(create_server(desk), mode=era, sampling_handler=model) as client:
        answer = await client.call_tool("auto_fix_code", CALL)

    assert answer.structured_content["outcome"] == "verified"
    assert "painter said " in engine_of(desk).log


async def test_an_answer_to_another_question_is_passed_over() -> None:
    """What comes too late, or twice, changes nothing."""
    questions = Questions()
    first, second = (Question(messages=(Message(role="user", content=text),), most_tokens=9) for text in "ab")
    asking = asyncio.create_task(questions.ask(first))
    await asyncio.sleep(0)

    assert questions.take() == first
    assert questions.take() is None
    assert not questions.answer(second.id, Said(text="late", model="m"))
    assert questions.answer(first.id, Said(text="in time", model="m"))
    assert not questions.answer(first.id, Said(text="twice", model="m"))
    assert (await asking).text == "in time"
    assert not questions.open


async def test_a_call_that_is_cut_off_gives_its_question_back(desk: Desk) -> None:
    """Another call, of the same client or of the next one, may bring it to a model."""
    model = Model("yes")

    async def never(messages, params, context):
        await asyncio.Event().wait()

    async with Client(create_server(desk), mode="legacy", sampling_handler=never) as client:
        started = await client.call_tool("start_run", CALL)
        wait = {"run_id": started.structured_content["run_id"], "wait_seconds": 20}
        with pytest.raises(Exception, match=r"(?i)timed out"):
            await client.call_tool("get_run", wait, timeout=0.5)
    async with Client(create_server(desk), mode="legacy", sampling_handler=model) as another:
        answer = await another.call_tool("get_run", wait)

    assert answer.structured_content["outcome"] == "verified"


async def test_a_model_that_thinks_too_long_leaves_the_answer_to_a_later_call() -> None:
    """On connections where the call itself waits for it: the call ends in time all the same, with the run's id."""
    desk = Desk(settings(), engine=RehearsedMendbox, answer_seconds=0.5)

    async def never(messages, params, context):
        await asyncio.Event().wait()

    async with desk.open(), Client(create_server(desk), mode="legacy", sampling_handler=never) as client:
        answer = await client.call_tool("auto_fix_code", CALL)

    assert answer.structured_content["status"] == "running"
    assert answer.structured_content["asks_your_model"]


async def test_a_run_in_the_background_asks_by_the_call_that_waits_for_it(desk: Desk, era: str) -> None:
    """start_run comes back at once; get_run tells that there is a question, and carries it where it may wait."""
    model = Model("no", "yes")
    async with Client(create_server(desk), mode=era, sampling_handler=model) as client:
        started = await client.call_tool("start_run", CALL)
        run_id = started.structured_content["run_id"]
        looked = started
        while not looked.structured_content["asks_your_model"]:
            looked = await client.call_tool("get_run", {"run_id": run_id})
        asked_by_looking = list(model.asked)
        waited = await client.call_tool("get_run", {"run_id": run_id, "wait_seconds": 20})

    assert asked_by_looking == []
    assert waited.structured_content["outcome"] == "verified"
    assert model.asked == ["1: mend it?", "2: mend it?"]


async def test_an_answer_outlives_the_server_that_asked(tmp_path: Path) -> None:
    """What the client carries is sealed by a key that stays: another server goes on with the run, and asks nothing again."""
    face = Face(state_key=sealing_key(tmp_path))
    asked: list[str] = []

    async def first(messages, params, context):
        asked.append(messages[0].content.text)
        raise RuntimeError("the server goes away now")

    def a_server() -> Desk:
        return Desk(settings(), engine=RehearsedMendbox, answer_seconds=20)

    before, after = a_server(), a_server()
    async with before.open():
        server = create_server(before, face=face)
        async with Client(server, sampling_handler=first, mode="auto") as client:
            with pytest.raises(Exception, match="goes away"):
                await client.call_tool("auto_fix_code", CALL)
        (line,) = await before.list(principal="", limit=9)
        task = (await before.get(line.id)).task
        asking = asking_of(before, line.id)
    async with after.open():
        engine_of(after).add_interrupted(line.id, task)
        run = await after.go_on(line.id, {asking: Said(text="yes", model="m")}, client="c", principal="")
        ended = await after.follow(run.id, silent, seconds=5, lends=True)

    assert ended.outcome == "verified"
    assert asked == ["1: mend it?"]
    assert engine_of(after).log[1:3] == [f"resumed {line.id}", "m said yes"]


def asking_of(desk: Desk, run_id: str) -> str:
    """The id of the question that a client is away with."""
    question = desk._runs[run_id].questions._asked
    assert question is not None
    return question.id


async def silent(event: object, seconds: float) -> None:
    """Tells nobody."""
