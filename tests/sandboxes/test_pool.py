"""What the pool makes, keeps, hands out and throws away; with boxes made by hand, at moments chosen by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from sandboxes.base import Box, Limits
from sandboxes.errors import ImageMissing, LimitNotEnforced, SandboxUnavailable
from sandboxes.pool import WarmPool
from sandboxes.stock import IDLE, LONGEST, OLDEST, QUIET
from tests.sandboxes.hand_made import Clock, HandMadeBox, Workbench, settle

SMALL = Limits(memory_mib=64)


@pytest.fixture
def bench() -> Workbench:
    return Workbench()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def pool(bench: Workbench, clock: Clock) -> AsyncIterator[WarmPool]:
    """Two boxes ready for the usual limits, at most four at a time, on two cores."""
    async with WarmPool(bench, target=2, most=4, cores=2, clock=clock) as opened:
        opened.warm(Limits())
        await settle()
        yield opened


async def use(pool: WarmPool, run: str, limits: Limits | None = None) -> Box:
    async with pool.open(run_id=run, limits=limits or Limits()) as box:
        return box


async def test_a_box_that_stands_ready_is_handed_out_once_and_thrown_away(pool: WarmPool, bench: Workbench):
    """No run gets what another had, and nobody waits while one is ready."""
    assert pool.stock.ready == 2

    boxes = [await use(pool, run) for run in "abcdef"]

    assert len({box.id for box in boxes}) == 6
    assert all(box.discarded and len(box.leases) == 1 for box in bench.boxes if box in boxes)


async def test_it_is_told_the_limits_of_its_run_when_it_is_handed_out(pool: WarmPool, bench: Workbench):
    """Life and amounts of output need no box of their own; everything else does."""
    asked = Limits(output_kib=7, report_kib=9, seconds=11)

    async with pool.open(run_id="a", limits=asked) as box:
        assert box is bench.boxes[0]
        assert bench.boxes[0].leases == [asked]
    async with pool.open(run_id="b", limits=asked.model_copy(update={"cpus": 0.5})) as other:
        assert other.made_with.cpus == 0.5

    assert all(box.made_with.seconds > LONGEST + OLDEST for box in bench.boxes)


async def test_a_run_that_wants_a_longer_life_has_a_box_made_for_it(pool: WarmPool, bench: Workbench):
    """What stands ready would end before it."""
    long = Limits(seconds=LONGEST + 1)

    await use(pool, "a", long)

    assert bench.boxes[-1].made_with == long
    assert pool.stock.ready == 2


async def test_who_wants_to_begin_after_a_pause_waits_until_all_stand_ready(
    pool: WarmPool, bench: Workbench, clock: Clock
):
    """At once where they do; not while somebody has one, who would be waited for as well."""
    await pool.stock.filled()
    await use(pool, "a")
    await use(pool, "b")
    async with pool.open(run_id="c", limits=Limits()):
        await pool.stock.filled()
    assert pool.stock.ready < 2
    clock.now += 2 * QUIET

    await pool.stock.filled()

    assert pool.stock.ready == 2


async def test_nobody_waits_for_boxes_that_cannot_be_made(pool: WarmPool, bench: Workbench, clock: Clock):
    """Whoever asks for one is told what is wrong."""
    await use(pool, "a")
    clock.now += 2 * QUIET
    bench.failure = SandboxUnavailable("docker", "the engine went away")

    await pool.stock.filled()

    assert pool.stock.ready == 1


async def test_a_box_is_replaced_when_nobody_is_disturbed(pool: WarmPool, bench: Workbench, clock: Clock):
    """Not while a run has one and another is ready, nor right after; one at a time."""
    async with pool.open(run_id="a", limits=Limits()):
        await settle()
        assert bench.begun == 2
    await settle()
    assert bench.begun == 2

    clock.now += 2 * QUIET
    pool.stock.tend()
    await settle()

    assert (bench.begun, pool.stock.ready, bench.most_at_once) == (3, 2, 1)


async def test_the_last_one_is_replaced_while_a_core_is_free(bench: Workbench):
    """The next run would wait longer for it than this one is held up; where every core has its run, it does wait."""
    async with WarmPool(bench, target=1, most=6, cores=2) as pool, pool.open(run_id="a", limits=Limits()):
        await settle()
        assert (bench.begun, pool.stock.ready) == (2, 1)
        async with pool.open(run_id="b", limits=Limits()):
            await settle()

            assert (bench.begun, pool.stock.ready) == (2, 0)


async def test_nothing_is_kept_where_the_target_is_nothing(bench: Workbench):
    """Boxes are made when they are asked for."""
    async with WarmPool(bench, target=0, most=4, cores=2) as pool:
        pool.warm(Limits())
        await use(pool, "a")
        await settle()

        assert (bench.begun, pool.stock.ready) == (1, 0)


async def test_only_as_many_are_made_ahead_as_a_single_run_expects(bench: Workbench):
    """Each while the one before is used, none when it begins, none beyond."""
    async with WarmPool(bench, target=1, most=4, ahead=0, cores=2) as pool:
        pool.stock.expect(2)
        await settle()
        assert bench.begun == 0
        begun = []
        for _ in range(4):
            async with pool.open(run_id="a", limits=Limits()):
                await settle()
                begun.append(bench.begun)

    assert begun == [2, 3, 3, 4]


async def test_a_box_that_died_is_not_handed_out(pool: WarmPool, bench: Workbench):
    """It is found out at the latest then, and the next one comes."""
    bench.boxes[0].healthy = False

    box = await use(pool, "a")

    assert box is bench.boxes[1]
    assert bench.boxes[0].discarded


async def test_one_that_died_or_grew_old_is_replaced(pool: WarmPool, bench: Workbench, clock: Clock):
    """Without anybody asking for it."""
    bench.boxes[0].healthy = False
    pool.stock.look()
    await settle()
    assert [box.discarded for box in bench.boxes] == [True, False, False]

    clock.now += OLDEST + 1
    pool.stock.look()
    await settle()

    assert [box.discarded for box in bench.boxes] == [True, True, True, False, False]


async def test_boxes_that_nobody_asks_for_are_given_up(pool: WarmPool, bench: Workbench, clock: Clock):
    """And made again once somebody does."""
    clock.now += IDLE
    pool.stock.look()
    await settle()
    assert bench.existing == []
    assert pool.stock.boxes == 0

    await use(pool, "a")
    clock.now += 2 * QUIET
    for _ in range(2):
        pool.stock.tend()
        await settle()

    assert pool.stock.ready == 2


async def test_a_box_of_another_shape_makes_room(pool: WarmPool, bench: Workbench):
    """So that there are never more than there may be, and nobody waits for one that nobody wants."""
    async with AsyncExitStack() as boxes:
        for run in "ab":
            await boxes.enter_async_context(pool.open(run_id=run, limits=SMALL))
            await boxes.enter_async_context(pool.open(run_id=run, limits=SMALL))

        assert len(bench.existing) == 4
        assert pool.stock.boxes == 4


async def test_runs_beyond_the_limit_wait_and_are_told(bench: Workbench):
    """Half as many runs as boxes have them; the others hear how many are before them."""
    told: list[tuple[str, int | None]] = []
    async with WarmPool(
        bench, target=0, most=4, cores=2, waiting=lambda run, before: told.append((run, before))
    ) as pool:
        async with pool.open(run_id="a", limits=Limits()), pool.open(run_id="b", limits=Limits()):
            more = [asyncio.create_task(use(pool, run)) for run in "cd"]
            await settle()
            assert (told, len(bench.existing)) == ([("c", 0), ("d", 1)], 2)
        await asyncio.gather(*more)
    assert told[2:] == [("d", 0), ("c", None), ("d", None)]


async def test_fewer_runs_than_the_boxes_are_for_may_have_them(bench: Workbench):
    """The boxes that are then over stand ready for whoever is next."""
    async with WarmPool(bench, target=0, most=8, runs=1, cores=2) as pool:
        async with pool.open(run_id="a", limits=Limits()), pool.open(run_id="a", limits=Limits()):
            another = asyncio.create_task(use(pool, "b"))
            await settle()
            assert len(bench.existing) == 2
        await another


async def test_runs_that_all_want_a_second_box_get_it(bench: Workbench):
    """At the limit, while others wait: nobody holds one box and waits for ever for another."""
    async with WarmPool(bench, target=2, most=4, cores=2) as pool:

        async def run(name: str) -> None:
            async with pool.open(run_id=name, limits=Limits()):
                await settle()
                async with pool.open(run_id=name, limits=Limits()), pool.open(run_id=name, limits=SMALL):
                    await settle()

        async with asyncio.timeout(20):
            await asyncio.gather(*(run(f"{number}") for number in range(30)))

        assert all(len(box.leases) <= 1 for box in bench.boxes)


async def test_tenants_take_turns(bench: Workbench):
    """Whoever has lined up much waits behind whoever has lined up little."""
    order: list[str] = []
    async with WarmPool(bench, target=0, most=2, cores=2) as pool:

        async def run(tenant: str, name: str) -> None:
            async with pool.open(run_id=name, limits=Limits(), tenant=tenant):
                order.append(name)
                await settle()

        runs = [asyncio.create_task(run("many", f"many{number}")) for number in range(4)]
        await settle()
        runs.append(asyncio.create_task(run("few", "few")))
        await asyncio.gather(*runs)

    assert order.index("few") <= 2


async def test_a_run_that_gives_up_while_its_box_is_made_leaves_the_box_to_the_next(bench: Workbench):
    """It was never used."""
    async with WarmPool(bench, target=0, most=4, cores=2) as pool:
        bench.open.clear()
        first = asyncio.create_task(use(pool, "a"))
        await settle()
        first.cancel()
        await settle()
        bench.open.set()
        await settle()

        box = await use(pool, "b")

    assert first.cancelled()
    assert bench.boxes == [box]


async def test_a_cancel_in_the_moment_of_the_hand_over_leaves_nothing_in_use(bench: Workbench):
    """At whatever step of the way."""
    async with WarmPool(bench, target=0, most=4, cores=2) as pool:
        for steps in range(12):
            task = asyncio.create_task(use(pool, f"{steps}"))
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
            await settle()
            assert len(bench.existing) == pool.stock.boxes == pool.stock.ready

        assert pool.stock.ready <= 1


async def test_making_is_tried_again_for_who_waits(bench: Workbench):
    """An engine that is just being restarted is no reason to end a run."""
    bench.failure = SandboxUnavailable("docker", "nobody answers")
    async with WarmPool(bench, target=0, most=4, cores=2) as pool:
        waiting = asyncio.create_task(use(pool, "a"))
        while bench.begun < 2:  # noqa: ASYNC110 (the pool tells nobody)
            await asyncio.sleep(0.01)
        bench.failure = None

        assert (await waiting).image == "sha256:made-by-hand"


async def test_what_lasts_is_told_to_who_waits(bench: Workbench):
    """As it was raised, with its hint; and the next one who comes is tried for anew."""
    bench.failure = SandboxUnavailable("docker", "nobody answers", hint="start Docker")
    async with WarmPool(bench, target=2, most=4, cores=2, patience=0.0) as pool:
        with pytest.raises(SandboxUnavailable, match=r"nobody answers.*start Docker"):
            await use(pool, "a")
        bench.failure = None

        await use(pool, "b")


@pytest.mark.parametrize(
    "error", [ImageMissing("docker", "no image"), LimitNotEnforced("docker", "no limit"), KeyError("x")]
)
async def test_what_trying_again_does_not_mend_is_told_at_once(bench: Workbench, error: Exception):
    """Whatever it is, whoever waits hears of it."""
    bench.failure = error
    async with WarmPool(bench, target=1, most=4, cores=2, patience=1e9) as pool:
        with pytest.raises(type(error)):
            await asyncio.wait_for(use(pool, "a"), 10)


async def test_a_box_is_prepared_before_it_is_handed_out(bench: Workbench):
    """And one that cannot be is thrown away."""
    prepared: list[Box] = []

    async def prepare(box: Box) -> None:
        prepared.append(box)
        if len(prepared) == 1:
            raise SandboxUnavailable("box", "gone")

    async with WarmPool(bench, target=0, most=4, cores=2, prepare=prepare) as pool:
        box = await use(pool, "a")

    assert prepared == bench.boxes
    assert (box, bench.boxes[0].leases) == (prepared[1], [])


async def test_closing_takes_everything_along(bench: Workbench):
    """What stands ready, what is being made, what is used, and who waits for it."""
    pool = WarmPool(bench, target=2, most=2, cores=2)
    pool.warm(Limits())
    await settle()
    async with pool.open(run_id="a", limits=Limits()) as box:
        bench.open.clear()
        second = asyncio.create_task(use(pool, "a", SMALL))
        queued = asyncio.create_task(use(pool, "b"))
        await settle()

        await pool.aclose()

        assert bench.closed
        assert bench.existing == []
        with pytest.raises(SandboxUnavailable, match="closed"):
            await second
    assert isinstance(box, HandMadeBox)
    with pytest.raises(SandboxUnavailable, match="closed"):
        await queued
    with pytest.raises(SandboxUnavailable, match="closed"):
        await use(pool, "late")
    assert bench.at_once == 0
