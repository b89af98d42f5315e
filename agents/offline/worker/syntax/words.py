"""Keywords misspelt, glued to a name, missing, or used as a name."""

from __future__ import annotations

import difflib
import keyword
import re
from collections.abc import Iterator
from functools import cache

from .fault import RowEdit, Spot, TextEdit, Whole

_WORDS = (*keyword.kwlist, "match", "case")
_GLUED = tuple(k for k in _WORDS if k not in ("None", "True", "False"))
_NAMELESS = frozenset(("class", "lambda", "from", "in", "is", "def", "pass", "global", "import", "as", "with", "del", "try", "for", "if", "not", "and", "or", "return", "raise", "yield", "assert", "except", "finally", "while", "async", "await", "else", "elif", "break", "continue", "nonlocal"))  # fmt: skip

_BEFORE_NAMES = (("in", 3.3), ("not", 3.6), ("lambda", 3.3), ("for", 3.0), ("if", 3.2), ("else", 3.3), ("await", 4.0))


def edits(spot: Spot) -> Iterator[RowEdit]:
    known = {found for row in spot.whole.code for found in re.findall(r"[A-Za-z_]\w*", row)}
    for found in re.finditer(r"[A-Za-z_]\w*", spot.code):
        if spot.row[found.start() : found.end()] != found.group():
            yield from _before_string(spot, found)
        elif found.group() in _WORDS:
            yield from _beside(spot, found)
        else:
            yield from _misspelt(spot, found)
            yield from _glued(spot, found, known)
    yield from _led(spot)
    yield from _named(spot)
    yield from _missing(spot)
    for found in re.finditer(r"\belse\b", spot.code):
        if re.match(r"\s*else\s*:?$", spot.code) is None:
            yield RowEdit(spot.cut(*found.span(), "if"), "`else` → `if`", 3.0)


def _before_string(spot: Spot, found: re.Match[str]) -> Iterator[RowEdit]:
    """A string with a keyword in front of its prefix."""
    word = re.match(r"[A-Za-z]*", spot.row[found.start() :])
    for other in _GLUED if word and len(word.group()) > 1 else ():
        if word and re.fullmatch(rf"{other}[rbfuRBFU]{{0,2}}", word.group()):
            at = found.start() + len(other)
            yield RowEdit(spot.cut(at, at, " "), f"missing blank after `{other}`", 0.5)


def _beside(spot: Spot, found: re.Match[str]) -> Iterator[RowEdit]:
    """Two keywords side by side, of which one is too many."""
    after = re.match(r" +(\w+)", spot.code[found.end() :])
    if after and keyword.iskeyword(after.group(1)):
        yield RowEdit(spot.cut(found.end(), found.end() + after.end()), f"`{after.group(1)}` too many", 1.8)


def _missing(spot: Spot) -> Iterator[RowEdit]:
    for found in re.finditer(r"(?<=[(,=+\[ ])(?=[A-Za-z_])", spot.code):
        far = spot.far(found.start())
        for word, bits in _BEFORE_NAMES:
            yield RowEdit(spot.cut(*found.span(), word + " "), f"missing `{word}`", bits + far)
    for found in re.finditer(r"(?<=[(,=] )(?=\w+(?:, \w+)*: )|(?<=[(,=])(?=\w*(?:, \w+)*: ?\w)", spot.code):
        yield RowEdit(spot.cut(*found.span(), "lambda "), "missing `lambda`", 1.8)


@cache
def _close(word: str) -> tuple[str, ...]:
    exact = [k for k in _WORDS if sorted(k) == sorted(word)]
    return tuple(dict.fromkeys([*exact, *difflib.get_close_matches(word, _WORDS, n=3, cutoff=0.6)]))


def _misspelt(spot: Spot, found: re.Match[str]) -> Iterator[RowEdit]:
    word = found.group()
    first = not spot.code[: found.start()].strip()
    told = spot.here and "Did you mean" in spot.message
    here = 0.0 if first or abs(found.start() - spot.column) <= len(word) + 1 else 1.0
    # another value begins right after it, as it does after a keyword
    led = 0.0 if re.match(r"\s+[\w\"'(\[{-]|\s*:|\s*$", spot.code[found.end() :]) else 0.7
    for rank, other in enumerate(_close(word)):
        bits = (0.3 if told and f"'{other}'" in spot.message else 0.7 + here + led + 0.8 * rank) + (len(word) < 3)
        yield RowEdit(spot.cut(*found.span(), other), f"`{word}` → `{other}`", bits)


