"""When each environment was asked for: the time of one empty file each."""

from __future__ import annotations

import contextlib
from pathlib import Path


class LastUse:
    """Kept in *folder*. One that cannot be written is no reason to refuse an environment that is there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def note(self, key: str) -> None:
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / key).touch()

    def of(self, key: str) -> float:
        """Seconds since 1970; 0 where nothing is known."""
        try:
            return (self._folder / key).stat().st_mtime
        except OSError:
            return 0.0

    def forget(self, key: str) -> None:
        with contextlib.suppress(OSError):
            (self._folder / key).unlink()
