"""A line of a shell, taken apart as far as can be done without running it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

_BETWEEN = frozenset({"&&", "||", ";", "|", "&", ";;", "|&"})
_OPENING = frozenset({"if", "then", "else", "elif", "do", "while", "until", "!", "{", "("})


def commands(text: str) -> Iterator[tuple[str, ...]]:
    """The single commands of *text*, their words as a shell parts them; nothing where it cannot be parted.

    Redirections are left out, and so is what stands in ``$(...)``: it is a word like another one.
    """
    for line in _lines(text):
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        lexer.commenters = "#"
        try:
            words = list(lexer)
        except ValueError:
            continue
        yield from _parted(words)


def _lines(text: str) -> list[str]:
    return re.sub(r"\\\n", " ", text).splitlines()


def _parted(words: list[str]) -> Iterator[tuple[str, ...]]:
    current: list[str] = []
    skipping = False
    for word in words:
        if skipping:
            skipping = False
        elif word in _BETWEEN or word in {"(", ")"}:
            if current:
                yield tuple(current)
            current = []
        elif re.fullmatch(r"[<>]{1,2}&?|&>>?|>&", word):
            skipping = True
            if current and current[-1].isdigit():
                current.pop()
        elif not current and word in _OPENING:
            continue
        else:
            current.append(word)
    if current:
        yield tuple(current)
