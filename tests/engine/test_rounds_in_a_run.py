"""A model that looks before it answers, inside of a run: what its rounds count for, and every bound that may end amid them."""

from __future__ import annotations

from typing import Any

import pytest

from agents.base import Suite
from agents.coder import Coder
from engine.conduct import Conductor
from engine.domain import Budget, Run
from engine.events import nobody
from tests.agents.models import ANTHROPIC, OPENAI, Protocol
from tests.agents.rounds import asks, reads
from tests.engine.made import MemoryRecord, OpinionatedJudge, PlayedSandbox, fair, run, task
from tests.wire.behaviours import Behaviour, Hangs, edits

LOOK = reads("solution.py")
WORSE = edits("solution.py", "a - b", "a * b")
FIX = edits("solution.py", "a - b", "a + b")
OF_ONE = 1_100
"""Tokens that a wire server counts for one reply."""


@pytest.fixture(params=[pytest.param(OPENAI, id="openai"), pytest.param(ANTHROPIC, id="anthropic")])
def protocol(request: pytest.FixtureRequest) -> Protocol:
    return request.param


async def healed(protocol: Protocol, *says: Behaviour, **budget: Any) -> tuple[Run, int]:
    """The run of a project's task with a model that says this in turn, and how often it was asked."""
    of = run(task(suite=Suite(), budget=Budget(**budget)))
    judge, record = OpinionatedJudge(fair), MemoryRecord()
    conductor = Conductor(sandbox=PlayedSandbox(), judge=judge, record=record, watch=nobody)
    with protocol.wire(*says) as server:
        ended = await conductor.fix(of, Coder(protocol.to(server)))
        return ended, len(server.requests)


async def test_a_look_is_no_attempt(protocol: Protocol) -> None:
    """Two drafts are two attempts, however often the model looked before each; all that it was asked is counted."""
    ended, asked = await healed(protocol, LOOK, LOOK, WORSE, LOOK, FIX, attempts=2)

    assert ended.outcome == "verified"
    assert [attempt.draft.rounds for attempt in ended.attempts] == [2, 1]
    assert (ended.usage.calls, ended.usage.tokens, asked) == (5, 5 * OF_ONE, 5)


async def test_attempts_that_were_only_looked_away_are_used_up(protocol: Protocol) -> None:
    """A model that never answers has had its attempt, with the cost of every round."""
    ended, asked = await healed(protocol, LOOK, attempts=1)

    assert (ended.outcome, ended.reason) == ("no_fix", "budget")
    assert [attempt.draft.rounds for attempt in ended.attempts] == [6]
    assert (ended.usage.calls, asked) == (7, 7)


async def test_tokens_that_end_amid_the_rounds_end_the_run(protocol: Protocol) -> None:
    """For its budget, with what the rounds have cost."""
    greedy = asks({"ask": "read", "path": "solution.py"}, input_tokens=95_000)
    ended, asked = await healed(protocol, greedy, tokens=95_500)

    assert (ended.outcome, ended.reason) == ("no_fix", "budget")
    assert (ended.usage.calls, ended.usage.tokens, asked) == (1, 95_100, 1)
    assert "400 tokens are left" in ended.summary
    assert "MENDBOX_TOKENS" in ended.next_step


async def test_money_that_ends_amid_the_rounds_ends_the_run(protocol: Protocol) -> None:
    """The same in dollars."""
    dear = asks({"ask": "read", "path": "solution.py"}, output_tokens=30_000)
    ended, asked = await healed(protocol, dear, usd=0.305)

    assert (ended.outcome, ended.reason) == ("no_fix", "budget")
    assert (ended.usage.calls, asked) == (1, 1)
    assert ended.usage.usd > 0.3
    assert "MENDBOX_USD" in ended.next_step


async def test_a_model_that_falls_silent_amid_the_rounds_ends_the_run_in_its_time(protocol: Protocol) -> None:
    """As the machinery's failure, which says nothing about the code; what the rounds before have cost is counted."""
    ended, _ = await healed(protocol, LOOK, Hangs(), seconds=2)

    assert ended.outcome == "environment"
    assert "time-out" in ended.summary
    assert (ended.usage.calls, ended.usage.tokens) == (1, OF_ONE)
