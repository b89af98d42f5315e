"""One name of a project looked at, and read: never through a link that leads out, never what is no regular file."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from engine.domain import Value


class Entry(Value):
    """A file that may be read."""

    name: str
    path: Path
    real: Path
    """The file itself; differs from `path` where that is a link."""
    size: int


class LeftOut(Exception):
    """It is not read; the reason, in a few words."""


class Gone(LeftOut):
    """There is nothing under this name."""


class Looking:
    """Looks at names below one root."""

    def __init__(self, root: Path, names: frozenset[str]) -> None:
        """*names* are all that belong to the project: a link may stand for these and no others."""
        self._root = root
        self._names = names
        self._plain: dict[Path, bool] = {root: True}

    def look(self, name: str) -> Entry:
        """What is under *name*.

        Raises:
            LeftOut: It is nothing to read.
        """
        path = self._root / name
        if not self._is_plain(path.parent):
            raise LeftOut("it stands behind a link to a folder, or its folder cannot be read")
        try:
            found = path.lstat()
        except (FileNotFoundError, NotADirectoryError):
            raise Gone("it is gone") from None
        except OSError as error:
            raise LeftOut(error.strerror or "it cannot be looked at") from None
        real = path
        if stat.S_ISLNK(found.st_mode):
            real = self._behind(path)
            found = real.lstat()
        if not stat.S_ISREG(found.st_mode):
            raise LeftOut("no regular file")
        return Entry(name=name, path=path, real=real, size=found.st_size)

    def _behind(self, link: Path) -> Path:
        try:
            target = link.resolve(strict=True)
        except (OSError, RuntimeError):
            raise LeftOut("a link that leads nowhere") from None
        if not target.is_relative_to(self._root):
            raise LeftOut("a link that leads out of the project")
        if target.is_dir():
            raise LeftOut("a link to a folder")
        if target.relative_to(self._root).as_posix() not in self._names:
            raise LeftOut("a link to a file that is no part of the project")
        return target

    def _is_plain(self, folder: Path) -> bool:
        """Whether there is no link on the way from the root to *folder*."""
        if folder not in self._plain:
            try:
                mode = folder.lstat().st_mode
            except (FileNotFoundError, NotADirectoryError):
                return True  # what was in it is gone with it
            except OSError:
                return False
            self._plain[folder] = not stat.S_ISLNK(mode) and self._is_plain(folder.parent)
        return self._plain[folder]


def read(entry: Entry) -> bytes:
    """All bytes of *entry*, and no more than it had when it was looked at.

    Raises:
        LeftOut: It cannot be read, or is another file by now.
    """
    try:
        handle = os.open(entry.real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise LeftOut("no regular file")
            raw = file.read(entry.size + 1)
    except FileNotFoundError:
        raise Gone("it is gone") from None
    except OSError as error:
        raise LeftOut(f"it cannot be read: {error.strerror}") from None
    if len(raw) > entry.size:
        raise LeftOut("it grows while it is read")
    return raw
