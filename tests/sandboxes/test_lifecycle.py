"""A box's end: cancelled, killed by another hand, or left behind by a process that died."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from docker.errors import NotFound

from sandboxes import owner
from sandboxes.base import Box, Command, Limits
from sandboxes.docker import DockerSandbox
from sandboxes.errors import ImageMissing, SandboxUnavailable
from sandboxes.hardening import LABEL
from sandboxes.reaper import is_abandoned, reap

pytestmark = pytest.mark.docker

SLEEP = Command(argv=("sleep", "60"), seconds=60)


def is_there(engine, name: str, *, running: bool = True) -> bool:
    try:
        return bool(engine.api.inspect_container(name)["State"]["Running"]) or not running
    except NotFound:
        return False


async def seconds_until_gone(engine, name: str, *, running: bool = True) -> float:
    """Until it no longer runs, or until nothing at all is left of it."""

    def watch() -> float:
        started = time.monotonic()
        while is_there(engine, name, running=running) and time.monotonic() - started < 20:
            time.sleep(0.01)
        return time.monotonic() - started

    return await asyncio.to_thread(watch)


def start(*argv: str) -> subprocess.Popen[str]:
    return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


async def test_a_cancelled_call_kills_the_box_at_once(engine, box: Box):
    """Whoever cancels does not wait for the command, and the container is dead soon after."""
    running = asyncio.create_task(box.run(SLEEP))
    await asyncio.sleep(0.3)

    started = time.monotonic()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert time.monotonic() - started < 5
    assert await seconds_until_gone(engine, box.id) < 5
    with pytest.raises(SandboxUnavailable):
        await box.run(SLEEP)


async def test_a_cancelled_listener_kills_the_box_too(engine, box: Box):
    """The same where lines are listened to."""
    running = asyncio.create_task(box.run(SLEEP, on_report_line=print))
    await asyncio.sleep(0.3)

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert await seconds_until_gone(engine, box.id) < 5


@pytest.mark.parametrize("after", [0.0, 0.05, 0.15, 0.3])
async def test_cancelling_while_a_box_is_made_leaves_none(sandbox: DockerSandbox, after: float):
    """At whatever moment: the fixture that closes the sandbox finds nothing of ours."""

    async def use() -> None:
        async with sandbox.open(run_id="cancelled", limits=Limits()) as box:
            await box.run(SLEEP)

    task = asyncio.create_task(use())
    await asyncio.sleep(after)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_cancelling_again_while_it_is_cleaned_up_skips_nothing(engine, sandbox: DockerSandbox):
    """Impatient callers cancel more than once."""
    names = []

    async def use() -> None:
        async with sandbox.open(run_id="impatient", limits=Limits()) as box:
            names.append(box.id)
            await box.run(SLEEP)

    task = asyncio.create_task(use())
    while not names:  # noqa: ASYNC110  (the box says nothing when it is open)
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.1)
    for _ in range(5):
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await seconds_until_gone(engine, names[0]) < 1


async def test_a_closed_sandbox_kills_what_is_open_and_opens_no_more(engine, sandbox_image: str):
    """Closing waits for the removal; a command under way ends as unavailable."""
    sandbox = DockerSandbox(engine, image=sandbox_image)
    async with sandbox.open(run_id="closing", limits=Limits()) as box:
        running = asyncio.create_task(box.run(SLEEP))
        await asyncio.sleep(0.3)

        await sandbox.aclose()

        assert not is_there(engine, box.id)
        with pytest.raises(SandboxUnavailable):
            await running
    with pytest.raises(SandboxUnavailable, match="closed"):
        async with sandbox.open(run_id="late", limits=Limits()):
            pass


async def test_a_box_killed_by_another_hand_is_no_verdict_on_the_code(engine, box: Box):
    """Told as the machinery's failure, at once."""
    running = asyncio.create_task(box.run(SLEEP))
    await asyncio.sleep(0.3)
    engine.api.kill(box.id)

    with pytest.raises(SandboxUnavailable, match="ended under us"):
        await asyncio.wait_for(running, 10)


async def test_a_guest_that_does_not_answer_is_a_time_out(engine, box: Box, monkeypatch: pytest.MonkeyPatch):
    """The clock outside is longer than the one inside, and does not depend on it."""
    monkeypatch.setattr("sandboxes.conversation.GRACE", 0.3)
    running = asyncio.create_task(box.run(Command(argv=("sleep", "60"), seconds=0.5)))
    await asyncio.sleep(0.2)
    engine.api.pause(box.id)

    outcome = await asyncio.wait_for(running, 10)

    assert outcome.ended == "timeout"
    assert await seconds_until_gone(engine, box.id) < 2


