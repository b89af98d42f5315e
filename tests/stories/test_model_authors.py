"""A model behaves in every way that models do, and each time the run ends in a fix or a typed outcome, billed and counted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.domain import Budget, Run, Task
from engine.harness import Mendbox
from engine.settings import Settings
from tests.agents.models import RIGHT, TEST, WRONG
from tests.wire.anthropic import AnthropicWire
from tests.wire.behaviours import (
    BROKEN,
    CUT_SHORT,
    EMPTY,
    INVALID_JSON,
    OVERLOADED,
    PROSE,
    REFUSES,
    Behaviour,
    Cuts,
    Fails,
    Hangs,
    Says,
    amid_prose,
    answer,
    edits,
    rate_limited,
    writes,
)
from tests.wire.openai import OpenAIWire
from tests.wire.server import KEY, WireServer

pytestmark = pytest.mark.docker

FIX = edits("gcd.py", "gcd(a % b, b)", "gcd(b, a % b)")
WRONG_FIX = edits("gcd.py", "gcd(a % b, b)", "gcd(b, a // b)")
EDITED_TEST = edits("test_gcd.py", "== 4", "!= 5")
ESCAPE = writes("../../etc/cron.d/mend", "* * * * * root true\n")
BUDGET = Budget(attempts=3, seconds=120, tokens=200_000, usd=0.5)
OF_ONE_CALL = 1_100
"""Tokens that a wire server counts for a plain answer."""


@dataclass(frozen=True)
class Model:
    author: str
    wire: type[WireServer]

    @asynccontextmanager
    async def heals(
        self, folder: Path, *behaviours: Behaviour, budget: Budget = BUDGET, key: str = KEY
    ) -> AsyncIterator[tuple[Run, WireServer]]:
        """The run of a task that needs this model, which behaves so."""
        with self.wire(*behaviours) as server:
            variable = self.author.upper()
            settings = Settings(**{f"{variable}_API_KEY": key, f"{variable}_BASE_URL": server.url, "data_dir": folder})
            task = Task(files={"gcd.py": WRONG}, tests={"test_gcd.py": TEST}, budget=budget)
            async with Mendbox(settings) as mendbox:
                run = await mendbox.fix(task, author=self.author)
            yield run, server


@pytest.fixture(
    params=[
        pytest.param(Model("openai", OpenAIWire), id="openai"),
        pytest.param(Model("anthropic", AnthropicWire), id="anthropic"),
    ]
)
def model(request: pytest.FixtureRequest) -> Model:
    return request.param


@pytest.mark.parametrize(
    ("behaviours", "attempts"),
    [
        pytest.param((FIX,), 1, id="a good fix"),
        pytest.param((WRONG_FIX, FIX), 2, id="a wrong fix first"),
        pytest.param((amid_prose(FIX),), 1, id="prose around the answer"),
        pytest.param((PROSE, FIX), 2, id="only prose first"),
        pytest.param((INVALID_JSON, FIX), 2, id="invalid json first"),
        pytest.param((EMPTY, FIX), 2, id="an empty reply first"),
        pytest.param((CUT_SHORT, FIX), 2, id="cut at the token limit first"),
        pytest.param((EDITED_TEST, FIX), 2, id="an edited test first"),
        pytest.param((ESCAPE, FIX), 2, id="an escaping path first"),
    ],
)
async def test_a_model_that_comes_to_its_senses_mends_the_code(
    model: Model, tmp_path: Path, behaviours: tuple[Says, ...], attempts: int
) -> None:
    """Every reply counts as an attempt and is billed, and what was wrong with it reaches the next question."""
    async with model.heals(tmp_path, *behaviours) as (run, server):
        asked = [str(request.body) for request in server.requests]

    assert (run.outcome, dict(run.files)) == ("verified", {"gcd.py": RIGHT}), run.summary
    assert len(run.attempts) == attempts == len(asked)
    assert run.usage.calls == attempts
    assert run.usage.tokens == sum(says.input_tokens + says.output_tokens for says in behaviours)
    assert run.usage.usd > 0
    assert run.usage.priced
    assert "RecursionError" in asked[0]
    if attempts == 2:
        assert "Do not give any of them again" in asked[1]
        told = run.attempts[0].draft.unusable or "what was wrong with answer 1"
        assert told[:40] in asked[1]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(rate_limited("0.2"), id="429 with Retry-After"),
        pytest.param(BROKEN, id="500"),
        pytest.param(OVERLOADED, id="529"),
        pytest.param(Cuts(), id="a cut connection"),
    ],
)
async def test_a_failure_of_the_api_costs_no_attempt(model: Model, tmp_path: Path, fault: Behaviour) -> None:
    """It says nothing about the code, so it is only waited out."""
    async with model.heals(tmp_path, fault, FIX) as (run, server):
        calls = len(server.requests)

    assert run.outcome == "verified", run.summary
    assert (len(run.attempts), calls) == (1, 2)
    assert (run.usage.calls, run.usage.tokens) == (1, OF_ONE_CALL)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Hangs(), id="a time-out"),
        pytest.param(BROKEN, id="500 for ever"),
        pytest.param(OVERLOADED, id="529 for ever"),
        pytest.param(rate_limited("3600"), id="429 for an hour"),
        pytest.param(Cuts(), id="cut for ever"),
        pytest.param(Fails(401, "authentication_error", f"bad key {KEY}"), id="a rejected key"),
        pytest.param(Fails(404, "not_found_error", "no such model"), id="an unknown model"),
        pytest.param(Fails(429, "insufficient_quota", "pay"), id="no quota left"),
    ],
)
async def test_an_api_that_stays_away_ends_the_run_as_environment(
    model: Model, tmp_path: Path, fault: Behaviour
) -> None:
    """Nothing was learnt about the code: no attempt, nothing written, within the budget, with what to do next."""
    budget = BUDGET.model_copy(update={"seconds": 12.0})

    async with model.heals(tmp_path, fault, budget=budget) as (run, _):
        pass

    assert (run.outcome, run.reason) == ("environment", None)
    assert (len(run.attempts), run.usage.calls, run.usage.usd) == (0, 0, 0.0)
    assert dict(run.files) == {"gcd.py": WRONG}
    assert run.seconds < budget.seconds + 2
    assert run.summary
    assert run.next_step


async def test_a_refusal_ends_the_run_as_refused(model: Model, tmp_path: Path) -> None:
    """It is billed, and is not asked for again."""
    async with model.heals(tmp_path, REFUSES) as (run, server):
        calls = len(server.requests)

    assert (run.outcome, run.reason) == ("no_fix", "refused")
    assert (calls, run.usage.calls, run.usage.tokens) == (1, 1, OF_ONE_CALL)


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(WRONG_FIX, id="the same wrong answer"),
        pytest.param(PROSE, id="prose"),
        pytest.param(INVALID_JSON, id="invalid json"),
        pytest.param(EMPTY, id="nothing"),
        pytest.param(EDITED_TEST, id="an edited test"),
        pytest.param(ESCAPE, id="an escaping path"),
    ],
)
async def test_the_same_again_and_again_ends_for_want_of_progress(
    model: Model, tmp_path: Path, behaviour: Says
) -> None:
    """After a change of strategy was asked for once, no more money is spent; the code is as it was."""
    budget = BUDGET.model_copy(update={"attempts": 6})

    async with model.heals(tmp_path, behaviour, budget=budget) as (run, server):
        asked = [str(request.body) for request in server.requests]

    assert (run.outcome, run.reason) == ("no_fix", "no_progress")
    assert len(run.attempts) == len(asked) == 3
    assert ["failed in the same way" in body for body in asked] == [False, False, True]
    assert (run.usage.calls, run.usage.tokens) == (3, 3 * OF_ONE_CALL)
    assert dict(run.files) == {"gcd.py": WRONG}


async def test_money_is_a_bound(model: Model, tmp_path: Path) -> None:
    """The run stops when its money is spent, whatever else is left."""
    dear = [
        Says(answer(edits={"gcd.py": ("gcd(a % b, b)", f"gcd(b, a // b) + {n}")}), output_tokens=10_000)
        for n in range(6)
    ]
    budget = BUDGET.model_copy(update={"attempts": 6, "usd": 0.15})

    async with model.heals(tmp_path, *dear, budget=budget) as (run, _):
        pass

    assert (run.outcome, run.reason) == ("no_fix", "budget")
    # 0.102 USD a reply: after the second one the money is spent.
    assert len(run.attempts) == 2


async def test_a_key_is_in_nothing_that_is_kept(model: Model, tmp_path: Path) -> None:
    """Neither in the run nor in any byte of the journal, though the server repeats it."""
    async with model.heals(tmp_path, Fails(400, "invalid_request_error", f"key {KEY} may not"), FIX) as (run, _):
        pass

    kept = everything_in(tmp_path)
    assert KEY not in run.model_dump_json()
    assert KEY.encode() not in kept
    assert kept


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
