"""What keeps candidates from each other: the filter for signals, the folders that are put back, the board."""

from __future__ import annotations

import os
import struct

import pytest

from agents.offline.worker.board import DIED, RECORD, Board
from agents.offline.worker.fence import program
from agents.offline.worker.folders import Folders, Watch

ALLOW, REFUSE = 0x7FFF0000, 0x00050001


def verdict(code: bytes, *, architecture: int, call: int, second: int = 0) -> int:
    """What the kernel would make of one call: *code* is run as the kernel runs it."""
    data = struct.pack("=IIQ6Q", call, architecture, 0, 0, second, 0, 0, 0, 0)
    loaded, at = 0, 0
    while True:
        how, if_so, if_not, value = struct.unpack_from("=HBBI", code, at * 8)
        at += 1
        if how == 0x20:
            (loaded,) = struct.unpack_from("=I", data, value)
        elif how == 0x15:
            at += if_so if loaded == value else if_not
        elif how == 0x35:
            at += if_so if loaded >= value else if_not
        else:
            assert how == 0x06
            return value


X86, ARM = ("x86_64", 0xC000003E), ("aarch64", 0xC00000B7)


@pytest.mark.parametrize(
    ("machine", "call", "second", "expected"),
    [
        pytest.param(X86, 62, 0, REFUSE, id="kill"),
        pytest.param(X86, 424, 0, REFUSE, id="pidfd-send-signal"),
        pytest.param(X86, 0x40000000 + 62, 0, REFUSE, id="kill-by-its-second-number"),
        pytest.param(X86, 72, 8, REFUSE, id="own-a-descriptor-in-another-name"),
        pytest.param(X86, 72, 10, REFUSE, id="choose-the-signal-of-a-descriptor"),
        pytest.param(X86, 72, 1, ALLOW, id="flags-of-a-descriptor"),
        pytest.param(X86, 16, 0x8901, REFUSE, id="own-a-socket-in-another-name"),
        pytest.param(X86, 16, 0x5401, ALLOW, id="settings-of-a-terminal"),
        pytest.param(X86, 57, 8, ALLOW, id="fork"),
        pytest.param(X86, 1, 10, ALLOW, id="write"),
        pytest.param(ARM, 129, 0, REFUSE, id="kill-on-arm"),
        pytest.param(ARM, 25, 15, REFUSE, id="own-a-descriptor-on-arm"),
        pytest.param(ARM, 29, 0x8902, REFUSE, id="own-a-socket-on-arm"),
        pytest.param(ARM, 64, 0, ALLOW, id="write-on-arm"),
    ],
)
def test_nothing_that_signals_another_process_is_allowed(machine, call, second, expected):
    """All the ways in which a process of the same user could be ended are refused, and nothing beside them."""
    name, architecture = machine
    code = program(name)

    assert code is not None
    assert verdict(code, architecture=architecture, call=call, second=second) == expected


def test_calls_of_another_architecture_are_refused():
    """The numbers mean something else there."""
    code = program("x86_64")

    assert code is not None
    assert verdict(code, architecture=0x40000003, call=1) == REFUSE


def test_a_machine_whose_numbers_are_unknown_has_no_filter():
    """A filter for other numbers would refuse the wrong calls."""
    assert program("riscv64") is None


@pytest.fixture
def work(tmp_path):
    folder = tmp_path / "work"
    (folder / "inner").mkdir(parents=True)
    (folder / "m.py").write_text("x = 1\n")
    (folder / "inner" / "data.txt").write_text("data")
    (folder / "inner" / "link").symlink_to("data.txt")
    (folder / "m.py").chmod(0o444)
    return folder


def state(folder):
    return {
        path.relative_to(folder).as_posix(): (path.lstat().st_mode, path.is_file() and path.read_text())
        for path in folder.rglob("*")
    }


def change(work):
    (work / "m.py").unlink()
    (work / "m.py").write_text("x = 2\n")


def close_a_folder(work):
    (work / "inner" / "more").mkdir()
    (work / "inner").chmod(0)


def exchange_kinds(work):
    (work / "m.py").unlink()
    (work / "m.py").mkdir()
    (work / "inner" / "link").unlink()
    (work / "inner" / "link").write_text("a file")


def another_name(work):
    os.link(work / "inner" / "data.txt", work / "another")


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(change, id="a-file-of-the-same-length"),
        pytest.param(lambda work: (work / "new.py").write_text(""), id="a-new-file"),
        pytest.param(lambda work: (work / "deep" / "deeper").mkdir(parents=True), id="new-folders"),
        pytest.param(lambda work: (work / "inner").rename(work / "outer"), id="a-folder-moved"),
        pytest.param(lambda work: (work / "m.py").chmod(0o777), id="a-mode"),
        pytest.param(close_a_folder, id="a-closed-folder"),
        pytest.param(exchange_kinds, id="other-kinds"),
        pytest.param(another_name, id="a-second-name"),
    ],
)
def test_whatever_was_written_is_noticed_and_put_back(work, spoil):
    """Texts, kinds, modes and links are what they were, and what is new is gone."""
    before = state(work)
    watch = Watch(Folders([work]))

    spoil(work)
    noticed = watch.stirred()
    watch.put_back()

    assert noticed
    assert state(work) == before
    assert not watch.stirred()
    os.close(watch.fd)


def test_reading_alone_is_not_noticed(work):
    """The common case costs one system call."""
    watch = Watch(Folders([work]))

    (work / "inner" / "data.txt").read_text()

    assert not watch.stirred()
    os.close(watch.fd)


def test_where_the_kernel_does_not_tell_everything_counts_as_written(work):
    """Putting back is then done every time."""
    watch = Watch(Folders([work]))
    os.close(watch.fd)
    watch.fd = -1

    assert watch.stirred()


def test_a_board_blames_the_candidate_whose_end_nobody_wrote():
    """The next one to try is the one after it, and those that were written stay as they are."""
    board = Board(3)
    board.begin(0)
    board.end(0, 1, 2, 3, 0)
    board.begin(1)

    reached = board.reached(beyond=0)

    assert reached == 2
    assert list(board.records()) == [(1, 2, 3, 0), (DIED, 0, 0, 0), (0, 0, 0, 0)]
    assert RECORD.size == 8


def test_a_board_goes_on_even_where_nothing_was_begun():
    """A process that died before its first candidate costs that candidate, and does not come back for ever."""
    assert Board(2).reached(beyond=0) == 1
