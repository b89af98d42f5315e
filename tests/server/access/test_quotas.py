"""How many calls a principal has: so many in a minute, so many at a time, and those of nobody else."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from fastmcp.exceptions import ToolError

from serving.access.quotas import Rate
from tests.server.access.conftest import by_descope, serving
from tests.server.access.issuer import Issuer
from tests.server.double import ENDLESS

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


async def test_a_bucket_fills_evenly() -> None:
    """Whoever waits as long as they are told has their call."""
    clock = Clock()
    rate = Rate(6, clock=clock)

    assert [rate.wait_for("alice") for _ in range(7)] == [0] * 6 + [10]
    assert rate.wait_for("bob") == 0
    clock.now += 9
    assert rate.wait_for("alice") == 1
    clock.now += 1
    assert [rate.wait_for("alice"), rate.wait_for("alice")] == [0, 10]
    clock.now += 3_600
    assert [rate.wait_for("alice") for _ in range(7)] == [0] * 6 + [10], "no more than a bucket is saved up"


async def test_what_is_remembered_of_callers_is_bounded() -> None:
    """Those are forgotten who have not called for longest."""
    clock = Clock()
    rate = Rate(1, most=100, clock=clock)

    for number in range(10_000):
        rate.wait_for(f"caller {number}")
        rate.wait_for("regular")

    assert len(rate) == 100
    assert rate.wait_for("regular") == 60


@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_too_many_calls_in_a_minute_are_told_when_to_come_back(issuer: Issuer, tmp_path: Path, era: str) -> None:
    """In seconds; listing tools costs nothing, and another principal has calls of their own."""
    async with serving(tmp_path, calls_per_minute=3, **by_descope(issuer)) as served:
        async with served.client(issuer.token(), era=era) as alice:
            for _ in range(3):
                await alice.list_tools()
                await alice.call_tool("validate_authentication", {})
            with pytest.raises(ToolError) as caught:
                await alice.call_tool("validate_authentication", {})
        async with served.client(issuer.token(sub="bob"), era=era) as bob:
            assert (await bob.call_tool("validate_authentication", {})).structured_content["subject"] == "bob"

    assert re.fullmatch(r"too many calls: you have 3 in a minute; try again in (1\d|20) seconds", str(caught.value))


@pytest.mark.parametrize("era", ["auto", "legacy"])
async def test_too_many_calls_at_a_time_are_refused(issuer: Issuer, tmp_path: Path, era: str) -> None:
    """Until one of them is answered; those of another principal are none of them."""
    async with (
        serving(tmp_path, calls_at_once=1, **by_descope(issuer)) as served,
        served.client(issuer.token(), era=era) as alice,
        served.client(issuer.token(sub="bob"), era=era) as bob,
    ):
        run_id = (await alice.call_tool("start_run", {"code": ENDLESS, "error_message": ""})).structured_content[
            "run_id"
        ]
        look = {"run_id": run_id, "wait_seconds": 1}
        both = asyncio.gather(*(alice.call_tool("get_run", look, raise_on_error=False) for _ in range(2)))
        other = await bob.call_tool("validate_authentication", {})
        answers = await both
        again = await alice.call_tool("cancel_run", {"run_id": run_id})

    (refused,) = [answer for answer in answers if answer.is_error]
    assert "too many calls at a time: 1 of yours are going on" in refused.content[0].text
    assert "try again in 1 second" in refused.content[0].text
    assert other.structured_content["subject"] == "bob"
    assert again.structured_content["outcome"] == "cancelled"


async def test_without_a_sign_in_calls_are_not_counted(tmp_path: Path) -> None:
    """Whoever is at the machine itself may load it; unless the settings say otherwise."""
    async with serving(tmp_path / "one", public_url=None) as served, served.client() as client:
        for _ in range(20):
            await client.call_tool("validate_authentication", {})
    async with serving(tmp_path / "two", public_url=None, calls_per_minute=2) as served, served.client() as client:
        answers = [await client.call_tool("validate_authentication", {}, raise_on_error=False) for _ in range(3)]

    assert [answer.is_error for answer in answers] == [False, False, True]
