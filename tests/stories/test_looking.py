"""A model looks around in a project and runs its tests in a box before it answers, and pays for no reply twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.base import Suite
from engine.domain import Budget, Task
from engine.events import AuthorProgress, Event
from engine.harness import Mendbox
from engine.settings import Settings
from tests.agents.rounds import asks
from tests.wire.anthropic import AnthropicWire
from tests.wire.behaviours import Fails, edits
from tests.wire.openai import OpenAIWire
from tests.wire.server import KEY, WireServer

pytestmark = pytest.mark.docker

FILES = {
    "src/shop/__init__.py": "",
    "src/shop/prices.py": "from shop.rounding import rounded\n\n\ndef total(prices):\n    return rounded(sum(prices))\n",
    "src/shop/rounding.py": "def rounded(amount):\n    return int(amount)\n",
}
TESTS = {
    "tests/test_prices.py": "from shop.prices import total\n\n\ndef test_half_is_rounded_up():\n"
    "    assert total([1.25, 1.25]) == 3\n\n\ndef test_nothing():\n    assert total([]) == 0\n"
}
NODE = "tests/test_prices.py::test_half_is_rounded_up"
CHANGE = {"path": "src/shop/rounding.py", "search": "int(amount)", "replace": "int(amount + 0.5)"}
FIX = edits(*CHANGE.values())
LOOKS = (
    asks({"ask": "search", "text": "def rounded"}),
    asks({"ask": "python", "code": "from shop.rounding import rounded\nprint(rounded(2.5))\n"}),
    asks({"ask": "test", "node": NODE}, {"ask": "test", "node": NODE, "edits": [CHANGE]}),
)


def settings(author: str, server: WireServer, folder: Path) -> Settings:
    variable = author.upper()
    return Settings(**{f"{variable}_API_KEY": KEY, f"{variable}_BASE_URL": server.url, "data_dir": folder})


def task() -> Task:
    budget = Budget(attempts=2, seconds=120, tokens=200_000, usd=1.0)
    return Task(files=FILES, tests=TESTS, suite=Suite(path=("src",)), budget=budget)


@pytest.mark.parametrize(
    ("author", "wire"),
    [pytest.param("openai", OpenAIWire, id="openai"), pytest.param("anthropic", AnthropicWire, id="anthropic")],
)
async def test_a_model_looks_and_runs_before_it_answers(author: str, wire: type[WireServer], tmp_path: Path) -> None:
    """What its runs print comes from a box; every reply is counted, and whoever watches sees each round."""
    told: list[Event] = []
    with wire(*LOOKS, FIX) as server:
        async with Mendbox(settings(author, server, tmp_path)) as mendbox:
            run = await mendbox.fix(task(), author=author, watch=told.append)
        asked = [str(request.body) for request in server.requests]

    assert run.outcome == "verified", run.summary
    assert "int(amount + 0.5)" in run.files["src/shop/rounding.py"]
    assert [attempt.draft.rounds for attempt in run.attempts] == [3]
    assert run.usage.calls == 4
    assert "src/shop/rounding.py:1: def rounded(amount):" in asked[1]
    assert "exit code 0, and printed:\\n2" in asked[2]
    assert "1 failed" in asked[3]
    assert "1 passed" in asked[3]
    rounds = [event.message for event in told if isinstance(event, AuthorProgress)]
    assert rounds[2] == f"round 3 of 6: test {NODE}; test {NODE} with changes"


async def test_a_run_that_broke_off_amid_the_rounds_goes_on_from_there(tmp_path: Path) -> None:
    """What was said and seen stands in the journal: nothing is asked, paid or run again."""
    with OpenAIWire(*LOOKS[:2], Fails(401, "authentication_error")) as server:
        async with Mendbox(settings("openai", server, tmp_path)) as mendbox:
            broken = await mendbox.fix(task(), author="openai")
    with OpenAIWire(FIX) as server:
        async with Mendbox(settings("openai", server, tmp_path)) as mendbox:
            run = await mendbox.resume(broken.id)
            kinds = [step.kind for step in await mendbox.steps(run.id)]
        asked = len(server.requests)

    assert (broken.outcome, broken.usage.calls) == ("environment", 2)
    assert run.outcome == "verified", run.summary
    assert asked == 1
    assert (run.attempts[0].draft.rounds, run.usage.calls) == (2, 3)
    assert (kinds.count("question to openai"), kinds.count("look")) == (3, 2)
