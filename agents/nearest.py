"""Where a text that a model searched for nearly is: told precisely, so that the next answer fits."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence

_MOST_LINES = 20_000
"""Lines of a file that are compared."""
_MOST_NEAR = 3_000
"""Different lines among which the nearest one is looked for by its letters."""
_SHOWN = 12
"""Lines that are shown."""
_WIDE = 160
_MOST_PLACES = 8
_MOST_NAMES = 20


def places_of(search: str, text: str) -> str:
    """The lines at which *search* begins in *text*, in words."""
    found: list[int] = []
    at = text.find(search)
    while at >= 0 and len(found) <= _MOST_PLACES:
        found.append(text.count("\n", 0, at) + 1)
        at = text.find(search, at + 1)
    shown = list(dict.fromkeys(found[:_MOST_PLACES]))
    more = " and more" if len(found) > _MOST_PLACES else ""
    return f"at line{'s' if len(shown) > 1 else ''} {', '.join(map(str, shown))}{more}"


def nearest_to(search: str, text: str) -> str:
    """The lines of *text* that are most like *search*, in words; empty where nothing is like it."""
    wanted = search.strip("\r\n").splitlines()
    lines = text.splitlines()[:_MOST_LINES]
    if not any(line.strip() for line in wanted) or not lines:
        return ""
    start, equal = _most_equal(wanted, lines)
    if equal == 0:
        return _nearest_line(wanted, lines)
    end = min(len(lines), start + len(wanted))
    shown = lines[start:end]
    if [line.split() for line in shown] == [line.split() for line in wanted]:
        how = "it differs in white space only from"
    else:
        how = "the nearest is"
    return f"{how} lines {start + 1}-{end}:\n{_shown(shown)}"


def names_like(path: str, known: Collection[str]) -> str:
    """Which files there are, in words: all of few, of many the nearest."""
    if len(known) <= _MOST_NAMES:
        return f"there are: {', '.join(repr(name) for name in sorted(known))}"
    base = path.rpartition("/")[2]
    same = [name for name in sorted(known) if name.rpartition("/")[2] == base]
    near = list(dict.fromkeys([*same, *difflib.get_close_matches(path, sorted(known)[:_MOST_LINES], n=5, cutoff=0.7)]))
    told = f"; nearest: {', '.join(repr(name) for name in near[:_MOST_PLACES])}" if near else ""
    return f"there are {len(known):,} files{told}"


def _most_equal(wanted: Sequence[str], lines: Sequence[str]) -> tuple[int, int]:
    """From which line on the most of *wanted* stand in *lines*, each at its place, and how many do."""
    places: dict[str, list[int]] = {}
    for number, line in enumerate(lines):
        if word := "".join(line.split()):
            places.setdefault(word, []).append(number)
    votes: dict[int, int] = {}
    for offset, line in enumerate(wanted):
        for number in places.get("".join(line.split()), ())[:_MOST_NEAR]:
            votes[number - offset] = votes.get(number - offset, 0) + 1
    if not votes:
        return 0, 0
    start = max(votes, key=lambda at: (votes[at], -at))
    return max(0, start), votes[start]


def _nearest_line(wanted: Sequence[str], lines: Sequence[str]) -> str:
    first = next(line.strip() for line in wanted if line.strip())
    numbers: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if line.strip() and len(numbers) < _MOST_NEAR:
            numbers.setdefault(line.strip()[:_WIDE], number)
    near = difflib.get_close_matches(first[:_WIDE], numbers, n=1, cutoff=0.6)
    return f"the nearest to its first line is line {numbers[near[0]]}:\n{near[0]}" if near else ""


def _shown(lines: Sequence[str]) -> str:
    kept = [line if len(line) <= _WIDE else f"{line[:_WIDE]} ..." for line in lines[:_SHOWN]]
    return "\n".join([*kept, *(["..."] if len(lines) > _SHOWN else [])])
