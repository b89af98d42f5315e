"""The listing of a project's files: every name while there is room, folders with their counts where there is not."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Collection


def listing(paths: Collection[str], limit: int) -> str:
    """All *paths*, one a line, in at most about *limit* characters: the deepest folders are folded first."""
    deepest = max((path.count("/") for path in paths), default=0)
    for depth in range(deepest, -1, -1):
        lines = _folded(paths, depth)
        text = "\n".join(lines)
        if len(text) <= limit:
            return text
    kept: list[str] = []
    room = limit - 40
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join([*kept, f"[... {len(lines) - len(kept)} more ...]"])


def _folded(paths: Collection[str], depth: int) -> list[str]:
    shown: list[str] = []
    folded: Counter[str] = Counter()
    for path in paths:
        pieces = path.split("/")
        if len(pieces) - 1 <= depth:
            shown.append(path)
        else:
            folded["/".join(pieces[: depth + 1]) + "/"] += 1
    counted = [f"{folder} ({count} file{'s' if count > 1 else ''})" for folder, count in folded.items()]
    return sorted([*shown, *counted], key=lambda line: (posixpath.dirname(line), line))


def inside(paths: Collection[str], folder: str) -> list[str]:
    """Names directly below *folder*, other folders with the count of their files; empty where there is no such folder."""
    folder = posixpath.normpath(folder).strip("/")
    start = "" if folder == "." else f"{folder}/"
    below = [path[len(start) :] for path in paths if path.startswith(start)]
    return _folded(below, 0)
