"""Turns at having boxes: who waits, who is next, and what a run that waits is told."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from sandboxes.errors import QueueFull
from sandboxes.queueing import Turns


class Line:
    """Runs that ask for turns and let them go as they are told; writes down what happens."""

    def __init__(self, *, at_once: int = 1, most_waiting: int = 100) -> None:
        self.turns = Turns(at_once=at_once, most_waiting=most_waiting)
        self.began: list[str] = []
        self.told: list[tuple[str, int | None]] = []
        self._ends: dict[str, asyncio.Event] = {}

    def ask(self, run: str, tenant: str | None = None) -> asyncio.Task[None]:
        self._ends[run] = asyncio.Event()
        return asyncio.create_task(self._have(run, tenant or run))

    async def end(self, run: str) -> None:
        self._ends[run].set()
        await settle()

    async def _have(self, run: str, tenant: str) -> None:
        async with self.turns.turn(run, tenant=tenant, tell=lambda before: self.told.append((run, before))):
            self.began.append(run)
            await self._ends[run].wait()


async def settle() -> None:
    """Let every task come as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_runs_get_their_turns_in_the_order_in_which_they_came():
    """As many at a time as may, the others one by one as turns become free."""
    line = Line(at_once=2)
    for run in "abcd":
        line.ask(run)
        await settle()

    assert line.began == ["a", "b"]
    await line.end("b")
    assert line.began == ["a", "b", "c"]
    await line.end("a")
    await line.end("c")
    await line.end("d")
    assert line.began == ["a", "b", "c", "d"]


async def test_a_tenant_with_many_runs_does_not_hold_up_one_with_few():
    """One run of each tenant, then the next of each, however many somebody has lined up before."""
    line = Line()
    for run in ("a1", "a2", "a3", "a4"):
        line.ask(run, "a")
    await settle()
    line.ask("b1", "b")
    line.ask("b2", "b")
    line.ask("c1", "c")
    await settle()

    for _ in range(7):
        await line.end(line.began[-1])

    assert line.began == ["a1", "b1", "c1", "a2", "b2", "a3", "a4"]


async def test_a_tenant_who_comes_again_is_not_held_up_by_new_ones_for_ever():
    """However many arrive who were never there before."""
    line = Line()
    line.ask("a1", "a")
    line.ask("a2", "a")
    for number in range(3):
        line.ask(f"new{number}")
    await settle()

    for number in range(3, 20):
        line.ask(f"new{number}")
        await settle()
        await line.end(line.began[-1])

    assert "a2" in line.began
    while line.turns.waiting:
        await line.end(line.began[-1])
    await line.end(line.began[-1])


async def test_a_run_that_waits_is_told_how_many_are_before_it():
    """At once, whenever that changes, and when its turn has come."""
    line = Line()
    for run in "abcd":
        line.ask(run)
    await settle()
    assert line.told == [("b", 0), ("c", 1), ("d", 2)]

    await line.end("a")

    assert line.told[3:] == [("c", 0), ("d", 1), ("b", None)]
    for run in "bcd":
        await line.end(run)


async def test_a_run_that_gives_up_leaves_the_queue():
    """Those behind it move up, and nobody waits for it."""
    line = Line()
    tasks = {run: line.ask(run) for run in "abc"}
    await settle()

    tasks["b"].cancel()
    await settle()

    assert line.told[-2:] == [("c", 0), ("b", None)]
    assert line.turns.waiting == 1
    await line.end("a")
    assert line.began == ["a", "c"]
    await line.end("c")


async def test_a_run_that_gave_up_is_not_held_against_its_tenant():
    """Whoever lined up twenty and took them back is served as if they had never been there."""
    line = Line()
    line.ask("a")
    many = [line.ask(f"b{number}", "b") for number in range(20)]
    line.ask("c1", "c")
    line.ask("c2", "c")
    await settle()

    for task in many:
        task.cancel()
    await settle()
    line.ask("b", "b")
    await settle()
    for _ in range(4):
        await line.end(line.began[-1])

    assert line.began == ["a", "c1", "b", "c2"]


async def test_a_turn_that_comes_in_the_moment_of_a_cancel_goes_to_the_next():
    """It is not lost with the run that was given it."""
    line = Line()
    tasks = {run: line.ask(run) for run in "abc"}
    await settle()

    line._ends["a"].set()
    while "b" not in line.turns._having:  # noqa: ASYNC110 (exactly between the gift and its taking)
        await asyncio.sleep(0)
    tasks["b"].cancel()
    await settle()

    assert line.began == ["a", "c"]
    await line.end("c")


async def test_a_run_that_has_a_turn_never_waits():
    """Its second and third box are its own turn's, even where others wait; the turn ends with the last of them."""
    turns = Turns(at_once=1, most_waiting=10)
    waiting = asyncio.Event()
    async with AsyncExitStack() as boxes:
        await boxes.enter_async_context(turns.turn("a", tenant="a", tell=lambda _: None))

        async def wait() -> None:
            async with turns.turn("b", tenant="b", tell=lambda _: waiting.set()):
                pass

        other = asyncio.create_task(wait())
        await waiting.wait()
        await boxes.enter_async_context(turns.turn("a", tenant="a", tell=lambda _: None))
        async with turns.turn("a", tenant="a", tell=lambda _: None):
            pass

        assert not other.done()
    await other


async def test_two_boxes_asked_for_at_the_same_time_come_with_one_turn():
    """Where only one of them came, the other could wait for ever for runs that are in the same position."""
    turns = Turns(at_once=1, most_waiting=10)
    both = asyncio.Barrier(2)

    async def use() -> None:
        async with turns.turn("b", tenant="b", tell=lambda _: None):
            await both.wait()

    async with turns.turn("a", tenant="a", tell=lambda _: None):
        twice = [asyncio.create_task(use()), asyncio.create_task(use())]
        await settle()
        assert turns.waiting == 1
    await asyncio.gather(*twice)


async def test_a_run_that_comes_back_goes_before_those_that_came_later():
    """What was begun is finished before something new is."""
    line = Line()
    for run in ("a", "b", "c"):
        line.ask(run)
    await settle()
    await line.end("a")

    line.ask("a")
    await settle()
    await line.end("b")

    assert line.began == ["a", "b", "a"]
    await line.end("a")
    await line.end("c")


async def test_the_queue_has_an_end():
    """Whoever comes when it is full is told at once, with what to do."""
    line = Line(most_waiting=2)
    tasks = [line.ask(run) for run in "abc"]
    await settle()

    with pytest.raises(QueueFull, match=r"2 runs wait for a box already.*MENDBOX_BOXES"):
        await line.ask("d")

    for task in tasks:
        task.cancel()


async def test_what_is_remembered_of_runs_and_tenants_has_an_end():
    """A server that runs for months does not grow with what it served."""
    turns = Turns(at_once=1, most_waiting=10)
    for number in range(10_000):
        async with turns.turn(f"{number}", tenant=f"{number}", tell=lambda _: None):
            pass

    assert len(turns._known) <= 5_000
    assert len(turns._latest) <= 5_000
