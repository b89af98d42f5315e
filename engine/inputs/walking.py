"""Which files a PATH names: everything below a folder but what nobody means, and never through a link that leads out."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from engine.errors import BadInput

IGNORED = frozenset({"__pycache__", "node_modules", "site-packages", "__pypackages__"})
"""Folders that nobody means; hidden ones, ``*.egg-info`` and virtual environments are ignored as well."""
MOST_ENTRIES = 20_000
"""Folder entries looked at below one PATH before it is taken for a slip, such as ``mendbox fix /``."""


def locate(given: str) -> tuple[Path, Path]:
    """The absolute path that *given* means, and the real file or folder behind it.

    Raises:
        BadInput: There is nothing there, or it is a link that leads out of its folder.
    """
    path = Path(given)
    if not given or "\0" in given:
        raise BadInput(f"{given!r} is no path")
    try:
        path = path.resolve() if path.name in {"", ".."} else path.parent.resolve() / path.name
        kind = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise BadInput(f"no such file or folder: {given!r}") from None
    except (OSError, RuntimeError) as error:
        raise BadInput(f"cannot look at {given!r}: {error}") from error
    return path, follow(path, inside=path.parent) if stat.S_ISLNK(kind) else path


def follow(link: Path, *, inside: Path) -> Path:
    """Where *link* leads.

    Raises:
        BadInput: It leads out of *inside*, to nothing, or round in a circle.
    """
    try:
        target = link.resolve(strict=True)
    except (OSError, RuntimeError):
        raise BadInput(f"{link.name!r} is a link that leads nowhere", hint=f"remove {str(link)!r}") from None
    if not target.is_relative_to(inside.resolve()):
        raise BadInput(f"{link.name!r} is a link that leads out of its folder", hint="name the file it stands for")
    return target


def walk(folder: Path, *, notes: list[str]) -> Iterator[tuple[Path, Path]]:
    """Every file below *folder*, in a stable order: its path there, and the real file behind it.

    A link to a file inside *folder* stands for that file; a link to a folder inside is left out with a note,
    because its files are met under their own names anyway.

    Raises:
        BadInput: A link leads out of *folder*, a folder cannot be read, or there is too much below it.
    """
    seen = 0
    folders = [folder]
    while folders:
        here = folders.pop()
        entries = _entries(here)
        if here != folder and any(entry.name == "pyvenv.cfg" for entry in entries):
            continue
        seen += len(entries)
        if seen > MOST_ENTRIES:
            raise BadInput(f"{str(folder)!r} holds more than {MOST_ENTRIES} files", hint="name the part that matters")
        inner: list[Path] = []
        for entry in filter(_meant, entries):
            path = here / entry.name
            if (odd := _odd(entry)) is not None:
                notes.append(f"left out {str(path)!r}: {odd}")
            elif entry.is_symlink():
                target = follow(path, inside=folder)
                if target.is_file():
                    yield path, target
                else:
                    notes.append(f"left out {str(path)!r}: a link to a folder")
            elif entry.is_dir():
                inner.append(path)
            else:
                yield path, path
        folders.extend(reversed(inner))


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as listing:
            return sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        raise BadInput(f"cannot read the folder {str(folder)!r}: {error.strerror}") from error


def _meant(entry: os.DirEntry[str]) -> bool:
    return not (entry.name.startswith(".") or entry.name in IGNORED or entry.name.endswith(".egg-info"))


def _odd(entry: os.DirEntry[str]) -> str | None:
    """Why *entry* is nothing to read."""
    if any(ord(sign) < 32 or 0x7F <= ord(sign) < 0xA0 or 0xD800 <= ord(sign) < 0xE000 for sign in entry.name):
        return "a name with control characters or no valid text"
    if entry.is_symlink() or entry.is_dir(follow_symlinks=False) or entry.is_file(follow_symlinks=False):
        return None
    return "no regular file"
