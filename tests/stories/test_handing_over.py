"""With a key the search goes first, and what it learnt in vain reaches the model: real boxes, a model on this machine."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from engine.domain import Budget, Task
from engine.events import AuthorProgress, Event
from engine.harness import Mendbox
from engine.settings import Settings
from tests.stories.test_healing import until
from tests.wire.behaviours import Hangs, writes
from tests.wire.openai import OpenAIWire
from tests.wire.server import KEY, WireServer

pytestmark = pytest.mark.docker

GREETING = 'def greet(name):\n    return ""\n'
MENDED = 'def greet(name):\n    return f"Hello, {name.title()}, you have {len(name)} letters."\n'
TEST = """\
from greeting import greet


def test_ada():
    assert greet("ada") == "Hello, Ada, you have 3 letters."


def test_linus():
    assert greet("linus") == "Hello, Linus, you have 5 letters."
"""
TASK = Task(files={"greeting.py": GREETING}, tests={"test_greeting.py": TEST}, budget=Budget(attempts=3, seconds=300))
FIX = writes("greeting.py", MENDED)


def settings(folder: Path, server: WireServer) -> Settings:
    return Settings(OPENAI_API_KEY=KEY, OPENAI_BASE_URL=server.url, data_dir=folder)


def asked(server: WireServer) -> str:
    return server.requests[-1].body["messages"][-1]["content"]


async def test_a_model_goes_on_where_the_search_gave_up(tmp_path: Path):
    """It is told the suspicious line, and how many edits of which kinds were tried in vain."""
    with OpenAIWire(FIX) as server:
        async with Mendbox(settings(tmp_path, server)) as mendbox:
            run = await mendbox.fix(TASK)
        told = asked(server)

    assert run.outcome == "verified", run.summary
    assert [attempt.draft.author for attempt in run.attempts] == ["openai"]
    assert sum(run.kinds.values()) == run.candidates > 0
    assert f"{run.candidates:,} small edit" in told
    assert "greeting.py:2 (very suspicious): return" in told
    assert ("greeting.py", 2) in {(suspect.path, suspect.line) for suspect in run.suspects}


async def test_a_run_that_goes_on_does_not_search_again(tmp_path: Path):
    """The search is a step of its own in the journal: what it learnt is there when the run is resumed."""
    told: list[Event] = []

    with OpenAIWire(Hangs()) as silent:
        async with Mendbox(settings(tmp_path, silent)) as mendbox:
            run_id = mendbox.start(TASK)
            assert await asyncio.to_thread(until, lambda: bool(silent.requests))
            before = asked(silent)
            await mendbox.cancel(run_id)
    with OpenAIWire(FIX) as server:
        async with Mendbox(settings(tmp_path, server)) as mendbox:
            run = await mendbox.resume(run_id, watch=told.append)
            steps = [step.kind for step in await mendbox.steps(run_id)]
        after = asked(server)

    assert run.outcome == "verified", run.summary
    assert before == after
    assert steps.count("search") == 1
    assert not any(isinstance(event, AuthorProgress) for event in told)
    assert sum(run.kinds.values()) == run.candidates > 0


async def test_without_a_key_a_failure_says_what_was_tried_and_where_the_fault_may_be(tmp_path: Path):
    """The person goes on from there."""
    async with Mendbox(Settings(data_dir=tmp_path)) as mendbox:
        run = await mendbox.fix(TASK)

    assert (run.outcome, run.reason) == ("no_fix", "no_progress")
    assert f"{run.candidates:,} small edits were tried" in run.summary
    assert sum(run.kinds.values()) == run.candidates > 0
    assert ("greeting.py", 2, 'return ""') in {(s.path, s.line, s.text) for s in run.suspects[:5]}
    assert "OPENAI_API_KEY" in run.next_step
