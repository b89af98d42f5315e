"""Slips that one person makes again and again, planted in right programs of this repository."""

from __future__ import annotations

import ast
import hashlib
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Slip:
    """One habit: what is right, and what is written in its place."""

    name: str
    right: re.Pattern[str]
    wrong: str
    """As `re.Match.expand` takes it."""


SLIPS = (
    Slip("extend for append", re.compile(r"\.append\("), ".extend("),
    Slip("no + 1", re.compile(r" \+ 1\b"), ""),
    Slip("no return", re.compile(r"^( +)return (?=\w)", re.MULTILINE), r"\1"),
    Slip("min for max", re.compile(r"\bmax\("), "min("),
    Slip("< for <=", re.compile(r" <= "), " < "),
    Slip("starts at 1", re.compile(r" = 0$", re.MULTILINE), " = 1"),
    Slip("or for and", re.compile(r" and "), " or "),
    Slip("no .items()", re.compile(r"\.items\(\)"), ""),
    Slip("= for +=", re.compile(r" \+= "), " = "),
    Slip("/ for //", re.compile(r" // "), " / "),
)


def slipped(code: str, slip: Slip) -> Iterator[str]:
    """*code* with the slip made in one place, each place once, in an order that only the text decides."""
    texts = _texts(code)
    places = [m for m in slip.right.finditer(code) if not any(a <= m.end() - 1 < b for a, b in texts)]
    places.sort(key=lambda m: hashlib.sha256(f"{slip.name}{m.start()}{code}".encode()).digest())
    for place in places:
        wrong = code[: place.start()] + place.expand(slip.wrong) + code[place.end() :]
        try:
            ast.parse(wrong)
        except SyntaxError:
            continue
        yield wrong


def _texts(code: str) -> list[tuple[int, int]]:
    """Where strings and comments stand."""
    begin = [0]
    for line in code.splitlines(keepends=True):
        begin.append(begin[-1] + len(line))
    kinds = (tokenize.STRING, tokenize.COMMENT)
    return [
        (begin[token.start[0] - 1] + token.start[1], begin[token.end[0] - 1] + token.end[1])
        for token in tokenize.generate_tokens(io.StringIO(code).readline)
        if token.type in kinds
    ]
