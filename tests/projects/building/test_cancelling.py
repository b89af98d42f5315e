"""A build can be cancelled wherever it is, and leaves nobody and nothing behind."""

from __future__ import annotations

import asyncio

import pytest

from tests.projects.building.doubles import Company, Site, code, until
from tests.projects.building.plans import GOOD_CODE


@pytest.mark.parametrize("step", ["judge", "mend", "answers", "whole", "replay"])
async def test_a_build_is_cancelled_while_something_runs(step: str) -> None:
    """Whatever it waits for is cancelled with it, and no task is left."""
    site = Site(Company(backend__greeter=[code(f"{GOOD_CODE}# SLIP\n")]))
    site.ground.held[step] = asyncio.Event()
    before = asyncio.all_tasks()
    work = asyncio.create_task(site.build())
    await site.ground.reached.wait()

    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work

    assert asyncio.all_tasks() == before


@pytest.mark.parametrize("asked", [1, 3])
async def test_a_build_is_cancelled_while_agents_are_asked(asked: int) -> None:
    """All of them at once."""
    site = Site()
    site.company.held = asyncio.Event()
    before = asyncio.all_tasks()
    work = asyncio.create_task(site.build())
    await until(lambda: site.company.at_once >= asked)

    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work

    assert asyncio.all_tasks() == before
    assert site.company.at_once == 0


async def test_a_build_is_cancelled_while_it_is_planned() -> None:
    """Before anything else has begun."""
    site = Site()
    site.company.planning = asyncio.Event()
    before = asyncio.all_tasks()
    work = asyncio.create_task(site.build())
    await until(lambda: bool(site.company.commissions))

    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work

    assert asyncio.all_tasks() == before
    assert site.company.asked == []
