"""Reads, listings and searches, answered from the texts of a brief: no disk, no box, and no path outside of them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from itertools import islice

from agents.context.tree import inside
from agents.looking.matching import BadPattern, Hit, find_pattern
from agents.looking.requests import LONGEST_PATTERN, List, Read, Search
from agents.nearest import names_like

LONGEST_READ = 16_000
"""Characters of one read; what is cut is told by its lines."""
MOST_HITS = 60
MOST_LISTED = 300
_WIDE = 240
"""Characters of a line that a search shows."""


def read(request: Read, texts: Mapping[str, str]) -> str:
    """The lines of one file, or why there are none."""
    path = _plain(request.path)
    if path is None:
        return _outside(request.path)
    if path not in texts:
        return f"There is no such file ({names_like(path, texts)})."
    lines = texts[path].splitlines(keepends=True)
    first = max(1, request.first or 1)
    last = min(len(lines), request.last if request.last is not None else len(lines))
    if first > last:
        return f"There are no such lines: the file has {len(lines)}."
    shown: list[str] = []
    left = LONGEST_READ
    for line in lines[first - 1 : last]:
        left -= len(line)
        if left < 0:
            break
        shown.append(line)
    if not shown:
        return f"{lines[first - 1][:LONGEST_READ]}\n[... line {first} goes on ...]"
    end = first + len(shown) - 1
    head = f"lines {first}-{end} of {len(lines)}:\n"
    rest = f"[... cut: ask for line {end + 1} and on ...]" if end < last else ""
    return head + "".join(shown) + rest


def list_folder(request: List, texts: Mapping[str, str]) -> str:
    """What is directly in a folder."""
    path = _plain(request.path or ".")
    if path is None:
        return _outside(request.path)
    found = inside(texts, path)
    if not found:
        return "There is no such folder."
    more = [f"[... {len(found) - MOST_LISTED} more ...]"] if len(found) > MOST_LISTED else []
    return "\n".join([*found[:MOST_LISTED], *more])


async def search(request: Search, texts: Mapping[str, str]) -> str:
    """Where a text occurs, or a regular expression matches, a line each."""
    under = _plain(request.under or ".")
    if under is None:
        return _outside(request.under)
    if not request.text or len(request.text) > LONGEST_PATTERN:
        return f"What is searched for must have 1 to {LONGEST_PATTERN} characters."
    among = {path: text for path, text in sorted(texts.items()) if under in {".", path} or path.startswith(f"{under}/")}
    if not among:
        return f"There is nothing under that path ({names_like(under, texts)})."
    if request.regex:
        try:
            hits = await find_pattern(request.text, among, most=MOST_HITS + 1)
        except BadPattern as error:
            return f"{error}."
    else:
        hits = tuple(islice(_literal(request.text, among), MOST_HITS + 1))
    if not hits:
        return f"Found nowhere in {len(among):,} file{'s' if len(among) > 1 else ''}."
    shown = [f"{hit.path}:{hit.line}: {_line(among[hit.path], hit.line)}" for hit in hits[:MOST_HITS]]
    return "\n".join([*shown, *(["[... more: search for less, or under a path ...]"] if len(hits) > MOST_HITS else [])])


def _literal(wanted: str, texts: Mapping[str, str]) -> Iterator[Hit]:
    for path, text in texts.items():
        at, counted, line = text.find(wanted), 0, 1
        while at >= 0:
            line += text.count("\n", counted, at)
            counted = at
            yield Hit(path=path, line=line)
            end = text.find("\n", at)
            at = text.find(wanted, end) if end >= 0 else -1


def _line(text: str, number: int) -> str:
    lines = text.split("\n", number)
    line = lines[number - 1].strip() if number <= len(lines) else ""
    return line if len(line) <= _WIDE else f"{line[:_WIDE]} ..."


def _plain(path: str) -> str | None:
    """*path* in its shortest form; None where it leaves the project, or could be read in two ways."""
    if not path or path.startswith(("/", "~")) or "\\" in path or "\0" in path:
        return None
    plain = posixpath.normpath(path)
    return None if plain == ".." or plain.startswith("../") else plain


def is_inside(path: str) -> bool:
    """Whether *path* is one of the project's, whether or not there is such a file, in its shortest form."""
    return _plain(path) == path and path != "."


def _outside(path: str) -> str:
    return f"{path[:200]!r} is no path in the project: paths are relative to its root, and nothing else can be seen."
