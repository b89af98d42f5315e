"""One file read: its text, the bytes it came from, and where they stand. Bounded in size, text only."""

from __future__ import annotations

from pathlib import Path

from engine.domain import Value
from engine.errors import BadInput
from engine.inputs.text import Undecodable, decode_source
from engine.inputs.walking import locate, walk

MOST_FILE_MIB = 1
"""Largest file that is read, MiB."""
MOST_TOTAL_MIB = 16
"""Largest set of files that is read, MiB."""
MOST_FILES = 2_000
"""Largest number of files that is read."""
MIB = 1024 * 1024
SNIFFED = 8_192
PYTHON = (".py", ".pyi")


class Found(Value):
    """One file, as it was when it was read."""

    base: Path
    """The folder that was named, or the one in which the named file stands."""
    path: Path
    """Where it was met: always below `base`."""
    real: Path
    """The file itself; differs from `path` where that is a link."""
    whole_folder: bool
    """Whether its folder was named, rather than the file."""
    raw: bytes
    text: str

    @property
    def name(self) -> str:
        """Path below `base`, with slashes."""
        return self.path.relative_to(self.base).as_posix()

    @property
    def python(self) -> bool:
        return self.path.suffix in PYTHON


class Reading:
    """Reads PATHs one after the other within one bound; `notes` say what was left out and why."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self._bytes = 0
        self._files = 0

    def read(self, given: str) -> list[Found]:
        """Every text file that *given* names.

        Raises:
            BadInput: One line that says what is wrong with which path.
        """
        path, real = locate(given)
        if real.is_dir():
            below = [self._read(real, at, file, whole_folder=True) for at, file in walk(real, notes=self.notes)]
            return [file for file in below if file is not None]
        if not real.is_file():
            raise BadInput(f"{given!r} is no regular file")
        one = self._read(path.parent, path, real, whole_folder=False)
        return [one] if one else []

    def _read(self, base: Path, path: Path, real: Path, *, whole_folder: bool) -> Found | None:
        """The file, or None where it is binary and only its folder was named."""
        try:
            with real.open("rb") as opened:
                head = opened.read(SNIFFED)
                size = real.stat().st_size
                binary = b"\0" in head or (path.suffix not in PYTHON and not _text_so_far(head))
                if binary and whole_folder:
                    self.notes.append(f"left out {str(path)!r}: a binary file")
                    return None
                if size > MOST_FILE_MIB * MIB:
                    raise BadInput(
                        f"{str(path)!r} is too large: {size / MIB:.1f} MiB, at most {MOST_FILE_MIB} MiB are read",
                        hint="name only the files that matter",
                    )
                raw = head + opened.read(MOST_FILE_MIB * MIB)
        except OSError as error:
            raise BadInput(f"cannot read {str(path)!r}: {error.strerror}") from error
        if binary or b"\0" in raw:
            raise BadInput(f"{str(path)!r} is a binary file, not Python source")
        self._count(len(raw))
        return Found(base=base, path=path, real=real, whole_folder=whole_folder, raw=raw, text=_decode(path, raw))

    def _count(self, size: int) -> None:
        self._bytes += size
        self._files += 1
        if self._bytes > MOST_TOTAL_MIB * MIB:
            raise BadInput(f"more than {MOST_TOTAL_MIB} MiB in all", hint="name only the files that matter")
        if self._files > MOST_FILES:
            raise BadInput(f"more than {MOST_FILES} files in all", hint="name only the files that matter")


def _text_so_far(head: bytes) -> bool:
    try:
        head.decode()
    except UnicodeDecodeError as error:
        # A character may be cut at the end of what was looked at.
        return len(head) == SNIFFED and error.start > SNIFFED - 4
    return True


def _decode(path: Path, raw: bytes) -> str:
    try:
        return decode_source(raw) if path.suffix in PYTHON else raw.decode()
    except Undecodable as error:
        raise BadInput(f"{str(path)!r} cannot be decoded: {error}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{str(path)!r} is no UTF-8 text: see byte {error.start}") from error
