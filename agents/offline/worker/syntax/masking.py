"""A view of a text in which strings and comments are blanked, that needs no whole program to be taken."""

from __future__ import annotations

import re

OPENING = {"(": ")", "[": "]", "{": "}"}
CLOSING = {closing: opening for opening, closing in OPENING.items()}
_DEAD = re.compile(
    r'"""(?:[^\\]|\\.)*?(?:"""|\Z)'
    r"|'''(?:[^\\]|\\.)*?(?:'''|\Z)"
    r"|'(?:[^'\\\n]|\\.)*(?:'|(?=\n)|\Z)"
    r'|"(?:[^"\\\n]|\\.)*(?:"|(?=\n)|\Z)'
    r"|#[^\n]*",
    re.DOTALL,
)


def mask(text: str) -> str:
    """*text* at the same length, each string made of the letter s and each comment of blanks."""
    return _DEAD.sub(_blank, text)


def _blank(found: re.Match[str]) -> str:
    filling = " " if found.group()[0] == "#" else "s"
    return re.sub(r"[^\n]", filling, found.group())


def rows_of(text: str) -> list[str]:
    """The rows with their ends, as Python counts them: a form feed, or another's line separator, ends none."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def paired(text: str) -> list[tuple[str, str]]:
    """Each row and the same row masked."""
    masked, at, found = mask(text), 0, []
    for row in rows_of(text):
        found.append((row, masked[at : at + len(row)]))
        at += len(row)
    return found


def odd_triples(text: str) -> bool:
    """Whether a string of three quotes is open at the end, so that code and strings may be the wrong way round."""
    return any(
        found.group()[:3] in ('"""', "'''") and (len(found.group()) < 6 or found.group()[-3:] != found.group()[:3])
        for found in _DEAD.finditer(text)
    )


def unclosed(code: list[str], until: int) -> list[tuple[int, int]]:
    """Line, from 1, and column of the brackets that are open at the end of line *until* of masked rows, innermost first."""
    stack: list[tuple[str, int, int]] = []
    for at, row in enumerate(code[:until], start=1):
        for column, character in enumerate(row):
            if character in OPENING:
                stack.append((character, at, column))
            elif character in CLOSING and stack and stack[-1][0] == CLOSING[character]:
                stack.pop()
    return [(at, column) for _, at, column in reversed(stack)]


def lead(row: str) -> str:
    """The blanks that a row begins with."""
    return row[: len(row) - len(row.lstrip())]
