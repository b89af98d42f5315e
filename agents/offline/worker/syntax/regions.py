"""The parts of a file that parse alone, so that a fault is looked for in the smallest that does not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from .errors import Broken, parse_error
from .masking import CLOSING, OPENING, lead, odd_triples, paired

_FURTHER = re.compile(r"(?:elif|else|except|finally|case)\b|[)\]}]")
_SURE = re.compile(r"(?:def|class|import|async|@\w|from\s+\S+\s+import|if __name__)\b|@\w")
_ABOVE = re.compile(r"indent|outside|not in loop|not properly in loop|binding for nonlocal")
_BELOW = re.compile(r"indented block|never closed|expected 'except'")
LONG = 25
"""Lines from which on the methods of a class are looked at one by one."""


@dataclass(frozen=True)
class Region:
    """Rows of a file that are mended by themselves."""

    first: int
    last: int
    """Lines of the file, from 1, both in the region."""
    header: str = ""
    """Rows to be parsed in front of them, for those that do not stand alone."""


def regions(text: str) -> list[Region]:
    """The parts that do not parse alone, from the top; the whole file where no parts can be told apart."""
    pairs = paired(text)
    everything = Region(1, max(1, len(pairs)))
    if odd_triples(text) or len(pairs) < 3:
        return [everything]
    found: list[Region] = []
    chunks = list(_chunks(pairs, 1, len(pairs), ""))
    for at, chunk in enumerate(chunks):
        broken = parse_error(_part(pairs, chunk))
        if broken is None:
            continue
        found += _within(pairs, chunk) or [_with_neighbours(pairs, chunks, at, broken)]
    merged: list[Region] = []
    for region in found:
        if merged and not region.header and not merged[-1].header and region.first <= merged[-1].last + 1:
            merged[-1] = Region(merged[-1].first, max(merged[-1].last, region.last))
        else:
            merged.append(region)
    if any(one.last >= other.first for one, other in pairwise(merged)):
        return [everything]
    return merged or [everything]


def _part(pairs: list[tuple[str, str]], region: Region) -> str:
    return region.header + "".join(row for row, _ in pairs[region.first - 1 : region.last])


def _chunks(pairs: list[tuple[str, str]], first: int, last: int, margin: str) -> Iterator[Region]:
    """The statements at one depth; a row that surely begins one does so even where a bracket is open."""
    depth, begin = 0, first
    header = "class _:\n" if margin else ""
    decorated = False
    for at in range(first, last + 1):
        row, code = pairs[at - 1]
        bare = code[len(margin) :]
        begins = code.startswith(margin) and bare[:1].strip() and not _FURTHER.match(bare)
        if begins and at > begin and row.lstrip()[0] != "#":
            if not decorated and (depth <= 0 or _SURE.match(bare)):
                yield Region(begin, at - 1, header)
                begin, depth = at, 0
            decorated = bare[0] == "@"
        elif begins:
            decorated = bare[0] == "@"
        depth += sum((c in OPENING) - (c in CLOSING) for c in code)
    yield Region(begin, last, header)


def _within(pairs: list[tuple[str, str]], chunk: Region) -> list[Region]:
    """The members of a long class that do not parse; none where the fault is not within a single one."""
    if chunk.header or chunk.last - chunk.first < LONG:
        return []
    head = next((at for at in range(chunk.first, chunk.last) if pairs[at - 1][1].startswith("class ")), 0)
    if not head or not pairs[head - 1][1].rstrip().endswith(":"):
        return []
    margin = next((lead(row) for row, code in pairs[head : chunk.last] if code.strip()), "")
    if not margin or parse_error(_part(pairs, Region(chunk.first, head)) + f"{margin}pass\n") is not None:
        return []
    members = list(_chunks(pairs, head + 1, chunk.last, margin))
    found = []
    for at, member in enumerate(members):
        broken = parse_error(_part(pairs, member))
        if broken is not None:
            shifted = Broken(broken.line - 1, broken.column, broken.message)
            if _ABOVE.search(broken.message) and (shifted.line <= 2 or at):
                return []
            found.append(_with_neighbours(pairs, members, at, shifted))
    if any(one.last >= other.first for one, other in pairwise(found)):
        return []
    return found


def _with_neighbours(pairs: list[tuple[str, str]], chunks: list[Region], at: int, broken: Broken) -> Region:
    """The chunk, with that above it where its beginning is at fault, and that below where its end is."""
    chunk = chunks[at]
    first, last = chunk.first, chunk.last
    code = [row for row, masked in pairs[chunk.first - 1 : chunk.last] if masked.strip()]
    early = broken.line <= 1 or _ABOVE.search(broken.message) is not None
    if (
        early
        and at
        and (
            _ABOVE.search(broken.message) or not re.match(r"\s*(?:def|class|@|import|from)\b", code[0] if code else "")
        )
    ):
        first = chunks[at - 1].first
        if at > 1 and "outside" in broken.message and chunks[at - 1].last - first < 3:
            first = _enclosing(pairs, chunks, at - 1)
    stopped = pairs[min(len(pairs), chunk.first - 1 + broken.line) - 1][1]
    if _FURTHER.match(stopped.strip()):
        # what it goes on from begins above, with rows between that fell out of it
        for earlier in reversed(chunks[max(0, at - 4) : at]):
            first = earlier.first
            if pairs[first - 1][1].rstrip().endswith(":"):
                break
    if _BELOW.search(broken.message) and at + 1 < len(chunks):
        last = chunks[at + 1].last
    return Region(first, last, chunk.header)


def _enclosing(pairs: list[tuple[str, str]], chunks: list[Region], at: int) -> int:
    """The first line of the nearest definition above, of which a row that fell out of it may be a part."""
    for chunk in reversed(chunks[max(0, at - 6) : at + 1]):
        if re.match(r"(?:async )?def |class |@", pairs[chunk.first - 1][1]):
            return chunk.first
    return chunks[at].first
