"""The parts of the guest that can be tried outside of a box."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandboxes.guest.cgroup import UNLIMITED, Cgroup
from sandboxes.guest.children import kill_all
from sandboxes.guest.files import Files, Refused, has_file_of, is_full, used_bytes
from sandboxes.guest.paths import why_unsafe
from sandboxes.guest.streams import Kept
from sandboxes.guest.warming import is_warm


@given(st.lists(st.binary(max_size=50), max_size=40), st.integers(0, 60))
def test_head_and_tail_are_kept_of_whatever_comes(chunks: list[bytes], limit: int):
    """However it is cut: the first and the last half of the limit, and the whole count."""
    kept = Kept(limit)
    for chunk in chunks:
        kept.add(memoryview(chunk))

    whole = b"".join(chunks)
    head, tail = limit - limit // 2, limit // 2
    assert kept.total == len(whole)
    assert kept.head == whole[:head]
    assert kept.tail == whole[max(head, len(whole) - tail) :]


def test_many_small_chunks_are_cut_now_and_then():
    """The tail never grows with the stream."""
    kept = Kept(10)
    for _ in range(50_000):
        kept.add(memoryview(b"abcd"))

    assert (kept.head, bytes(kept.tail), kept.total) == (b"abcda", b"dabcd", 200_000)
    assert len(kept._tail) < 70_000


@given(st.text())
def test_a_safe_path_stays_below_its_folder(path: str):
    """Whatever passes the rule names something below the folder, in the same words."""
    if why_unsafe(path) is None:
        assert os.path.normpath(f"/box/work/{path}") == f"/box/work/{path}"
        assert "\0" not in path
    assert why_unsafe("a ü/ß.py") is None


def write(root: Path, files: dict[str, str]) -> str:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return str(root)


def test_limits_and_counts_of_version_2(tmp_path: Path):
    """As a box with a namespace of its own sees them."""
    root = write(
        tmp_path / "fs",
        {
            "cgroup.controllers": "cpu memory pids",
            "memory.max": "536870912\n",
            "memory.swap.max": "0\n",
            "cpu.max": "50000 100000\n",
            "pids.max": "128\n",
            "memory.events": "low 0\nmax 7\noom 2\noom_kill 3\n",
            "pids.events": "max 4\n",
            "cpu.stat": "usage_usec 1500000\nuser_usec 1\n",
            "memory.peak": "1048576\n",
        },
    )
    proc = write(tmp_path / "proc", {"self/cgroup": "0::/\n", "meminfo": "SwapTotal: 8 kB\n"})

    cgroup = Cgroup(root, proc)

    assert cgroup.version == "v2"
    assert cgroup.limits() == {"memory": 1 << 29, "swap": 0, "cpus": 0.5, "processes": 128}
    assert cgroup.counts() == {"oom": 3, "refused": 4, "cpu": 1.5, "peak": 1 << 20}


def test_a_group_seen_at_its_full_path(tmp_path: Path):
    """A box that shares the machine's namespace finds its group below the root, not at it."""
    root = write(
        tmp_path / "fs",
        {
            "cgroup.controllers": "",
            "pids.max": "999\n",
            "docker/abc/pids.max": "12\n",
            "docker/abc/memory.max": "max\n",
        },
    )
    proc = write(tmp_path / "proc", {"self/cgroup": "0::/docker/abc\n", "meminfo": "SwapTotal: 8 kB\n"})

    limits = Cgroup(root, proc).limits()

    assert limits == {"memory": UNLIMITED, "swap": 8_192, "cpus": 0.0, "processes": 12}


def test_limits_and_counts_of_version_1(tmp_path: Path):
    """One folder for each controller."""
    root = write(
        tmp_path / "fs",
        {
            "memory/memory.limit_in_bytes": "1048576\n",
            "memory/memory.memsw.limit_in_bytes": "3145728\n",
            "memory/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 5\n",
            "memory/memory.max_usage_in_bytes": "77\n",
            "cpu/cpu.cfs_quota_us": "150000\n",
            "cpu/cpu.cfs_period_us": "100000\n",
            "cpuacct/cpuacct.usage": "2500000000\n",
            "pids/pids.max": "max\n",
            "pids/pids.events": "max 1\n",
        },
    )
    proc = write(tmp_path / "proc", {"self/cgroup": "2:cpu,cpuacct:/docker/x\n1:memory:/docker/x\n"})

    cgroup = Cgroup(root, proc)

    assert cgroup.version == "v1"
    assert cgroup.limits() == {"memory": 1 << 20, "swap": 2 << 20, "cpus": 1.5, "processes": 0}
    assert cgroup.counts() == {"oom": 5, "refused": 1, "cpu": 2.5, "peak": 77}


