"""Calls and literals that stand in free text."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from engine.conflicts.allowed import CONSTANTS
from engine.conflicts.effort import Effort, TooMuch
from engine.conflicts.evaluating import HOLE, evaluate
from engine.conflicts.plain import Plain, exactly, is_plain

CALL = re.compile(r"(?<![\w.>])((?:[A-Za-z_]\w*\.)*[a-z_]\w*)\(")


@dataclass(frozen=True)
class Example:
    """What the goal says of one call."""

    function: str
    """As it is written there, perhaps with its module."""
    arguments: str
    shown: str
    condition: ast.expr | None
    """Over the hole; None where it has to raise."""
    printed: bool = False
    """From an interactive session, which shows what is printed as well as what is returned."""


@dataclass(frozen=True)
class Call:
    function: str
    arguments: str
    shown: str
    end: int

    def giving(self, value: ast.Constant, *, printed: bool = False) -> Example:
        condition = ast.Compare(left=ast.Name(id=HOLE, ctx=ast.Load()), ops=[ast.Eq()], comparators=[value])
        shown = f"{self.shown} == {value.value!r}"
        return Example(self.function, self.arguments, shown, condition, printed)

    def raising(self, error: str) -> Example:
        return Example(self.function, self.arguments, f"{self.shown} raises {error}", None)


def call_at(text: str, start: int, effort: Effort) -> Call | None:
    """The call with plain arguments that begins at *start*."""
    match = CALL.match(text, start)
    if match is None:
        return None
    effort.spend(200)
    end = _closed_by(text, match.end() - 1)
    if end is None:
        return None
    try:
        node = ast.parse(text[start:end], mode="eval").body
        if not isinstance(node, ast.Call) or not (node.args or node.keywords):
            return None
        given = [_plain(each, effort) for each in node.args]
        words = {word.arg: _plain(word.value, effort) for word in node.keywords if word.arg}
        if len(words) != len(node.keywords):
            return None
    except TooMuch:
        raise
    except Exception:  # noqa: BLE001 (prose that only looks like a call)
        return None
    named = sorted(words.items())
    arguments = [*map(exactly, given), *(f"{name}={exactly(value)}" for name, value in named)]
    return Call(function=match.group(1), arguments=", ".join(arguments), shown=text[start:end], end=end)


def _plain(node: ast.expr, effort: Effort) -> Plain:
    """The value of an expression of literals. Raises whatever keeps it from being one."""
    if any(isinstance(inner, ast.Name) and inner.id not in CONSTANTS for inner in ast.walk(node)):
        raise ValueError(node)
    value = evaluate(node, effort)
    if not is_plain(value):
        raise ValueError(node)
    return value


def _closed_by(text: str, opening: int) -> int | None:
    """Where the bracket that opens at *opening* is closed, quotes minded."""
    depth, quote, at = 0, "", opening
    while at < min(len(text), opening + 2_000):
        sign = text[at]
        if quote:
            if sign == "\\":
                at += 1
            elif sign == quote:
                quote = ""
        elif sign in "\"'":
            quote = sign
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return None


_NUMBER = re.compile(r"[-+]?(?:\d[\d_]*\.?\d*(?:[eE][-+]?\d+)?j?|\.\d+)(?![\w])")
_WORD = re.compile(r"(True|False|None)\b")
_QUOTED = re.compile(r"[bB]?(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')")


def literal_at(line: str, start: int, effort: Effort) -> ast.Constant | None:
    """The literal that begins at *start*, where nothing follows that would make it part of something else."""
    at = start
    ticks = re.compile(r"`+").match(line, at)
    if ticks is not None:
        at = ticks.end()
        end = line.find(ticks.group(), at)
        return literal(line[at:end], effort) if end > at and ends(line[end + len(ticks.group()) :]) else None
    number = _NUMBER.match(line, at)
    if number is not None:
        text = number.group()
        # "4." at the end of a sentence
        end = number.end() - (text.endswith(".") and text.count(".") == 1)
    else:
        match = _WORD.match(line, at) or _QUOTED.match(line, at)
        closed = _closed_by(line, at) if line[at : at + 1] in {"(", "[", "{"} else None
        if match is None and closed is None:
            return None
        end = match.end() if match is not None else closed or at
    return literal(line[at:end], effort) if ends(line[end:]) else None


def literal(text: str, effort: Effort) -> ast.Constant | None:
    try:
        return ast.Constant(value=_plain(ast.parse(text.strip(), mode="eval").body, effort))
    except TooMuch:
        raise
    except Exception:  # noqa: BLE001 (it is no literal)
        return None


_END = re.compile(
    r"[`*_]*\s*(?:$|\(not\b|[.;!)](?:\s|$)|,\s*(?![-\d'\"\[({])|\s?\b(?:and|not|instead|rather|but|because|since|as|for)\b(?!\s+`?[-\d'\"\[({])|#|--)"
)


def ends(rest: str) -> bool:
    return _END.match(rest) is not None
