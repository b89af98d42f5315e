"""`get_cequence_analytics` and `orchestrator://analytics`: what was counted, truthfully, and whose."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from pathlib import Path

import pytest
from fastmcp import Client
from mcp.types import TextResourceContents
from pydantic import SecretStr

from engine.signin import ADMIN
from server import create_server
from serving.access.principals import Principal
from serving.observing import analytics as analytics_of
from serving.observing.analytics import Analytics
from serving.observing.cequence import Cequence
from serving.observing.store import Store
from tests.server.access.conftest import serving
from tests.server.conftest import engine_of
from tests.server.double import BREAKS, BROKEN, ENDLESS, HOPELESS, REFUSED, TESTS
from tests.server.observing.conftest import Watched, analytics, watched_desk
from tests.server.observing.rows import call

TEAM = (
    '{"ann": {"token": "token-of-ann-0123456789", "scopes": ["mendbox:read", "mendbox:run"]},'
    ' "bob": {"token": "token-of-bob-0123456789", "scopes": ["mendbox:read", "mendbox:run"]},'
    ' "eve": {"token": "token-of-eve-0123456789", "scopes": ["mendbox:read", "mendbox:admin"]}}'
)


def files_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_calls_and_runs_are_counted_as_they_ended(watched: Watched, era: str):
    """By tool and outcome, in both eras of the protocol; a name that no tool has is not repeated."""
    async with watched(era) as client:
        await client.call_tool("auto_fix_code", {"code": BROKEN, "error_message": "", "tests": TESTS})
        await client.call_tool("auto_fix_code", {"code": HOPELESS, "error_message": "", "tests": TESTS})
        for name, arguments in (
            ("auto_fix_code", {"code": REFUSED, "error_message": ""}),
            ("auto_fix_code", {"code": 5}),
            ("auto_fix_code", {"code": BREAKS, "error_message": ""}),
            ("run_code", {"code": "breaks"}),
            ("sk-secret-made-up", {}),
        ):
            assert (await client.call_tool(name, arguments, raise_on_error=False)).is_error
        told = (await analytics(client))["local"]

    ended = {tool["tool"]: (tool["answered"], tool["refused"], tool["failed"]) for tool in told["tools"]}
    assert ended == {"auto_fix_code": (2, 2, 1), "run_code": (0, 0, 1), "unknown": (0, 1, 0)}
    assert (told["enabled"], told["kept"], told["whose"], told["lost"]) == (True, "disk", "everybody", 0)
    assert (told["runs"]["outcomes"], told["runs"]["reasons"]) == ({"verified": 1, "no_fix": 1}, {"no_progress": 1})
    assert (told["runs"]["input_tokens"], told["authors"][0]["author"]) == (14, "rehearsed")
    assert told["calls"]["p95_seconds"] >= told["calls"]["p50_seconds"] > 0
    assert [principal["principal"] for principal in told["principals"]] == ["local"]


async def test_the_resource_answers_what_the_tool_does(watched: Watched):
    """As JSON; reading it is no call of a tool."""
    async with watched() as client:
        (content,) = await client.read_resource("orchestrator://analytics")

    assert isinstance(content, TextResourceContents)
    assert content.mime_type == "application/json"
    told = json.loads(content.text)
    assert (told["local"]["calls"]["calls"], told["gateway"]["configured"]) == (0, False)


async def test_figures_survive_a_restart(watched: Watched):
    """The next server goes on where the last one ended."""
    async with watched() as client:
        await client.call_tool("run_code", {"code": "print(1)"})
    async with watched() as client:
        assert (await analytics(client))["local"]["calls"]["calls"] == 1


async def test_many_who_ask_at_once_have_it_counted_once(tmp_path: Path):
    """So that asking again and again keeps nobody from being counted; the next one has newer figures."""
    store = Store(tmp_path, days=30)
    store.count(call().model_copy(update={"at": time.time()}))
    told = Analytics(store, Cequence(None, None), days=30)
    everybody = Principal(kind="local", name="", client="pipe", scopes=frozenset({ADMIN}))

    answers = await asyncio.gather(*(told.answer(everybody) for _ in range(20)))
    store.count(call().model_copy(update={"at": time.time()}))
    later = await told.answer(everybody)
    await store.close()

    assert {answer.local.model_dump_json() for answer in answers} == {answers[0].local.model_dump_json()}
    assert (answers[0].local.calls.calls, later.local.calls.calls) == (1, 2)


@pytest.mark.parametrize("fault", ["damaged", "busy", "closed"])
async def test_figures_that_cannot_be_read_are_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str):
    """The table is gone, the store does not come to it in time, or is closed already."""
    monkeypatch.setattr(analytics_of, "READ_SECONDS", 0.05)
    store = Store(tmp_path, days=30)
    gate = threading.Event()
    if fault == "busy":
        store._thread.submit(gate.wait)
    elif fault == "damaged":
        await store.read(lambda connection: connection.execute("DROP TABLE calls"))
    else:
        await store.close()
    somebody = Principal(kind="human", name="ann", client="ann")

    told = (await Analytics(store, Cequence(None, None), days=30).answer(somebody)).local
    gate.set()
    if fault != "closed":
        await store.close()

    assert (told.enabled, told.kept, told.whose, told.calls.calls) == (True, "nowhere", "yours", 0)
    assert "cannot be read now" in told.trouble


async def test_switched_off_nothing_is_counted_and_the_answer_says_so(watched: Watched, tmp_path: Path):
    """ANALYTICS_ENABLED=false: no file, no figures, no pretence."""
    async with watched(analytics=False) as client:
        await client.call_tool("run_code", {"code": "print(1)"})
        told = (await analytics(client))["local"]

    assert (told["enabled"], told["kept"], told["calls"]["calls"]) == (False, "nowhere", 0)
    assert "ANALYTICS_ENABLED=false" in told["trouble"]
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_a_call_that_its_client_gives_up_is_counted_as_cancelled(tmp_path: Path, era: str):
    """And so is its run, which goes with it."""
    desk, face = watched_desk(tmp_path)
    arguments = {"code": ENDLESS, "error_message": "", "tests": TESTS}
    async with desk.open(), Client(create_server(desk, face=face), mode=era) as client:
        calling = asyncio.create_task(client.call_tool("auto_fix_code", arguments))
        await engine_of(desk).working.acquire()
        calling.cancel()
        await asyncio.wait({calling})
        while (told := (await analytics(client))["local"])["calls"]["cancelled"] < 1 or told["runs"]["runs"] < 1:
            pass  # the server hears of it when it does

    of_tools = {tool["tool"]: tool["cancelled"] for tool in told["tools"]}
    assert (of_tools["auto_fix_code"], told["runs"]["outcomes"]) == (1, {"cancelled": 1})


async def test_a_cancelled_run_is_counted_as_that(watched: Watched):
    """Whoever began it."""
    async with watched() as client:
        begun = await client.call_tool("start_run", {"code": ENDLESS, "error_message": "", "tests": TESTS})
        await client.call_tool("cancel_run", {"run_id": begun.structured_content["run_id"]})
        told = (await analytics(client))["local"]

    assert told["runs"]["outcomes"] == {"cancelled": 1}


async def test_everybody_sees_their_own_figures_and_an_administrator_all(tmp_path: Path):
    """Over HTTP, with who calls told by their tokens."""
    asked = {"cequence_mcp_url": "http://127.0.0.1:9/mcp", "cequence_mcp_token": SecretStr("ceq-token-0123456789")}
    async with serving(tmp_path, bearer_tokens=TEAM, **asked) as served:
        async with served.client("token-of-ann-0123456789") as ann:
            await ann.call_tool("auto_fix_code", {"code": BROKEN, "error_message": "", "tests": TESTS})
            await ann.call_tool("run_code", {"code": "print(1)"})
        async with served.client("token-of-bob-0123456789") as bob:
            bobs = await analytics(bob)
        async with served.client("token-of-ann-0123456789") as ann:
            anns = await analytics(ann)
        async with served.client("token-of-eve-0123456789") as eve:
            everybodys = await analytics(eve)

    assert (bobs["local"]["whose"], bobs["local"]["calls"]["calls"], bobs["local"]["runs"]["runs"]) == ("yours", 0, 0)
    assert (anns["local"]["calls"]["calls"], anns["local"]["runs"]["outcomes"]) == (2, {"verified": 1})
    assert len(anns["local"]["principals"]) == 1
    assert (anns["gateway"]["configured"], anns["gateway"]["reachable"], anns["gateway"]["asked"]) == (True, None, None)
    assert "mendbox:admin" in anns["gateway"]["reason"]
    assert (everybodys["gateway"]["configured"], everybodys["gateway"]["reachable"]) == (True, False)
    assert (everybodys["local"]["whose"], len(everybodys["local"]["principals"])) == ("everybody", 2)


async def test_a_store_that_fails_is_an_answer_and_not_an_error(watched: Watched, tmp_path: Path):
    """Its folder is no folder: the figures of this process are told, with the reason."""
    (tmp_path / "data").write_text("no folder")
    async with watched(data_dir=tmp_path / "data") as client:
        await client.call_tool("run_code", {"code": "print(1)"})
        told = (await analytics(client))["local"]

    assert (told["kept"], told["calls"]["calls"]) == ("memory", 1)
    assert "cannot be used" in told["trouble"]


async def test_a_server_that_is_made_twice_has_each_its_own(tmp_path: Path):
    """Nothing of it is the process's: no registry, no tracer, no store."""
    first, second = watched_desk(tmp_path / "a"), watched_desk(tmp_path / "b")

    assert first[0].observer is not second[0].observer