def _glued(spot: Spot, found: re.Match[str], known: set[str]) -> Iterator[RowEdit]:
    """A name that has a keyword at its beginning or end."""
    word = found.group()
    for other in _GLUED:
        if len(word) <= len(other):
            continue
        if word.startswith(other):
            rest = word[len(other) :]
            fits = rest in known or rest.isdigit() or (not spot.code[: found.start()].strip() and len(other) > 2)
            yield RowEdit(
                spot.cut(*found.span(), f"{other} {rest}"), f"`{word}` → `{other} {rest}`",
                (0.6 if rest in known else 1.4 if fits else 2.6) + spot.far(found.start(), 0.05),
            )  # fmt: skip
        if word.endswith(other):
            rest = word[: -len(other)]
            bits = (0.6 if rest in known else 2.8) + spot.far(found.end(), 0.05)
            yield RowEdit(spot.cut(*found.span(), f"{rest} {other}"), f"`{word}` → `{rest} {other}`", bits)


def _led(spot: Spot) -> Iterator[RowEdit]:
    """The word with which a row of this look begins, about imports."""
    rest, indent = spot.row.lstrip(), spot.indent
    if re.search(r"\bimport\b", spot.code) and spot.word not in ("from", "import"):
        yield RowEdit(f"{indent}from {rest}", "missing `from`", 0.6)
    if spot.word == "from" and " import " not in spot.code:
        parts = spot.body.split()
        if len(parts) >= 3:
            yield RowEdit(f"{indent}from {parts[1]} import {' '.join(parts[2:])}", "missing `import`", 0.8)
        yield RowEdit(f"{indent}import {rest[5:]}", "`from` → `import`", 1.5)
    if re.fullmatch(r"\s*[\w.]+ as \w+\s*", spot.code):
        yield RowEdit(f"{indent}import {rest}", "missing `import`", 0.6)


def _named(spot: Spot) -> Iterator[RowEdit]:
    """The word with which a row of this look begins."""
    rest, indent = spot.row.lstrip(), spot.indent
    if re.search(r"\w \w", spot.code) and spot.here:
        for word, bits in (
            ("return", 2.5),
            ("import", 3.0),
            ("raise", 2.8),
            ("yield", 3.2),
            ("assert", 3.0),
            ("del", 3.4),
        ):
            yield RowEdit(f"{indent}{word} {rest}", f"missing `{word}`", bits)
    if spot.word in {"raise", "yield"}:
        return
    if re.match(r"\s*from \w", spot.code) and " import " not in spot.code:
        yield RowEdit(f"{indent}yield {rest}", "missing `yield`", 1.5)
        yield RowEdit(f"{indent}raise {rest}", "missing `raise`", 3.0)
    if re.match(r"\s*def\b", spot.code) is None and re.search(r"->.*:$", spot.code.rstrip()):
        yield RowEdit(f"{indent}def {rest}", "missing `def`", 0.5)
    if spot.word == "async" and not re.match(r"\s*async (def|for|with)\b", spot.code):
        yield RowEdit(f"{indent}async def {rest[5:].lstrip()}", "missing `def`", 0.6)


def reserved(whole: Whole) -> Iterator[TextEdit]:
    """A keyword that is used as a name gets an underscore, everywhere in reach where it is used as one."""
    row = whole.code[whole.number - 1]
    for found in re.finditer(r"[a-z]+", row):
        word = found.group()
        leads = not row[: found.start()].strip() and not re.match(r"\s*[.=]", row[found.end() :])
        if leads or word not in _NAMELESS or abs(found.start() - whole.broken.column + 1) > 2 * len(word) + 6:
            continue
        used = re.compile(
            rf"(?<=[(,.=+*/\[])(\s*){word}\b(?=\s*[),.=:+*/\]]|\s*$)|(?<=\w )(\s*){word}\b(?=\s*[.=+])|^(\s*){word}\b(?=\s*(?:=|\.))"
        )
        rows = [_renamed(text, code, used) for text, code in zip(whole.rows, whole.code, strict=True)]
        if "".join(rows) != whole.text:
            note = f"`{word}` is no name: `{word}_`"
            yield TextEdit("".join(rows), f"line {whole.number}: {note}", 1.2, whole.number)
        alone = whole.rows[whole.number - 1]
        new = alone[: found.end()] + "_" + alone[found.end() :]
        yield TextEdit(
            whole.replaced(whole.number, whole.number, [new]), f"line {whole.number}: `{word}_`", 2.5, whole.number
        )


def _renamed(row: str, code: str, used: re.Pattern[str]) -> str:
    for found in reversed(list(used.finditer(code))):
        row = row[: found.end()] + "_" + row[found.end() :]
    return row
