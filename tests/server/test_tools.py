"""What each tool promises to the model that calls it."""

from __future__ import annotations

import asyncio

import pytest
from fastmcp import Client
from fastmcp.exceptions import ToolError

from engine.desk import Desk
from server import create_server
from tests.server.conftest import engine_of, through
from tests.server.double import BREAKS, BROKEN, ENDLESS, HOPELESS, MENDED, REFUSED, TESTS, RehearsedMendbox, settings


@pytest.mark.parametrize("transport", ["stdio", "http"])
async def test_broken_code_goes_in_and_proven_code_comes_out_with_progress_seen(transport: str, era: str) -> None:
    """The main story, over both transports and in both eras."""
    seen: list[tuple[float, str | None]] = []

    async def watch(progress: float, total: float | None, message: str | None) -> None:
        assert total == 300
        seen.append((progress, message))

    async with through(transport, era) as client:
        result = await client.call_tool(
            "auto_fix_code",
            {"code": BROKEN, "error_message": "assert -1 == 5", "tests": TESTS},
            progress_handler=watch,
        )

    answer = result.structured_content
    assert answer["status"] == "ended"
    assert answer["outcome"] == "verified"
    assert answer["code"] == MENDED
    assert answer["files"] == {"solution.py": MENDED}
    assert "+    return a + b" in answer["diff"]
    assert answer["attempts"][0]["green"] is True
    assert answer["proofs"] == [{"name": "red_before", "held": True, "detail": "test_adds was red"}]
    messages = [message for _, message in seen]
    assert "building the sandbox image" in messages
    assert "attempt 1: rehearsed is at work" in messages
    assert "rehearsed: 2 of 3 ideas tried" in messages
    assert "attempt 1 by rehearsed: verified" in messages
    times = [progress for progress, _ in seen]
    assert times == sorted(set(times))


async def test_every_tool_tells_a_model_what_it_is_for(client: Client) -> None:
    """A title, a description, described arguments, annotations and an output schema each."""
    tools = {tool.name: tool for tool in await client.list_tools()}

    assert set(tools) == {
        *"auto_fix_code start_run get_run cancel_run list_runs run_code check_code generate_architecture".split(),
        *"orchestrate_development get_project generate_tests".split(),
    }
    for tool in tools.values():
        assert tool.title
        assert len(tool.description or "") > 40
        assert tool.annotations is not None
        assert tool.output_schema["properties"]
        assert tool.input_schema["additionalProperties"] is False
        assert all(schema.get("description") for schema in tool.input_schema["properties"].values()), tool.name
    assert tools["get_run"].annotations.read_only_hint
    assert list(tools["auto_fix_code"].input_schema["properties"]) == [
        "code",
        "error_message",
        "language",
        "tests",
        "files",
        "attempts",
        "seconds",
        "fresh",
    ]
    assert tools["auto_fix_code"].input_schema["required"] == ["code", "error_message"]


async def test_code_that_nothing_helps_is_an_answer_and_not_an_error(client: Client) -> None:
    """No fix comes with its reason, its findings and the next step; the code is not given out as if it were mended."""
    result = await client.call_tool("auto_fix_code", {"code": HOPELESS, "error_message": "", "tests": TESTS})

    answer = result.structured_content
    assert answer["outcome"] == "no_fix"
    assert answer["reason"] == "no_progress"
    assert answer["next_step"] == "Read the tests again."
    assert answer["code"] is None
    assert answer["files"] == {}
    assert answer["findings"][0]["message"] == "assert -1 == 5"
    assert answer["attempts"][0]["summary"] == "assert -1 == 5"


async def test_a_run_that_takes_long_is_answered_in_time_and_goes_on(era: str) -> None:
    """After `answer_seconds` the id comes back with `running`; the run itself is not touched."""
    desk = Desk(settings(), engine=RehearsedMendbox, answer_seconds=0.3)
    async with desk.open(), Client(create_server(desk), mode=era) as client:
        first = await client.call_tool("auto_fix_code", {"code": ENDLESS, "error_message": "", "tests": TESTS})
        run_id = first.structured_content["run_id"]
        later = await client.call_tool("get_run", {"run_id": run_id, "wait_seconds": 0.1})

        assert first.structured_content["status"] == "running"
        assert first.structured_content["findings"]
        assert later.structured_content["status"] == "running"
        assert engine_of(desk).log == ["opened", "at work"]
    assert engine_of(desk).log == ["opened", "at work", f"cancelled {run_id}", "box removed", "closed"]


