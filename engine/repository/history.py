"""What was done last to some files, as git tells: data for an author, written by whoever made the commits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.domain import Value
from engine.repository.git import Git, GitFailed, in_work_tree

MOST_SUBJECT = 200
"""Characters of a subject that are kept."""
MOST_PATHS = 50
"""Paths of one commit that are kept."""


class Commit(Value):
    """One commit, as far as it tells what was being done."""

    id: str
    subject: str
    date: str
    """ISO 8601, as its author's clock was."""
    paths: tuple[str, ...] = ()
    """What it changed, relative to the folder that was asked about."""


def history(root: Path, paths: Sequence[str] = (), most: int = 20) -> tuple[Commit, ...]:
    """The last commits, newest first, that changed one of *paths* below *root*; of all its files where none is named.

    None outside a git work tree, and none where git cannot tell.
    """
    if not in_work_tree(root):
        return ()
    try:
        told = Git(root).ask(
            "log",
            f"--max-count={most}",
            "--no-merges",
            "--no-renames",
            "--no-ext-diff",
            "--no-textconv",
            "--no-show-signature",
            "--no-decorate",
            "--no-mailmap",
            "--relative",
            "--name-only",
            "-z",
            "--format=%x01%H%x02%aI%x02%s",
            "--",
            *paths,
        )
    except GitFailed:
        return ()
    return tuple(commit for commit in map(_commit, told.split(b"\x01")) if commit is not None)


def _commit(piece: bytes) -> Commit | None:
    head, _, rest = piece.decode("utf-8", "replace").partition("\0")
    parts = head.strip("\n").split("\x02")
    if len(parts) != 3:
        return None
    names = [name.strip("\n") for name in rest.split("\0")]
    return Commit(
        id=parts[0],
        date=parts[1],
        subject=parts[2][:MOST_SUBJECT],
        paths=tuple(name for name in names if name)[:MOST_PATHS],
    )
