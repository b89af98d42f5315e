"""Whether the process that began a run is still there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine import owner


def test_this_process_is_alive():
    """A process recognises itself."""
    assert owner.judge(owner.this_process()) == "alive"


def test_a_process_that_ended_is_dead():
    """The identity outlives the process and then judges as dead."""
    child = subprocess.run(
        [sys.executable, "-c", "from engine.owner import this_process; print(this_process())"],
        check=True,
        capture_output=True,
        text=True,
    )

    assert owner.judge(child.stdout.strip()) == "dead"


def test_a_zombie_is_dead():
    """A process that has ended but was not waited for does no more work."""
    child = subprocess.Popen(
        [sys.executable, "-c", "from engine.owner import this_process; print(this_process(), flush=True)"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        name = child.stdout.read().strip()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

        assert owner.judge(name) == "dead"
    finally:
        child.wait()
        child.stdout.close()


def test_a_later_process_with_the_same_number_is_not_the_one():
    """Process numbers come again; the time of start tells them apart."""
    pid, started, rest = owner.this_process().split(":", 2)

    assert owner.judge(f"{pid}:{int(started) + 1}:{rest}") == "dead"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("", id="nothing"),
        pytest.param("some-host", id="no owner"),
        pytest.param("x:1:2:3", id="no number"),
        pytest.param("-1:1:2:3", id="a group"),
        pytest.param(f"{os.getpid()}:1:another-boot:{owner.this_process().split(':')[3]}", id="another boot"),
        pytest.param(f"{os.getpid()}:1:{owner.this_process().split(':')[2]}:1", id="another container"),
    ],
)
def test_what_cannot_be_looked_at_is_unknown(name: str):
    """Nobody is declared dead on a guess."""
    assert owner.judge(name) == "unknown"


def test_without_proc_a_running_process_is_unknown_and_an_ended_one_dead(tmp_path: Path):
    """Systems without /proc still tell that a process is gone."""
    ended = subprocess.Popen(["true"])
    ended.wait()

    assert owner.this_process(tmp_path) == f"{os.getpid()}:-:-:-"
    assert owner.judge(f"{os.getpid()}:-:-:-", tmp_path) == "unknown"
    assert owner.judge("1:-:-:-", tmp_path) == "unknown"
    assert owner.judge(f"{ended.pid}:-:-:-", tmp_path) == "dead"
    assert owner.judge(f"{10**30}:-:-:-", tmp_path) == "dead"


def test_an_unreadable_record_of_a_process_is_no_proof(tmp_path: Path):
    """A truncated stat file, or an identity that was taken without one, proves nothing."""
    (tmp_path / str(os.getpid())).mkdir()
    stat = tmp_path / str(os.getpid()) / "stat"

    stat.write_text("1 (x) S")
    assert owner.judge(f"{os.getpid()}:5:-:-", tmp_path) == "unknown"
    stat.write_text("1 (a) b) S " + " ".join(map(str, range(1, 30))))
    assert owner.judge(f"{os.getpid()}:-:-:-", tmp_path) == "unknown"
    assert owner.judge(f"{os.getpid()}:19:-:-", tmp_path) == "alive"
