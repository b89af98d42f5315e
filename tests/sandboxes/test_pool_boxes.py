"""The pool with real boxes: used once, replaced when they die, gone when it is closed, also when the engine goes away."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from docker import DockerClient

from sandboxes.base import Box, Command, Limits
from sandboxes.docker import DockerSandbox
from sandboxes.errors import SandboxUnavailable
from sandboxes.hardening import LABEL, OWNER_LABEL
from sandboxes.owner import current
from sandboxes.pool import WarmPool
from tests.sandboxes.relay import Relay
from tests.sandboxes.test_lifecycle import is_there, seconds_until_gone, start

pytestmark = pytest.mark.docker

ALL_OF = [LABEL, f"{OWNER_LABEL}={current().label}"]


@pytest.fixture
async def pool(engine: DockerClient, sandbox_image: str) -> AsyncIterator[WarmPool]:
    """Two boxes ready for the usual limits."""
    async with WarmPool(DockerSandbox(engine, image=sandbox_image), target=2, most=4) as opened:
        opened.warm(Limits())
        await full(opened)
        yield opened


async def full(pool: WarmPool, boxes: int = 2) -> None:
    async with asyncio.timeout(60):
        while pool.stock.ready < boxes:  # noqa: ASYNC110 (the pool tells nobody)
            await asyncio.sleep(0.02)


def ours(engine: DockerClient) -> set[str]:
    """Names of the boxes of this process that are there."""
    found = engine.api.containers(all=True, filters={"label": ALL_OF})
    return {container["Names"][0].removeprefix("/") for container in found}


async def said(box: Box, code: str) -> str:
    await box.put({"program.py": code.encode()})
    outcome = await box.run(Command(argv=("python", "program.py"), warm=True))
    assert outcome.ok, outcome.stderr.text
    return outcome.stdout.text


async def test_a_box_is_there_before_anybody_asks_and_gone_after_its_run(engine: DockerClient, pool: WarmPool):
    """Nothing of one run is found by the next."""
    ready = ours(engine)

    async with pool.open(run_id="one", limits=Limits()) as one:
        assert one.id in ready
        assert one.measured.memory_mib == Limits().memory_mib
        await said(one, "open('/box/tmp/left', 'w').close(); open('left', 'w').close()")
    async with pool.open(run_id="two", limits=Limits()) as two:
        assert two.id in ready
        assert await said(two, "import os; print(os.path.exists('/box/tmp/left'), os.path.exists('left'))") == (
            "False False\n"
        )

    assert one.id != two.id
    assert await seconds_until_gone(engine, one.id, running=False) < 20


async def test_a_box_keeps_to_the_limits_that_it_is_handed_out_with(pool: WarmPool):
    """How much is kept of output is the run's own choice, although the box was made before."""
    async with pool.open(run_id="one", limits=Limits(output_kib=1)) as box:
        outcome_of_little = await box.run(Command(argv=("python", "-c", "print('x' * 10_000)")))
    async with pool.open(run_id="two", limits=Limits(output_kib=64)) as box:
        outcome_of_much = await box.run(Command(argv=("python", "-c", "print('x' * 10_000)")))

    assert outcome_of_little.stdout.truncated
    assert not outcome_of_much.stdout.truncated


async def test_a_life_is_as_long_as_the_run_asked_for(pool: WarmPool):
    """The box itself ends what runs then, and is gone."""
    async with pool.open(run_id="one", limits=Limits(seconds=1.0)) as box:
        outcome = await box.run(Command(argv=("sleep", "60"), seconds=60))

    assert outcome.ended == "timeout"
    assert outcome.seconds < 30


async def test_a_box_that_was_killed_by_another_hand_is_replaced(engine: DockerClient, pool: WarmPool):
    """Before anybody gets it; whoever asks at that moment gets one that lives."""
    dead = sorted(ours(engine))
    for name in dead:
        engine.api.kill(name)
        await seconds_until_gone(engine, name)

    async with pool.open(run_id="one", limits=Limits()) as box:
        assert box.id not in dead
        assert await said(box, "print(1)") == "1\n"
    pool.stock.look()
    await full(pool)

    assert not ours(engine) & set(dead)


async def test_a_closed_pool_leaves_nothing_behind(engine: DockerClient, sandbox_image: str):
    """Whether boxes were ready, in use, or just being made."""
    pool = WarmPool(DockerSandbox(engine, image=sandbox_image), target=3, most=6)
    pool.warm(Limits())
    await full(pool)
    async with pool.open(run_id="one", limits=Limits()):
        pool.warm(Limits(memory_mib=96))

        await pool.aclose()

        assert ours(engine) == set()