async def test_a_quiet_run_still_gives_signs_of_life(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients that cut off a silent call hear the last thing that happened again and again."""
    monkeypatch.setattr("engine.desk.HEARTBEAT_SECONDS", 0.05)
    desk.answer_seconds = 0.5
    seen: list[str | None] = []

    async def watch(progress: float, total: float | None, message: str | None) -> None:
        seen.append(message)

    async with Client(create_server(desk)) as client:
        await client.call_tool("auto_fix_code", {"code": ENDLESS, "error_message": ""}, progress_handler=watch)

    assert seen[-3:] == ["rehearsed: 2 of 3 ideas tried"] * 3


async def test_a_started_run_is_fetched_by_its_id(client: Client) -> None:
    """`start_run` answers at once; `get_run` waits for the end where it is asked to, and takes a beginning of the id."""
    started = await client.call_tool(
        "start_run", {"code": BROKEN, "error_message": "", "tests": TESTS, "attempts": 3, "seconds": 60}
    )
    run_id = started.structured_content["run_id"]
    ended = await client.call_tool("get_run", {"run_id": run_id, "wait_seconds": 5})
    again = await client.call_tool("get_run", {"run_id": run_id})

    assert started.structured_content["status"] == "running"
    assert ended.structured_content["outcome"] == "verified"
    assert again.structured_content == ended.structured_content


async def test_what_the_caller_may_spend_reaches_the_task(client: Client, desk: Desk) -> None:
    """Attempts and seconds override the settings; what is not said stays with them."""
    started = await client.call_tool(
        "start_run", {"code": BROKEN, "error_message": "boom", "tests": {"tests/test_it.py": TESTS}, "seconds": 60}
    )

    task = (await desk.get(started.structured_content["run_id"])).task
    assert task.budget == settings().budget.model_copy(update={"seconds": 60})
    assert task.limits == settings().limits
    assert task.error == "boom"
    assert task.tests == {"tests/test_it.py": TESTS}
    assert task.files == {"solution.py": BROKEN}


async def test_a_run_can_be_stopped(client: Client, desk: Desk) -> None:
    """Its box goes; stopping it once more changes nothing."""
    started = await client.call_tool("start_run", {"code": ENDLESS, "error_message": ""})
    run_id = started.structured_content["run_id"]
    await asyncio.sleep(0.05)

    stopped = await client.call_tool("cancel_run", {"run_id": run_id})
    again = await client.call_tool("cancel_run", {"run_id": run_id})

    assert stopped.structured_content["outcome"] == "cancelled"
    assert again.structured_content["outcome"] == "cancelled"
    assert engine_of(desk).log.count("box removed") == 1


@pytest.mark.parametrize("tool", ["get_run", "cancel_run"])
async def test_an_unknown_run_is_told_in_words(client: Client, tool: str) -> None:
    """The sentence names the id."""
    with pytest.raises(ToolError, match="no run has the id 'nosuchrun'"):
        await client.call_tool(tool, {"run_id": "nosuchrun"})


async def test_a_run_of_another_process_is_not_said_to_be_stopped(client: Client, desk: Desk) -> None:
    """It can be looked at; who started it can stop it."""
    engine_of(desk).add_foreign("run-elsewhere")

    found = await client.call_tool("get_run", {"run_id": "run-elsewhere"})
    with pytest.raises(ToolError, match=r"run run-elsewhere is another process's \(stop it where it was started\)"):
        await client.call_tool("cancel_run", {"run_id": "run-elsewhere"})

    assert found.structured_content["status"] == "running"


async def test_code_is_judged_without_being_changed(client: Client) -> None:
    """Red code is an answer with findings."""
    red = await client.call_tool("check_code", {"code": BROKEN, "tests": TESTS})
    green = await client.call_tool("check_code", {"code": MENDED, "tests": TESTS})

    assert red.structured_content["outcome"] == "no_fix"
    assert red.structured_content["reason"] == "red"
    assert red.structured_content["findings"][0]["line"] == 5
    assert green.structured_content["outcome"] == "verified"


@pytest.mark.parametrize("tool", ["auto_fix_code", "start_run", "check_code"])
async def test_judging_again_has_to_be_asked_for(tool: str) -> None:
    """Otherwise a verdict of an earlier run will do."""
    code = {"code": MENDED, "tests": TESTS} | ({} if tool == "check_code" else {"error_message": ""})
    desk = Desk(settings(), engine=RehearsedMendbox)

    async with desk.open(), Client(create_server(desk)) as client:
        for more in ({}, {"fresh": True}):
            await client.call_tool(tool, code | more)

        assert engine_of(desk).fresh == [False, True]


async def test_code_is_run_with_its_arguments_and_input(client: Client) -> None:
    """What the program wrote comes back as data."""
    result = await client.call_tool(
        "run_code",
        {"code": "print(1)", "arguments": ["-v", "two words"], "stdin": "héllo", "files": {"data.txt": "x"}},
    )

    assert result.structured_content["ended"] == "exited"
    assert result.structured_content["stdout"] == "python solution.py -v two words|héllo"
    assert result.structured_content["truncated"] is False


async def test_a_machine_that_fails_is_told_apart_from_the_code(client: Client) -> None:
    """The sandbox's own sentence reaches the client, hint included."""
    with pytest.raises(ToolError, match=r"no daemon answers \(start Docker"):
        await client.call_tool("run_code", {"code": BREAKS})


async def test_a_call_without_an_id_is_stopped_in_time(era: str) -> None:
    """Judging and running answer within the same bound, and leave nothing behind."""
    desk = Desk(settings(), engine=RehearsedMendbox, answer_seconds=0.2)
    async with desk.open(), Client(create_server(desk), mode=era) as client:
        for tool in ("check_code", "run_code"):
            with pytest.raises(ToolError, match=r"longer than 0.2 s and was stopped \(.*images build"):
                await client.call_tool(tool, {"code": ENDLESS})

    assert engine_of(desk).log == ["opened", *["at work", "box removed"] * 2, "closed"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param({}, "code: Missing required argument", id="nothing"),
        pytest.param({"code": ""}, "code: String should have at least 1 character", id="empty"),
        pytest.param({"code": " \n"}, "there is no code", id="blank"),
        pytest.param({"code": 5}, "code: Input should be a valid string", id="number"),
        pytest.param({"code": "x" * 1_048_577}, "at most 1048576 characters", id="long"),
        pytest.param({"code": "é" * 1_000_000}, "1 MiB a file", id="long-in-bytes"),
        pytest.param({"code": "x", "language": "cobol"}, "language: Input should be 'python'", id="language"),
        pytest.param(
            {"code": "x", "attempts": 0}, "attempts: Input should be greater than or equal to 1", id="attempts"
        ),
        pytest.param({"code": "x", "attempts": "3"}, "attempts: Input should be a valid integer", id="no-coercion"),
        pytest.param(
            {"code": "x", "seconds": 1e9}, "seconds: Input should be less than or equal to 3600", id="seconds"
        ),
        pytest.param({"code": "x", "author": "me"}, "author: Unexpected keyword argument", id="unknown"),
        pytest.param({"code": "x", "files": {"../x.py": ""}}, "'../x.py' is no path", id="escape"),
        pytest.param({"code": "x", "files": {f"m{n}.py": "" for n in range(200)}}, "201 files are more", id="many"),
        pytest.param({"code": "x", "tests": {f"t{n}.py": n for n in range(2_000)}}, "and 1996 more", id="many-wrong"),
    ],
)
async def test_arguments_that_do_not_fit_are_refused_in_a_short_line(
    client: Client, arguments: dict[str, object], sentence: str
) -> None:
    """It says which argument and why, without a link, and without repeating what was sent."""
    given = {"error_message": "", **arguments}

    with pytest.raises(ToolError) as caught:
        await client.call_tool("auto_fix_code", given)

    assert sentence in str(caught.value)
    assert "pydantic.dev" not in str(caught.value)
    assert len(str(caught.value)) < 1_000


