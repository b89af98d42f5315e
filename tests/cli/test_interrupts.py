"""Signals: the first one lets the work clean up, the second one does not wait."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.cli.interrupts import Stop, Stopped, drive

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_cancels_the_work_and_lets_it_clean_up(number: signal.Signals) -> None:
    """What was opened is closed before the caller hears of it."""
    closed = []

    async def work(_: Stop) -> None:
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), number)
        try:
            await asyncio.sleep(30)
        finally:
            closed.append(True)

    with pytest.raises(Stopped) as stopped:
        drive(work)

    assert stopped.value.exit_code == 128 + number
    assert closed == [True]


def test_work_that_answers_the_signal_says_how_far_it_got() -> None:
    """What comes after the stopped part still runs: that is where a cancelled run is printed."""

    async def work(stop: Stop) -> str:
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGTERM)
        try:
            await stop.unless_stopped(asyncio.sleep(30))
        except Stopped as stopped:
            await asyncio.sleep(0)
            return f"stopped by {stopped.signal}"
        return "never stopped"

    assert drive(work) == "stopped by 15"


def test_a_cancellation_that_is_no_signal_stays_one() -> None:
    """Not every cancelled task was stopped by a person."""

    async def cancelled() -> None:
        raise asyncio.CancelledError

    async def work(stop: Stop) -> bool:
        try:
            await stop.unless_stopped(cancelled())
        except asyncio.CancelledError:
            return True
        return False

    assert drive(work)


def test_work_without_a_signal_gives_its_result() -> None:
    """The usual case."""

    async def work(stop: Stop) -> int:
        return await stop.unless_stopped(asyncio.sleep(0, 7))

    assert drive(work) == 7


def test_the_second_signal_does_not_wait_for_a_clean_up_that_hangs() -> None:
    """Whoever presses Ctrl-C twice means it."""
    script = """
import asyncio
import json
from engine.cli.interrupts import drive
async def work(stop):
    try:
        print("ready", flush=True)
        await asyncio.sleep(30)
    finally:
        print("closing", flush=True)
        await asyncio.sleep(30)
drive(work)
"""
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    with process, process.stdout as said:
        said.readline()
        process.send_signal(signal.SIGINT)
        said.readline()
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        code = process.wait(timeout=20)

    assert code == 130
    assert time.monotonic() - began < 10


def test_a_signal_while_a_command_is_imported_is_told_like_any_other() -> None:
    """That takes a fifth of a second, in which a person may already have seen the mistake in what they typed."""
    interrupted = (
        "import signal, sys\n"
        "class Interrupt:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'engine.cli.check': signal.raise_signal(signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupt())\n"
        "from engine.cli import main\n"
        "sys.exit(main(['check', 'some.py', '--tests', 'test_some.py', '--json']))\n"
    )

    ended = subprocess.run(
        [sys.executable, "-c", interrupted], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )

    assert (ended.returncode, ended.stderr) == (130, "")
    assert json.loads(ended.stdout)["outcome"] == "cancelled"
