"""Tests of a file in JavaScript or TypeScript, by the names they are given."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.projects.agreeing.javascript.sources import tokens_of_file
from engine.projects.agreeing.javascript.tokens import Token, Tokens

_NAMED = re.compile(r".+\.(?:test|spec)\.[cm]?[jt]sx?")
_TESTS = frozenset({"test", "it"})
_MOST_COMMENTS = 50
_MOST_OF_A_COMMENT = 2_000
_SUITES = frozenset({"describe", "suite"})
_ASSERTING = re.compile(r"(?:expect|assert)\w*|should|.*(?:Assert|Expect)\w*")


def is_test_file(path: str) -> bool:
    return _NAMED.fullmatch(path.rpartition("/")[2]) is not None


@dataclass(frozen=True)
class TestOf:
    """One test."""

    __test__ = False

    names: tuple[str, ...]
    """Of the suites around it, and its own."""
    comments: tuple[str, ...]
    """Those directly before it, and before the suites around it."""


def tests_in(path: str, text: str) -> tuple[TestOf, ...] | None:
    """Those that the file names in so many words; None where it cannot be followed."""
    read = tokens_of_file(path, text)
    return None if read is None else tuple(_tests(read))


def asserts(read: Tokens) -> bool:
    """Whether anything in the file looks like an expectation."""
    return any(token.kind == "name" and _ASSERTING.fullmatch(token.value) for token in read.all)


def calls_a_test(read: Tokens) -> bool:
    return any(
        token.is_name(*_TESTS) and not (at and read.all[at - 1].is_mark(".")) and _is_called(read.all, at)
        for at, token in enumerate(read.all)
    )


def test_ranges(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """Where each call of ``test`` or ``it`` begins, and the place behind it; outer ones only, in order."""
    found: list[tuple[int, int]] = []
    begin, depth, opened = -1, 0, 0
    for at, token in enumerate(tokens):
        if token.is_mark("(", "[", "{"):
            if begin < 0 and token.value == "(" and at and tokens[at - 1].is_name(*_TESTS):
                begin, opened = at, depth
            depth += 1
        elif token.is_mark(")", "]", "}"):
            depth -= 1
            if begin >= 0 and depth == opened:
                found.append((begin, at + 1))
                begin = -1
    return found


def _is_called(tokens: Sequence[Token], at: int) -> bool:
    return at + 1 < len(tokens) and (tokens[at + 1].is_mark("(", ".") or tokens[at + 1].kind == "template")


def _tests(read: Tokens) -> Iterator[TestOf]:
    """Suites are open from their name to the bracket that closes their call."""
    tokens = read.all
    depth = 0
    open_suites: list[tuple[int, str, str]] = []
    for at, token in enumerate(tokens):
        if token.is_mark("(", "[", "{"):
            depth += 1
        elif token.is_mark(")", "]", "}"):
            depth -= 1
            while open_suites and depth < open_suites[-1][0]:
                open_suites.pop()
        elif token.is_name(*_TESTS, *_SUITES) and not (at and tokens[at - 1].is_mark(".")):
            if (given := _name_given(tokens, at)) is None:
                continue
            comment = _comment_before(read, at)
            if token.value in _SUITES:
                open_suites.append((depth + 1, given, comment))
            else:
                yield TestOf(
                    names=(*(name for _, name, _ in open_suites), given),
                    comments=(*(said for *_, said in open_suites), comment),
                )


def _name_given(tokens: Sequence[Token], at: int) -> str | None:
    """The first argument of what is called at *at*, past ``.only`` and the table of ``.each([...])``."""
    at += 1
    for _ in range(4):
        if at + 1 < len(tokens) and tokens[at].is_mark(".") and tokens[at + 1].kind == "name":
            at += 2
        else:
            break
    if at < len(tokens) and tokens[at].kind == "template":
        at += 1
    elif at + 1 < len(tokens) and tokens[at].is_mark("(") and not tokens[at + 1].is_text:
        depth = 0
        while at < len(tokens):
            depth += tokens[at].is_mark("(", "[", "{") - tokens[at].is_mark(")", "]", "}")
            at += 1
            if not depth:
                break
    if at + 1 < len(tokens) and tokens[at].is_mark("(") and tokens[at + 1].is_text:
        return tokens[at + 1].value
    return None


def _comment_before(read: Tokens, at: int) -> str:
    """Those on lines of their own."""
    before = read.all[at - 1].end if at else -1
    last = bisect_left(read.comments, read.all[at].start, key=lambda comment: comment.start)
    found: list[str] = []
    while last and len(found) < _MOST_COMMENTS and read.comments[last - 1].start >= before:
        last -= 1
        if before < 0 or read.line_at(read.comments[last].start) > read.line_at(before - 1):
            found.append(read.comments[last].value[:_MOST_OF_A_COMMENT])
    return "\n".join(reversed(found))
