"""Writing a mended project back: only to a work tree that is as it was read, all of it or nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from engine.domain import sha256
from engine.errors import BadInput
from engine.inputs.writing import NotApplied, write
from engine.repository.entries import LeftOut, Looking, read
from engine.repository.project import Project
from engine.repository.tracked import list_project

__all__ = ["NotApplied", "apply"]

MOST_NAMED = 3
"""Files that a refusal names."""


def apply(project: Project, after: Mapping[str, str]) -> tuple[str, ...]:
    """Write what is another in *after* than in the project's files to its work tree; the names of what was written.

    Raises:
        NotApplied: Something that the verdicts rest on is not as it was read, or could not be written. Nothing was.
    """
    _require_unchanged(project)
    _require_writable(project, after)
    return write(project.files, after, project.origins, root=project.root)


def _require_unchanged(project: Project) -> None:
    """By reading again: times and sizes may stay where contents do not."""
    try:
        listing = list_project(project.root)
    except BadInput as error:
        raise NotApplied(str(error)) from None
    if listing.commit != project.commit:
        raise NotApplied(
            f"{project.commit[:12] or 'no commit'} was checked out when the project was read, and "
            f"{listing.commit[:12] or 'none'} is now; run it again"
        )
    looking = Looking(project.root, frozenset(listing.names))
    changed = [name for name, digest in project.seen.items() if _digest(looking, name) != digest]
    if changed:
        raise NotApplied(f"{_shown(changed)} changed since the project was read; run it again")
    if listing.digest != project.listing:
        raise NotApplied("files came or went since the project was read; run it again")


def _digest(looking: Looking, name: str) -> str:
    try:
        return sha256(read(looking.look(name)))
    except LeftOut:
        return ""


def _require_writable(project: Project, after: Mapping[str, str]) -> None:
    """Say it in one line, before anything is begun, where the tree is read-only."""
    changed = [name for name in sorted({*project.files, *after}) if project.files.get(name) != after.get(name)]
    for name in changed:
        origin = project.origins.get(name)
        folder = origin.real.parent if origin else (project.root / name).parent
        while not folder.exists():
            folder = folder.parent
        if origin is None and not _is_plain(folder, project.root):
            raise NotApplied(f"{name!r} would be written through a link to another folder")
        if not os.access(folder, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
            raise NotApplied(f"{name!r} cannot be written: the folder {str(folder)!r} is read-only")


def _is_plain(folder: Path, root: Path) -> bool:
    return folder.resolve() == folder and folder.is_relative_to(root)


def _shown(names: list[str]) -> str:
    few = ", ".join(repr(name) for name in names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return f"{few} and {more} more files" if more > 0 else few
