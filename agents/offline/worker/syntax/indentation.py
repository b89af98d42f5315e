"""Rows and blocks at another depth, and blocks that are empty."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .fault import HEADS, TextEdit, Whole
from .masking import lead

_FURTHER = frozenset(("else", "elif", "except", "finally", "case"))
_OUTSIDE = re.compile(r"indent|outside|not in loop|not properly in loop|expected 'except'|unreachable|default 'except'")
MOST_ROWS = 12
"""Rows that are moved together."""


def edits(whole: Whole) -> Iterator[TextEdit]:
    word = re.match(r"\s*(\w*)", whole.code[whole.number - 1])
    told = _OUTSIDE.search(whole.broken.message) is not None or (word is not None and word.group(1) in _FURTHER)
    base = 0.0 if told else 2.2
    if any("\t" in lead(row) for row in whole.rows):
        yield from tabs(whole, base)
    above = whole.above(whole.number)
    yield from _moved(whole, whole.number, base)
    if above:
        yield from _moved(whole, above, base + 0.6)
        yield from _raised(whole, above, base + 0.6)
    for line in whole.broken.named:
        if "expected an indented block" in whole.broken.message and line not in (above, whole.number):
            yield from _moved(whole, line, base + 1.0)
    if told and above:
        higher = whole.above(above)
        if higher:
            yield from _moved(whole, higher, base + 1.6, alone=True)
    if whole.below(whole.number) and not told:
        yield from _moved(whole, whole.below(whole.number), base + 1.5, alone=True)
    yield from _empty(whole)


def tabs(whole: Whole, base: float) -> Iterator[TextEdit]:
    for width in (4, 8):
        flat = [row.expandtabs(width) if row[:1].isspace() and row.strip() else row for row in whole.rows]
        yield TextEdit("".join(flat), f"line {whole.number}: tabs as blanks", base + (width == 8) * 0.2, whole.number)
    for at in (whole.number, whole.above(whole.number)):
        if at and "\t" in lead(whole.rows[at - 1]):
            deeper = whole.rows[at - 1].replace("\t", "    ", 1)
            yield TextEdit(whole.replaced(at, at, [deeper]), f"line {at}: a tab as blanks", base + 0.1, at)


def _levels(whole: Whole, at: int) -> dict[str, float]:
    """Depths at which the line could stand, and how unlikely each is by itself."""
    levels: dict[str, float] = {}
    depth, line = 10_000, at
    # the blocks around the line, from the innermost to the file
    while depth and (line := whole.above(line)):
        here = lead(whole.rows[line - 1])
        if len(here) < depth:
            depth = len(here)
            levels.setdefault(here, 0.0)
            opens = whole.code[line - 1].rstrip().endswith(":")
            if opens:
                levels[here + ("\t" if "\t" in here else "    ")] = -0.3 if line == whole.above(at) else 0.3
    below = whole.below(at)
    if below:
        levels.setdefault(lead(whole.rows[below - 1]), 0.3)
    levels.setdefault("", 0.5)
    above = whole.above(at)
    if above and whole.code[above - 1].rstrip().endswith(":"):
        head = lead(whole.rows[above - 1])
        levels = {level: bits + (1.5 if len(level) <= len(head) else 0.0) for level, bits in levels.items()}
    if below and _opens(whole, at):
        # its block follows
        inner = lead(whole.rows[below - 1])
        levels = {level: bits + (1.5 if len(level) >= len(inner) else 0.0) for level, bits in levels.items()}
    return levels


def _opens(whole: Whole, at: int) -> bool:
    word = re.match(r"\s*(\w*)", whole.code[at - 1])
    return word is not None and word.group(1) in HEADS


def _block_end(whole: Whole, at: int) -> int:
    """The last line of the rows from *at* on that are as deep or deeper."""
    own = len(lead(whole.rows[at - 1]))
    end = last = at
    while end < len(whole.rows):
        row = whole.rows[end]
        if whole.code[end].strip():
            if len(lead(row)) < max(1, own):
                break
            last = end + 1
        end += 1
    return last


def _moved(whole: Whole, at: int, base: float, *, alone: bool = False) -> Iterator[TextEdit]:
    row = whole.rows[at - 1]
    own = lead(row)
    if not row.strip():
        return
    end = _block_end(whole, at)
    deeper = at
    while deeper < end and (len(lead(whole.rows[deeper])) > len(own) or not whole.rows[deeper].strip()):
        deeper += 1
    for level, unlikely in _levels(whole, at).items():
        if level == own:
            continue
        bits = base + max(0.0, 0.5 + unlikely + min(1.0, 0.08 * abs(len(level) - len(own))))
        one = whole.replaced(at, at, [level + row.lstrip()])
        yield TextEdit(one, f"line {at}: indentation", bits, at)
        ends = {end, deeper}
        if not alone:
            ends |= set(range(at + 1, min(end, at + MOST_ROWS) + 1))
        for last in sorted(ends - {at}):
            rows = [_reindent(line, own, level) for line in whole.rows[at - 1 : last]]
            far = 0.2 if last in (end, deeper) else 0.8 + 0.1 * (last - at)
            yield TextEdit(whole.replaced(at, last, rows), f"line {at}: indentation of the block", bits + far, at)


def _raised(whole: Whole, last: int, base: float) -> Iterator[TextEdit]:
    """Rows that end at *last*, moved to where the row at which Python stopped stands or belongs."""
    here = lead(whole.rows[whole.number - 1])
    word = re.match(r"\s*(\w*)", whole.code[whole.number - 1])
    further = word is not None and word.group(1) in _FURTHER
    targets = [here + "    "] if further else [here]
    first = last
    for count in range(1, 7):
        own = lead(whole.rows[first - 1])
        for target in targets:
            if own != target:
                rows = [_reindent(line, own, target) for line in whole.rows[first - 1 : last]]
                bits = base + 0.5 + 0.3 * count
                text = whole.replaced(first, last, rows)
                yield TextEdit(text, f"line {first}: indentation of the block", bits, first)
        first = whole.above(first)
        if not first:
            return


def _empty(whole: Whole) -> Iterator[TextEdit]:
    """A head without a block gets one that does nothing."""
    for line in whole.broken.named:
        if "expected an indented block" not in whole.broken.message or line > len(whole.rows):
            continue
        head = whole.rows[line - 1]
        inner = f"{lead(head)}    pass\n"
        ended = whole.number if whole.code[whole.number - 1].strip() and whole.number > line else whole.number + 1
        # a head at the end of the file may lack its own line end
        before = whole.rows[: ended - 1]
        if before and not before[-1].endswith("\n"):
            before = [*before[:-1], before[-1] + "\n"]
        text = "".join([*before, inner, *whole.rows[ended - 1 :]])
        yield TextEdit(text, f"line {ended}: empty block", 2.0, ended)
        yield TextEdit(whole.replaced(line, line, []), f"line {line}: head without a block", 2.6, line)


def _reindent(line: str, own: str, level: str) -> str:
    if not line.strip():
        return line
    if line.startswith(own):
        return level + line[len(own) :]
    return level[: max(0, len(level) - len(own) + len(lead(line)))] + line.lstrip()
