"""A folder to write to that nothing stands in yet."""

from __future__ import annotations

from pathlib import Path

from engine.errors import BadInput


def new_folder(name: str | None) -> Path | None:
    """The folder that is named, which nothing stands in yet.

    Raises:
        BadInput: It is there, and holds something; known before anything is spent.
    """
    if name is None:
        return None
    folder = Path(name)
    try:
        taken = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as error:
        raise BadInput(f"{name!r} cannot be read: {error.strerror}", hint="give another folder to --out") from error
    if taken:
        raise BadInput(f"{name!r} is there, and is no empty folder", hint="nothing is written over: give a new one")
    return folder
