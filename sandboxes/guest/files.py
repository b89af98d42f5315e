"""Files of a box: written, locked, checked and read back without ever following a link.

Everything here runs while no process of a command is alive, so what was looked at cannot change under our hands.
Locking is best effort against code of the same user, which may change any mode it likes: that is why locked files
are hashed again around every command.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Iterator

from .paths import why_unsafe

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Refused(Exception):
    """A request that cannot be met. *why* is one of ``path``, ``full``, ``locked``, ``missing``."""

    def __init__(self, why: str, what: str) -> None:
        super().__init__(why, what)
        self.why = why
        self.what = what


class Files:
    """The folders of one box, by place."""

    def __init__(self, places: dict[str, str]) -> None:
        self._places = places
        self._locked: dict[tuple[str, str], hashlib._Hash] = {}
        self._sealed: dict[tuple[str, str], None] = {}
        for folder in places.values():
            os.makedirs(folder, mode=0o755, exist_ok=True)

    def write(self, place: str, path: str, content: memoryview, *, first: bool, last: bool, locked: bool) -> None:
        """Write one piece of a file, in order. A link or a folder that stands in the way is removed."""
        reason = why_unsafe(path)
        if reason:
            raise Refused("path", f"{path!r} {reason}")
        if (place, path) in self._locked and not locked:
            raise Refused("locked", f"{path!r} is locked")
        try:
            self._write(place, path, content, first=first, last=last, locked=locked)
        except OSError as error:
            if error.errno in _FULL:
                raise Refused("full", f"{path!r} does not fit: {error.strerror}") from error
            raise Refused("path", f"{path!r} cannot be written: {error.strerror}") from error

    def _write(self, place: str, path: str, content: memoryview, *, first: bool, last: bool, locked: bool) -> None:
        *folders, name = path.split("/")
        parent = self._enter(place, folders, make=True, seal=locked)
        try:
            if first:
                _remove(name, parent)
            flags = os.O_CREAT | os.O_EXCL if first else os.O_APPEND
            file = os.open(name, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC | flags, 0o644, dir_fd=parent)
            try:
                if locked:
                    if first:
                        self._locked[place, path] = hashlib.sha256()
                    self._locked[place, path].update(content)
                while content:
                    content = content[os.write(file, content) :]
                if locked and last:
                    os.fchmod(file, 0o444)
            finally:
                os.close(file)
        finally:
            os.close(parent)

    def seal(self) -> None:
        """Make the folders that locked files brought with them read-only."""
        self._change_sealed(0o555)

    def unseal(self) -> None:
        """Let more files in; call `seal` when they are written."""
        self._change_sealed(0o755)

    def clear(self, top: str, also: tuple[str, ...], *, only: str | None) -> None:
        """Empty the folder *top*, in which all places are, and those of *also*, whatever their modes, make the places
        anew, and forget what was locked. With *only*, the place of this name alone.
        """
        if only is None:
            for folder in (top, *also):
                _empty(folder)
        else:
            _empty(self._places[only])
        for place, folder in self._places.items():
            if only in (None, place):
                os.makedirs(folder, mode=0o755, exist_ok=True)
        for table in (self._locked, self._sealed):
            for key in [key for key in table if only in (None, key[0])]:
                del table[key]

    def tampered(self) -> list[str]:
        """Locked files that are no longer the regular files they were; those of the tools by absolute path."""
        return [
            path if place == "work" else f"{self._places[place]}/{path}"
            for (place, path), digest in self._locked.items()
            if self._digest(place, path) != digest.digest()
        ]

    def read(self, path: str, limit: int) -> Iterator[bytes] | None:
        """Pieces of a regular file of the work folder; None where it is none, or larger than *limit* bytes."""
        if why_unsafe(path):
            return None
        file = self._open("work", path, limit)
        return None if file is None else _pieces(file, limit)

    def _open(self, place: str, path: str, limit: int) -> int | None:
        *folders, name = path.split("/")
        try:
            parent = self._enter(place, folders)
            try:
                # NONBLOCK: a pipe that was put in the place of a file must not make us wait for a writer
                file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=parent)
            finally:
                os.close(parent)
        except OSError:
            return None
        found = os.fstat(file)
        if stat.S_ISREG(found.st_mode) and found.st_size <= limit:
            return file
        os.close(file)
        return None

    def _digest(self, place: str, path: str) -> bytes | None:
        file = self._open(place, path, 1 << 62)
        if file is None:
            return None
        digest = hashlib.sha256()
        for piece in _pieces(file, 1 << 62):
            digest.update(piece)
        return digest.digest()

    def _enter(self, place: str, folders: list[str], *, make: bool = False, seal: bool = False) -> int:
        """A descriptor of the folder, reached without following a link."""
        here = os.open(self._places[place], _FOLDER)
        try:
            for depth, folder in enumerate(folders):
                if make and not _is_folder(folder, here):
                    _remove(folder, here)
                    os.mkdir(folder, 0o755, dir_fd=here)
                    if seal:
                        self._sealed[place, "/".join(folders[: depth + 1])] = None
                below = os.open(folder, _FOLDER, dir_fd=here)
                os.close(here)
                here = below
        except OSError:
            os.close(here)
            raise
        return here

    def _change_sealed(self, mode: int) -> None:
        for place, path in self._sealed:
            try:
                folder = self._enter(place, path.split("/"))
            except OSError:
                continue  # removed or replaced by a command; its locked files are reported as tampered
            os.fchmod(folder, mode)
            os.close(folder)


def used_bytes(folder: str) -> int:
    """Bytes in use on the file system of *folder*."""
    found = os.statvfs(folder)
    return (found.f_blocks - found.f_bfree) * found.f_frsize


def is_full(folder: str) -> bool:
    """Whether the file system of *folder* has no block or no inode left."""
    found = os.statvfs(folder)
    return found.f_bavail == 0 or (found.f_files > 0 and found.f_favail == 0)


def has_file_of(size: int, folder: str) -> bool:
    """Whether a regular file below *folder* has grown to *size* bytes, the limit of a single file."""
    for base, _, names in os.walk(folder):
        for name in names:
            try:
                found = os.lstat(os.path.join(base, name))
            except OSError:
                continue
            if stat.S_ISREG(found.st_mode) and found.st_size >= size:
                return True
    return False


def _empty(folder: str) -> None:
    # one that is closed even to us cannot be opened; /tmp and /dev/shm belong to somebody else
    with contextlib.suppress(OSError):
        os.chmod(folder, 0o755)
    try:
        here = os.open(folder, _FOLDER)
    except (FileNotFoundError, NotADirectoryError):
        # removed, or replaced by something else; a folder of this name has to be there
        with contextlib.suppress(FileNotFoundError):
            os.unlink(folder)
        os.mkdir(folder, 0o755)
        return
    try:
        with contextlib.suppress(OSError):  # not every file system has them
            for name in os.listxattr(here):
                os.removexattr(here, name)
        for entry in os.listdir(here):
            _remove(entry, here)
    finally:
        os.close(here)


def _is_folder(name: str, parent: int) -> bool:
    try:
        return stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return False


def _remove(name: str, parent: int) -> None:
    """Remove whatever *name* is, whole folders too."""
    if not _is_folder(name, parent):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name, dir_fd=parent)
        return
    # one that is closed even to us, its owner, cannot be opened to be emptied
    os.chmod(name, 0o755, dir_fd=parent)
    folder = os.open(name, _FOLDER, dir_fd=parent)
    try:
        for entry in os.listdir(folder):
            _remove(entry, folder)
    finally:
        os.close(folder)
    os.rmdir(name, dir_fd=parent)


def _pieces(file: int, limit: int) -> Iterator[bytes]:
    try:
        while limit > 0 and (piece := os.read(file, min(limit, 1 << 20))):
            limit -= len(piece)
            yield piece
    finally:
        os.close(file)
