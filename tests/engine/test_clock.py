"""The clock of a run, which stands still while the run waits for its turn."""

from __future__ import annotations

import asyncio

import pytest

from engine.clock import RunClock

SHORT = 0.02


async def test_time_that_is_over_stops_what_is_inside():
    """As a time-out does, also where the clock never stood still."""
    with pytest.raises(TimeoutError):
        async with RunClock().at_most(SHORT):
            await asyncio.Event().wait()


async def test_nothing_is_over_while_the_clock_stands_still():
    """However long that is; the time goes on from where it stood."""
    clock = RunClock()
    seen: list[float] = []

    async def wait_in_between() -> None:
        async with clock.at_most(SHORT):
            clock.stop()
            seen.append(clock.seconds)
            await asyncio.sleep(10 * SHORT)
            clock.stop()
            seen.append(clock.seconds)
            clock.go_on()
            clock.go_on()
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await wait_in_between()

    assert seen[0] == seen[1]
    assert clock.seconds >= SHORT


async def test_a_clock_that_stands_still_beforehand_begins_when_it_goes_on():
    """A run may wait before its time was limited at all."""
    clock = RunClock()
    clock.stop()
    waited = asyncio.Event()

    async def wait_first() -> None:
        async with clock.at_most(SHORT):
            await asyncio.sleep(10 * SHORT)
            waited.set()
            clock.go_on()
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await wait_first()

    assert waited.is_set()


async def test_it_may_stop_and_go_on_after_its_limit():
    """What comes late from the queue finds nothing to hold up."""
    clock = RunClock()
    async with clock.at_most(60):
        pass

    clock.stop()
    clock.go_on()
    assert clock.seconds < 60
