"""The writable folders as they were, kept to be put back: each candidate finds what the first one found."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import stat
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

_MODIFIED, _ATTRIBUTES, _CLOSED = 0x2, 0x4, 0x8
_MOVED, _MADE, _GONE, _SELF = 0xC0, 0x100, 0x200, 0xC00
_WRITTEN = _MODIFIED | _ATTRIBUTES | _CLOSED | _MOVED | _MADE | _GONE | _SELF
_TICKS = 50_000_000
"""Nanoseconds that the kernel's clock for files may lag behind."""
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Entry:
    """One file, folder or link."""

    mode: int
    content: bytes = b""
    """A file's bytes or a link's target; nothing for the rest."""
    stamp: tuple[int, ...] = field(default=(), compare=False)
    """What no write leaves as it was, so that what has the same stamp need not be read again; see `_stamp`."""


class Folders:
    """What stands in some folders."""

    def __init__(self, roots: Iterable[Path], *, earlier: Folders | None = None) -> None:
        """Read everything below *roots*; those that do not exist are left alone.

        What is still as *earlier* had it, or has left it, is not read again.
        """
        self._here = Path.cwd()
        self._roots = [root for root in roots if root.is_dir()]
        known = earlier.kept if earlier is not None else {}
        self.kept: dict[Path, Entry] = {
            path: _entry(path, known.get(path)) for root in self._roots for path in _walk(root)
        }

    def restore(self) -> None:
        """Let everything be as it was kept; what cannot be put back is left as it is."""
        found = [path for root in self._roots for path in _walk(root)]
        for path in reversed(found):  # what is inside goes first
            if path not in self.kept or not _alike(path, self.kept[path]):
                _remove(path)
        for path, kept in self.kept.items():
            if not _same(path, kept):
                _make(path, kept)
                with contextlib.suppress(OSError):
                    self.kept[path] = Entry(kept.mode, kept.content, _stamp(path.lstat()))
        for path, kept in self.kept.items():
            if stat.S_ISDIR(kept.mode):
                _chmod(path, kept.mode)
        with contextlib.suppress(OSError):
            os.chdir(self._here)  # where it was moved, this process still stands in what was moved


class Watch:
    """Tells whether anything in the folders was written, at the price of one system call."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders
        self.fd = self._begin()

    def stirred(self) -> bool:
        """Whether something was written since the last call; always, where the kernel does not tell."""
        if self.fd < 0:
            return True
        try:
            return bool(os.read(self.fd, 65_536))
        except BlockingIOError:
            return False

    def put_back(self) -> None:
        """Restore the folders, and watch anew: a folder that was removed is watched no more."""
        if self.fd >= 0:
            os.close(self.fd)
        self._folders.restore()
        self.fd = self._begin()

    def _begin(self) -> int:
        fd = int(_libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
        if fd < 0:
            return -1
        for path, entry in self._folders.kept.items():
            if stat.S_ISDIR(entry.mode) and _libc.inotify_add_watch(fd, os.fsencode(path), _WRITTEN) < 0:
                os.close(fd)
                return -1
        return fd


def _walk(root: Path) -> Iterator[Path]:
    """Everything from *root* on, folders before what is in them."""
    todo = [root]
    while todo:
        path = todo.pop()
        yield path
        with contextlib.suppress(OSError):
            if stat.S_ISDIR(path.lstat().st_mode):
                todo += _inside(path)


def _inside(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except PermissionError:
        folder.chmod(stat.S_IRWXU)  # closed by a candidate
        return list(folder.iterdir())


def _entry(path: Path, known: Entry | None = None) -> Entry:
    now = path.lstat()
    mode, stamp = now.st_mode, _stamp(now)
    if known is not None and stamp and known.stamp == stamp:
        return known
    with contextlib.suppress(OSError):
        if stat.S_ISLNK(mode):
            return Entry(mode, os.fsencode(path.readlink()), stamp)
        if stat.S_ISREG(mode):
            return Entry(mode, path.read_bytes(), stamp)
    return Entry(mode, b"", stamp)


def _stamp(now: os.stat_result) -> tuple[int, ...]:
    """The kernel's own time of the last change, which only it can set, and what else would tell of one; nothing for what
    changed so lately that the clock would not show another change.
    """
    if abs(time.time_ns() - now.st_ctime_ns) < _TICKS:
        return ()
    return (now.st_mode, now.st_ino, now.st_dev, now.st_size, now.st_nlink, now.st_ctime_ns)


def _alike(path: Path, kept: Entry) -> bool:
    """Whether it is at least of the same kind."""
    try:
        return stat.S_IFMT(path.lstat().st_mode) == stat.S_IFMT(kept.mode)
    except OSError:
        return False


def _same(path: Path, kept: Entry) -> bool:
    try:
        now = path.lstat()
        if kept.stamp and kept.stamp == _stamp(now):
            return True
        if stat.S_ISREG(now.st_mode) and (now.st_size != len(kept.content) or now.st_nlink != 1):
            return False
        return _entry(path) == kept
    except OSError:
        return False


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError, RecursionError):
        _chmod(path.parent, stat.S_IRWXU)
        if stat.S_ISDIR(path.lstat().st_mode):
            shutil.rmtree(path)
        else:
            path.unlink()


def _make(path: Path, kept: Entry) -> None:
    """Make it anew, so that neither another name nor a read-only mode of what stands there matters."""
    with contextlib.suppress(OSError):
        if stat.S_ISDIR(kept.mode):
            path.mkdir(parents=True, exist_ok=True)
            return
        _chmod(path.parent, stat.S_IRWXU)
        path.unlink(missing_ok=True)
        if stat.S_ISLNK(kept.mode):
            path.symlink_to(os.fsdecode(kept.content))
        elif stat.S_ISREG(kept.mode):
            path.write_bytes(kept.content)
            _chmod(path, kept.mode)


def _chmod(path: Path, mode: int) -> None:
    with contextlib.suppress(OSError):
        path.chmod(stat.S_IMODE(mode))