@pytest.mark.parametrize("run_id", ["", "a", "../../etc", "x" * 65, "run 1", "run-1; DROP TABLE runs"])
async def test_what_is_no_run_id_is_refused_at_the_door(client: Client, run_id: str) -> None:
    """Nothing but the characters of an id reaches the journal."""
    with pytest.raises(ToolError, match=r"The arguments do not fit: run_id"):
        await client.call_tool("get_run", {"run_id": run_id})


async def test_the_engines_own_refusals_are_readable_and_its_accidents_masked(client: Client) -> None:
    """A person's mistake comes with its hint; an unexpected error does not carry its text to the client."""
    with pytest.raises(ToolError, match=r"no author is called 'nobody' \(use offline\)"):
        await client.call_tool("auto_fix_code", {"code": REFUSED, "error_message": ""})
    with pytest.raises(ToolError) as masked:
        await client.call_tool("auto_fix_code", {"code": BREAKS, "error_message": ""})

    assert "sk-secret" not in str(masked.value)


async def test_a_caller_that_cancels_its_call_cancels_the_run(desk: Desk, era: str) -> None:
    """The client's own time-out is such a cancel; the box is removed at once."""
    async with Client(create_server(desk), mode=era) as client:
        with pytest.raises(Exception, match=r"(?i)timed out|time-?out"):
            await client.call_tool("auto_fix_code", {"code": ENDLESS, "error_message": ""}, timeout=0.5)
        await asyncio.sleep(0.1)

        assert engine_of(desk).log == ["opened", "at work", "cancelled run-0001", "box removed"]
        assert (await desk.get("run-0001")).outcome == "cancelled"


