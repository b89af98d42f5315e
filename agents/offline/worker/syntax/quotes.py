"""Quotes too many, too few, or of another kind."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .fault import RowEdit, Spot, TextEdit, Whole

_TRAILING = frozenset((")", "):", "]", "]:", ",", "}", ":", "))", "))", "),", "],", "},", "", "})", "])", "):"))
_MARKS = ('"""', "'''")


def edits(spot: Spot) -> Iterator[RowEdit]:
    row = spot.row
    for quote in ("'", '"'):
        if row.count(quote) % 2:
            yield from _odd(spot, quote)
    yield from _inner(spot)
    for mark in _MARKS:
        if row.rstrip().endswith(mark[:2]) and not row.rstrip().endswith(mark):
            yield RowEdit(row.rstrip() + mark[0], f"missing {mark[0]}", 1.0)
        if row.lstrip().startswith(mark[:2]) and not row.lstrip().startswith(mark):
            yield RowEdit(f"{spot.indent}{mark[0]}{row.lstrip()}", f"missing {mark[0]}", 1.0)


def _odd(spot: Spot, quote: str) -> Iterator[RowEdit]:
    row = spot.row
    other = '"' if quote == "'" else "'"
    marks = [found.start() for found in re.finditer(quote, row)]
    for at in marks:
        yield RowEdit(spot.cut(at, at + 1, other), f"{quote} → {other}", 0.8 if row.count(other) % 2 else 1.5)
        yield RowEdit(spot.cut(at, at + 1), f"{quote} too many", 1.8)
        if 0 < at < len(row) - 1 and row[at - 1].isalpha() and row[at + 1].isalpha():
            yield RowEdit(spot.cut(at, at, "\\"), f"{quote} is text", 0.3)
    for at in sorted({m.end() for m in re.finditer(r"\w+|[^\w\s]", row)}, reverse=True):
        if at and row[at - 1] in "([{" and len(marks) == 1 and at != marks[0] + 1:
            continue
        rest = row[at:].strip()
        if rest in _TRAILING:
            bits = 0.5
        elif rest[:1] in ",:)]}" or re.match(r"(?:in|if|else|for|and|or|not|is)\b|[%+=]", rest):
            bits = 1.0
        else:
            bits = 2.0
        # a string hardly ends with a sign that belongs to the code after it, or begins there
        bits += 0.6 if row[:at].endswith((",", ")", "]", "}", ":", "(")) and rest in ("", ":", ")") else 0.0
        yield RowEdit(spot.cut(at, at, quote), f"missing {quote}", bits)
    for at in sorted({m.start() for m in re.finditer(r"\w+|[^\w\s]", row)}):
        before = row[:at].rstrip()
        fits = before[-1:] in "([{,=:+" or re.search(r"\b(?:in|return|else|if|and|or|print)$|\b[fbr]$", before)
        yield RowEdit(spot.cut(at, at, quote), f"missing {quote}", 1.0 if fits else 2.5)
    for found in re.finditer(r"\b[rbfu](?=\w)", row):
        yield RowEdit(spot.cut(found.end(), found.end(), quote), f"missing {quote}", 1.8)


def _inner(spot: Spot) -> Iterator[RowEdit]:
    """Text that has a quote in it."""
    for quote, other in (("'", '"'), ('"', "'")):
        marks = [found.start() for found in re.finditer(quote, spot.row)]
        if len(marks) < 3:
            continue
        for at in marks[1:-1]:
            yield RowEdit(spot.cut(at, at, "\\"), f"{quote} is text", 1.2)
        for start, end in ((0, -1), (0, 2), (-3, -1), (1, -1), (0, -2)):
            if len(marks) < 3 or marks[start] >= marks[end]:
                continue
            inside = spot.row[marks[start] + 1 : marks[end]]
            if other not in inside and quote in inside:
                new = spot.row[: marks[start]] + other + inside + other + spot.row[marks[end] + 1 :]
                yield RowEdit(new, "other quotes", 1.0)
        for at in (marks[1], marks[-2]):
            pair = spot.row[at : at + 2] == quote * 2
            if pair:
                yield RowEdit(spot.cut(at, at + 1), f"{quote} too many", 1.5)


def over_rows(whole: Whole) -> Iterator[TextEdit]:
    """Strings of three quotes that nothing closes, or whose halves are the wrong way round."""
    for mark in _MARKS:
        lines = [at for at, row in enumerate(whole.rows, start=1) if mark in row]
        if sum(row.count(mark) for row in whole.rows) % 2 == 0:
            continue
        for rank, line in enumerate(reversed(lines[-12:])):
            yield from _closed(whole, line, mark, 0.15 * rank)


def _closed(whole: Whole, line: int, mark: str, base: float) -> Iterator[TextEdit]:
    """The string that begins in *line*, ended there or in one of the rows below."""
    row = whole.rows[line - 1].rstrip()
    alone = whole.replaced(line, line, [row + mark + "\n"])
    if not row.endswith(mark):
        yield TextEdit(alone, f"line {line}: missing {mark}", base + 0.5, line)
    begins = re.compile(r"\s*(?:def|class|return|if|for|while|import|from|with|try|raise|global|@|\w+(?:\.\w+)* = )")
    for at in range(line + 1, min(len(whole.rows), line + 30) + 1):
        this = whole.rows[at - 1].rstrip()
        after = whole.rows[at].rstrip() if at < len(whole.rows) else ""
        good = begins.match(after) is not None or not after
        bits = base + 1.0 + min(1.5, 0.1 * (at - line)) + (0.0 if good else 2.0)
        if mark in this:
            break
        yield TextEdit(whole.replaced(at, at, [this + mark + "\n"]), f"line {at}: missing {mark}", bits, at)
        if this.strip() in ('"', '""', "'", "''"):
            new = this[: len(this) - len(this.lstrip())] + mark + "\n"
            yield TextEdit(whole.replaced(at, at, [new]), f"line {at}: missing {mark[0]}", base + 0.3, at)
    gone = whole.replaced(line, line, [whole.rows[line - 1].replace(mark, "", 1)])
    yield TextEdit(gone, f"line {line}: {mark} too many", base + 2.0, line)
