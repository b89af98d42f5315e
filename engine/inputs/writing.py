"""Writing mended files back to where they came from: all of it or nothing, and never over somebody's newer work."""

from __future__ import annotations

import os
import signal
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from engine.domain import Value
from engine.inputs.files import Found
from engine.inputs.text import encode_like, encode_source

NEW_FILE_MODE = 0o644


class NotApplied(Exception):
    """Nothing was written; what had been begun was put back."""


class _Change(Value):
    """One file to be written, or removed where `after` is None."""

    name: str
    path: Path
    before: bytes | None
    """What was read from it; None for a new file."""
    after: bytes | None
    ready: Path | None = None
    """A whole copy of `after` beside it, to be moved in place."""
    kept: Path | None = None
    """Another name beside it for the file that was there."""


def write(
    before: Mapping[str, str], after: Mapping[str, str], origins: Mapping[str, Found], *, root: Path
) -> tuple[str, ...]:
    """Write what is another in *after* than in *before* to where it came from, new files below *root*; the names
    of what was written.

    Each file is replaced in one step and keeps its mode, its owner as far as allowed, its byte order mark and the
    line ends of lines that did not change.

    Raises:
        NotApplied: A file is not as it was read, or stands outside the root, or could not be written.
    """
    changes = _changes(before, after, origins, root)
    made: list[Path] = []
    ready: list[_Change] = []
    done: list[_Change] = []
    with _undisturbed():
        try:
            for change in changes:
                _require_as_read(change)
                ready.append(_prepare(change, made))
            for change in ready:
                _require_as_read(change)
                done.append(change)
                _move_in_place(change)
        except (OSError, NotApplied) as error:
            _put_back(done)
            _clear_away(ready)
            for folder in reversed(made):
                with suppress(OSError):
                    folder.rmdir()
            if isinstance(error, OSError):
                raise NotApplied(f"{error.filename!r} cannot be written: {error.strerror}") from error
            raise
        _clear_away(ready)
    return tuple(change.name for change in changes)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Signals wait until all is written, or put back: it takes milliseconds."""
    were = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, were)


def _changes(
    before: Mapping[str, str], after: Mapping[str, str], origins: Mapping[str, Found], root: Path
) -> list[_Change]:
    changes: dict[Path, _Change] = {}
    for name in sorted({*before, *after}):
        if before.get(name) == after.get(name):
            continue
        origin, text = origins.get(name), after.get(name)
        if origin is None:
            path, raw = _inside(root, name), None
        else:
            path, raw = origin.real, origin.raw
        new = None if text is None else _encode(name, raw, text)
        if path in changes and changes[path].after != new:
            raise NotApplied(f"{name!r} and {changes[path].name!r} are one file, and were mended differently")
        changes[path] = _Change(name=name, path=path, before=raw, after=new)
    return list(changes.values())


def _encode(name: str, raw: bytes | None, text: str) -> bytes:
    if not name.endswith((".py", ".pyi")):
        return text.encode()
    return encode_source(text) if raw is None else encode_like(raw, text)


def _inside(root: Path, name: str) -> Path:
    path = root / name
    if not path.parent.resolve().is_relative_to(root.resolve()) or ".." in path.parts:
        raise NotApplied(f"{name!r} would be written outside {str(root)!r}")
    return path


def _require_as_read(change: _Change) -> None:
    if change.before is None:
        if os.path.lexists(change.path):
            raise NotApplied(f"{str(change.path)!r} is new in the mended program, and exists already")
    elif change.path.is_symlink() or not change.path.is_file() or change.path.read_bytes() != change.before:
        raise NotApplied(f"{str(change.path)!r} was changed since it was read; run it again")


def _prepare(change: _Change, made: list[Path]) -> _Change:
    """Lay what will be moved beside its place, and what was there too: putting it back then needs no space."""
    for parent in reversed([change.path.parent, *change.path.parent.parents]):
        if not parent.exists():
            parent.mkdir()
            made.append(parent)
    kept = None if change.before is None else _keep(change.path, change.before)
    try:
        ready = None if change.after is None else _write_beside(change.path, change.after)
    except OSError:
        if kept:
            kept.unlink()
        raise
    return change.model_copy(update={"ready": ready, "kept": kept})


def _keep(path: Path, content: bytes) -> Path:
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".before", dir=path.parent)
    os.close(handle)
    kept = Path(name)
    kept.unlink()
    try:
        kept.hardlink_to(path)
    except OSError:
        # Not every file system has hard links.
        return _write_beside(path, content)
    return kept


def _write_beside(path: Path, content: bytes) -> Path:
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".mendbox", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            if path.exists():
                was = path.stat()
                os.fchmod(file.fileno(), stat.S_IMODE(was.st_mode))
                with suppress(PermissionError):
                    os.fchown(file.fileno(), was.st_uid, was.st_gid)
            else:
                os.fchmod(file.fileno(), NEW_FILE_MODE)
    except OSError as error:
        # a disk that is full names no file
        Path(name).unlink()
        raise OSError(error.errno, error.strerror, str(path)) from error
    return Path(name)


def _move_in_place(change: _Change) -> None:
    if change.ready is None:
        change.path.unlink()
    else:
        change.ready.replace(change.path)


def _put_back(done: list[_Change]) -> None:
    for change in reversed(done):
        if change.kept is not None:
            # Nothing happens where the kept name is still the same file.
            os.replace(change.kept, change.path)  # noqa: PTH105
        elif change.ready is not None and not change.ready.exists():
            change.path.unlink()


def _clear_away(ready: list[_Change]) -> None:
    for change in ready:
        for path in (change.ready, change.kept):
            if path is not None:
                path.unlink(missing_ok=True)