async def test_a_caller_that_cancels_a_plain_call_stops_its_box(desk: Desk, era: str) -> None:
    """Also where there is no run to cancel."""
    async with Client(create_server(desk), mode=era) as client:
        with pytest.raises(Exception, match=r"(?i)timed out|time-?out"):
            await client.call_tool("run_code", {"code": ENDLESS}, timeout=0.5)
        await asyncio.sleep(0.1)

        assert engine_of(desk).log == ["opened", "at work", "box removed"]


async def test_a_server_that_ends_takes_no_more_work_and_says_so(desk: Desk, era: str) -> None:
    """Whoever waits is answered: a run with what became of it, a plain call with a sentence."""
    async with Client(create_server(desk), mode=era) as client:
        fixing = asyncio.create_task(client.call_tool("auto_fix_code", {"code": ENDLESS, "error_message": ""}))
        running = asyncio.create_task(client.call_tool("run_code", {"code": ENDLESS}))
        await asyncio.sleep(0.1)

        await desk.stop()

        assert (await fixing).structured_content["outcome"] == "cancelled"
        with pytest.raises(ToolError, match="the server is ending, and stopped this call"):
            await running
        with pytest.raises(ToolError, match="takes no more work"):
            await client.call_tool("start_run", {"code": BROKEN, "error_message": ""})


@pytest.mark.parametrize("name", ["run_code", "auto_fix_code"])
async def test_half_a_character_is_told_for_what_it_is(client: Client, name: str) -> None:
    """JSON can spell it, and no file can hold it."""
    given = {"code": "x = '\ud800'"} | ({"error_message": ""} if name == "auto_fix_code" else {})
    answer = await client.call_tool(name, given, raise_on_error=False)

    assert "code has half a surrogate pair" in answer.content[0].text
    with pytest.raises(Exception, match="half a surrogate pair"):
        await client.get_prompt("debug_and_fix", {"code": "\ud800"})


@pytest.mark.parametrize("run_id", ["a", "a" * 65, "ü" * 9, "x%00y", "..%2f..%2fetc"])
async def test_what_is_no_id_of_a_run_is_not_found(client: Client, run_id: str) -> None:
    """As any run that never was."""
    with pytest.raises(Exception, match=r"Resource not found"):
        await client.read_resource(f"orchestrator://runs/{run_id}")