def test_nothing_to_read_is_no_limit(tmp_path: Path):
    """So that the host refuses the box; numbers near 2**63 mean the same."""
    root = write(
        tmp_path / "fs", {"memory/memory.limit_in_bytes": "9223372036854771712\n", "cpu/cpu.cfs_quota_us": "-1\n"}
    )

    cgroup = Cgroup(root, str(tmp_path / "nothing"))

    assert cgroup.limits() == {"memory": UNLIMITED, "swap": UNLIMITED, "cpus": 0.0, "processes": 0}
    assert cgroup.counts() == {"oom": 0, "refused": 0, "cpu": 0.0, "peak": 0}


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files({"work": str(tmp_path / "work"), "tools": str(tmp_path / "tools")})


def put(files: Files, path: str, content: bytes, *, place: str = "work", locked: bool = False) -> None:
    files.write(place, path, memoryview(content), first=True, last=True, locked=locked)


def test_the_guest_checks_paths_itself(files: Files, tmp_path: Path):
    """It does not rely on the host."""
    with pytest.raises(Refused, match="path"):
        put(files, "../x", b"")
    assert files.read("../x", 10) is None
    assert not (tmp_path / "x").exists()


def test_links_are_replaced_not_followed(files: Files, tmp_path: Path):
    """Of files, of folders, and where a folder stands in the way of a file."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "f").write_text("old")
    work = tmp_path / "work"
    (work / "d").symlink_to(outside)
    (work / "f").symlink_to(outside / "f")
    (work / "full" / "deep").mkdir(parents=True)
    (work / "full" / "deep" / "x").write_text("x")
    (work / "full").chmod(0o500)

    for path in ("d/f", "f", "full"):
        put(files, path, b"new")

    assert (outside / "f").read_text() == "old"
    assert [(work / path).read_text() for path in ("d/f", "f", "full")] == ["new"] * 3


def test_a_locked_file_is_hashed_over_all_its_pieces(files: Files, tmp_path: Path):
    """Written in pieces, sealed, found unchanged; then changed, found changed."""
    files.write("work", "t/x", memoryview(b"one"), first=True, last=False, locked=True)
    files.write("work", "t/x", memoryview(b"two"), first=False, last=True, locked=True)
    put(files, "tool", b"t", place="tools", locked=True)
    files.seal()

    path = tmp_path / "work" / "t" / "x"
    assert (path.read_text(), path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (
        "onetwo",
        0o444,
        0o555,
    )
    assert files.tampered() == []
    files.unseal()
    path.chmod(0o644)
    path.write_text("onetwO")
    (tmp_path / "tools" / "tool").unlink()
    assert files.tampered() == ["t/x", str(tmp_path / "tools" / "tool")]
    (tmp_path / "work" / "t").rename(tmp_path / "work" / "u")
    files.seal()  # a folder that is gone is no trouble
    with pytest.raises(Refused, match="locked"):
        put(files, "t/x", b"draft")


def test_reading_is_bounded(files: Files):
    """A file that is larger than the limit is left out; an empty one is not."""
    put(files, "ten", bytes(10))
    put(files, "empty", b"")

    assert files.read("ten", 9) is None
    assert b"".join(files.read("ten", 10) or ()) == bytes(10)
    assert list(files.read("empty", 0) or ()) == []
    assert files.read("ten/x", 10) is None


def test_space_is_looked_at(tmp_path: Path):
    """Used, full, and whether a file has reached the limit."""
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "f").write_bytes(bytes(100))

    assert used_bytes(str(tmp_path)) > 0
    assert not is_full(str(tmp_path))
    assert has_file_of(100, str(tmp_path))
    assert not has_file_of(101, str(tmp_path))


def test_only_the_first_process_of_a_box_may_kill_all():
    """Anywhere else it would take the machine's other processes with it."""
    with pytest.raises(RuntimeError):
        kill_all()


@pytest.mark.parametrize(
    ("argv", "warm"),
    [
        (["python", "x.py"], True),
        (["python", "-m", "pytest", "-q"], True),
        (["python", "-I", "x.py"], True),
        (["python", "-m"], False),
        (["python", "-c", "1"], False),
        (["python", "-X", "dev", "x.py"], False),
        (["python"], False),
        (["ruff", "x.py"], False),
    ],
    ids=str,
)
def test_which_commands_can_be_forked(argv: list[str], warm: bool):
    """Only scripts and modules; everything else starts an interpreter of its own."""
    assert is_warm(argv) is warm
