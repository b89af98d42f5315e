"""Colons at the end of what opens a block, and where none belongs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .fault import RowEdit, Spot

_WRONG = ";,.=({-"


def edits(spot: Spot) -> Iterator[RowEdit]:
    if not spot.body.strip():
        return
    if spot.heads:
        yield from _head(spot)
    elif spot.body.endswith(":"):
        yield RowEdit(spot.body[:-1] + spot.comment, "no colon here", 1.5)
        yield from _headless(spot)


def _head(spot: Spot) -> Iterator[RowEdit]:
    body, comment = spot.body, spot.comment
    asked = spot.here and "expected ':'" in spot.message
    if not body.endswith(":"):
        yield RowEdit(f"{body}:{comment}", "missing colon", 0.0 if asked else 0.8)
        if body[-1:] in _WRONG:
            yield RowEdit(f"{body[:-1].rstrip()}:{comment}", "colon in place of another sign", 0.3)
        for closing in (")", "]", "))"):
            yield RowEdit(f"{body}{closing}:{comment}", f"missing `{closing}:`", 2.0)
    else:
        for closing in (")", "]", "}", "))"):
            yield RowEdit(f"{body[:-1]}{closing}:{comment}", f"missing `{closing}`", 1.0)
        if body.endswith("::"):
            yield RowEdit(body[:-1] + comment, "colon too many", 0.3)
    twice = re.search(r":\s*[;,.:]+$", body)
    if twice:
        yield RowEdit(f"{body[: twice.start()]}:{comment}", "sign after the colon", 0.3)
    for found in re.finditer(r"[)\w\]'\"](?= \S)|\b(?:else|try|finally)(?= \S)", spot.code):
        yield RowEdit(spot.cut(found.end(), found.end(), ":"), "missing colon", 2.5 + spot.far(found.end()))


def _headless(spot: Spot) -> Iterator[RowEdit]:
    """The word that opens the block is not there."""
    rest, indent = spot.row.lstrip(), spot.indent
    if re.match(r"\w+\s*\(", rest) or re.match(r"\w+\s*\(", spot.code.lstrip()):
        name = spot.word
        word = "class" if name[:1].isupper() else "def"
        yield RowEdit(f"{indent}{word} {rest}", f"missing `{word}`", 0.7)
    if re.fullmatch(r"\w+\s*:", spot.code.strip()):
        word = "class" if spot.word[:1].isupper() else "def"
        yield RowEdit(f"{indent}{word} {rest}", f"missing `{word}`", 2.0)
    if re.search(r"\bin\b", spot.code):
        yield RowEdit(f"{indent}for {rest}", "missing `for`", 1.0)
    if re.search(r"\bas\b", spot.code):
        yield RowEdit(f"{indent}with {rest}", "missing `with`", 1.2)
        yield RowEdit(f"{indent}except {rest}", "missing `except`", 1.4)
    if rest.startswith(":"):
        for word in ("else", "try", "finally", "except"):
            yield RowEdit(f"{indent}{word}{rest}", f"missing `{word}`", 1.0)
    for word, bits in (("if", 1.2), ("while", 2.2), ("elif", 2.0), ("except", 2.5), ("with", 2.7), ("case", 2.5)):
        yield RowEdit(f"{indent}{word} {rest}", f"missing `{word}`", bits)