OWNER = """
import asyncio, sys
from sandboxes.base import Limits
from sandboxes.docker import DockerSandbox, connect
from sandboxes.pool import WarmPool

async def main():
    pool = WarmPool(DockerSandbox(connect(), image=sys.argv[1]), target=1, most=4)
    async with pool.open(run_id="one", limits=Limits()) as box:
        while not pool.stock.ready:
            await asyncio.sleep(0.02)
        print(sys.argv[2], flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


async def test_nothing_is_left_of_a_pool_whose_process_was_killed(engine: DockerClient, sandbox_image: str):
    """Nobody runs its clean-up: the boxes see for themselves that nobody is there any more."""
    before = {container["Id"] for container in engine.api.containers(all=True, filters={"label": [LABEL]})}
    with start(sys.executable, "-c", OWNER, sandbox_image, "ready") as process:
        await asyncio.to_thread(process.stdout.readline)
        label = f"{OWNER_LABEL}={process.pid}:"
        theirs = [
            container["Id"]
            for container in engine.api.containers(all=True, filters={"label": [LABEL]})
            if container["Id"] not in before
            and any(f"{name}={value}".startswith(label) for name, value in container["Labels"].items())
        ]
        assert len(theirs) == 2
        assert all(is_there(engine, one) for one in theirs)
        process.send_signal(signal.SIGKILL)

    for one in theirs:
        assert await seconds_until_gone(engine, one, running=False) < 20


async def test_many_runs_with_two_boxes_each_all_end(engine: DockerClient, sandbox_image: str):
    """At the limit, all at once: every answer is right, and there are never more boxes than there may be."""
    most = 0
    async with WarmPool(DockerSandbox(engine, image=sandbox_image), target=2, most=4) as pool:

        async def run(number: int) -> str:
            nonlocal most
            async with pool.open(run_id=f"{number}", limits=Limits()) as one:
                first = await said(one, f"print({number})")
                async with pool.open(run_id=f"{number}", limits=Limits()) as two:
                    most = max(most, pool.stock.boxes)
                    return first + await said(two, f"print({number} * 2)")

        answers = await asyncio.gather(*(run(number) for number in range(12)))

    assert answers == [f"{number}\n{number * 2}\n" for number in range(12)]
    assert most <= 4


@pytest.fixture
async def relay(engine: DockerClient, tmp_path: Path) -> AsyncIterator[Relay]:
    """The engine, at an address where it can go away."""
    address = os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
    relay = Relay(tmp_path / "engine.sock", address)
    await relay.up()
    yield relay
    await relay.down()


async def test_an_engine_that_is_restarted_costs_a_wait_but_no_run(relay: Relay, sandbox_image: str, tmp_path: Path):
    """All boxes that stood ready are lost with it; while it is away an `open` says so, and afterwards all is as before."""
    client = await asyncio.to_thread(DockerClient, base_url=f"unix://{tmp_path / 'engine.sock'}", version="1.41")
    try:
        async with WarmPool(DockerSandbox(client, image=sandbox_image), target=2, most=4, patience=0.5) as pool:
            pool.warm(Limits())
            await full(pool)

            await relay.down()
            with pytest.raises(SandboxUnavailable, match="start Docker, or set DOCKER_HOST"):
                async with pool.open(run_id="meanwhile", limits=Limits()):
                    pass
            await relay.up()

            async with pool.open(run_id="afterwards", limits=Limits()) as box:
                assert await said(box, "print(1)") == "1\n"
            await full(pool)
    finally:
        await asyncio.to_thread(client.close)


async def test_a_run_that_comes_while_the_engine_is_away_for_a_moment_waits(
    relay: Relay, sandbox_image: str, tmp_path: Path
):
    """It hears nothing of it."""
    client = await asyncio.to_thread(DockerClient, base_url=f"unix://{tmp_path / 'engine.sock'}", version="1.41")
    try:
        async with WarmPool(DockerSandbox(client, image=sandbox_image), target=1, most=4, patience=60) as pool:
            pool.warm(Limits())
            await full(pool, 1)
            await relay.down()

            async def run() -> str:
                async with pool.open(run_id="patient", limits=Limits()) as box:
                    return await said(box, "print(1)")

            running = asyncio.create_task(run())
            done, _ = await asyncio.wait({running}, timeout=0.3)
            assert not done
            await relay.up()

            assert await running == "1\n"
    finally:
        await asyncio.to_thread(client.close)
