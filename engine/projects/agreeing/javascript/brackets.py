"""Where brackets end, and arguments begin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.projects.agreeing.javascript.tokens import Token

_MOST_OF_TYPES = 60
"""Tokens of type parameters that are read over."""


def bracket_of(tokens: Sequence[Token], at: int) -> int | None:
    """Where the arguments of what is called begin, past type parameters at *at*; None where none do."""
    depth = 0
    for here in range(at, min(at + _MOST_OF_TYPES, len(tokens))):
        token = tokens[here]
        if not depth and token.is_mark("("):
            return here
        if not token.is_mark("<") and not depth:
            return None
        depth += token.is_mark("<") - token.is_mark(">")
    return None


def behind(tokens: Sequence[Token], at: int, most: int = 1_000_000) -> int:
    """The place behind what begins at *at*: one token, or all up to the bracket that closes it."""
    depth = 0
    end = min(len(tokens), at + most)
    while at < end:
        depth += tokens[at].is_mark("(", "[", "{") - tokens[at].is_mark(")", "]", "}")
        at += 1
        if depth <= 0:
            break
    return at


def arguments(tokens: Sequence[Token], bracket: int) -> Iterator[tuple[int, int]]:
    """Where each of them begins, and the place behind it."""
    end = behind(tokens, bracket) - 1
    begin, depth = bracket + 1, 0
    for at in range(bracket + 1, end + 1):
        if (at == end or (tokens[at].is_mark(",") and not depth)) and begin < at:
            yield begin, at
            begin = at + 1
        depth += tokens[at].is_mark("(", "[", "{") - tokens[at].is_mark(")", "]", "}")