async def test_an_image_that_is_missing_is_told_as_such(engine):
    """With what to do next."""
    async with DockerSandbox(engine, image="mendbox/no-such-image:1") as sandbox:
        with pytest.raises(ImageMissing, match="mendbox images build"):
            async with sandbox.open(run_id="missing", limits=Limits()):
                pass


async def test_a_runtime_that_is_missing_is_told_as_such(engine, sandbox_image: str):
    """Never replaced by the usual one in silence."""
    async with DockerSandbox(engine, image=sandbox_image, runtime="no-such-runtime") as sandbox:
        with pytest.raises(SandboxUnavailable, match="no such runtime"):
            async with sandbox.open(run_id="runtime", limits=Limits()):
                pass


OWNER = """
import asyncio, sys
from sandboxes.base import Command, Limits
from sandboxes.docker import DockerSandbox, connect

async def main():
    sandbox = DockerSandbox(connect(), image=sys.argv[1])
    async with sandbox.open(run_id="orphan", limits=Limits()) as box:
        print(box.id, flush=True)
        await box.run(Command(argv=("sleep", "600"), seconds=600))

asyncio.run(main())
"""


async def test_nothing_is_left_of_a_process_that_was_killed(engine, sandbox_image: str):
    """After SIGKILL nobody runs our clean-up: the box itself sees that its stream has ended."""
    process = start(sys.executable, "-c", OWNER, sandbox_image)
    with process:
        name = await asyncio.to_thread(process.stdout.readline)
        name = name.strip()
        await asyncio.sleep(0.3)
        assert is_there(engine, name)

        # a living process of another is left alone
        assert name not in {engine.api.inspect_container(one)["Name"] for one in reap(engine)}
        assert is_there(engine, name)
        process.send_signal(signal.SIGKILL)

    assert await seconds_until_gone(engine, name, running=False) < 5


async def test_the_reaper_removes_the_boxes_of_dead_processes_only(engine, sandbox_image: str):
    """Made by hand, never started: one of a dead owner, one of a living one, one of another machine, early and late."""
    with start("true") as gone:
        gone.wait()
    me = owner.current()
    far = me.model_copy(update={"boot": "another-machine"})
    labels = {
        "dead": (me.model_copy(update={"pid": gone.pid}).label, 1 << 40),
        "reused": (me.model_copy(update={"started": me.started + 1}).label, 1 << 40),
        "alive": (me.label, 0),
        "far": (far.label, 1 << 40),
        "far-late": (far.label, 1),
        "strange": ("nonsense", 1),
    }
    made = {}
    for name, (label, deadline) in labels.items():
        made[name] = engine.api.create_container(
            sandbox_image, ["true"], labels={LABEL: "box", "mendbox.owner": label, "mendbox.deadline": str(deadline)}
        )["Id"]
    try:
        removed = reap(engine)
        # Another process that begins meanwhile may have come first.
        gone = {name for name, one in made.items() if not is_there(engine, one, running=False)}
    finally:
        for one in made.values():
            with suppress(NotFound):
                engine.api.remove_container(one, force=True)

    assert gone == {"dead", "reused", "far-late"}
    assert {name for name, one in made.items() if one in removed} <= gone
    assert not is_abandoned({}, time.time())


def test_an_owner_is_read_back_from_its_label():
    """What cannot be judged here is unknown, never dead."""
    me = owner.current()

    assert owner.parse(me.label) == me
    assert owner.judge(me) == "alive"
    assert owner.judge(me.model_copy(update={"pid": 1 << 22})) == "dead"
    assert owner.judge(me.model_copy(update={"namespace": "1"})) == "unknown"
    assert owner.parse("") is None
    assert owner.parse("a:b:c:d") is None
    assert me.pid == os.getpid()


def test_without_proc_nobody_is_judged(tmp_path):
    """On a machine that has no /proc an owner is unknown, so that only the deadline counts."""
    someone = owner.current(tmp_path)

    assert owner.judge(someone, tmp_path) == "unknown"
    assert owner.parse(someone.label) == someone


def test_a_zombie_is_dead():
    """A process that has ended but was not yet waited for owns nothing any more."""
    with start("cat") as child:
        me = owner.current()
        stat = Path(f"/proc/{child.pid}/stat").read_text()
        someone = me.model_copy(update={"pid": child.pid, "started": int(stat.rpartition(")")[2].split()[19])})
        before = owner.judge(someone)
        child.stdin.close()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        after = owner.judge(someone)

    assert (before, after) == ("alive", "dead")
