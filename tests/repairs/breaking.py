"""Breaks programs that parse, in the ways in which people, models and half-finished edits do; the seed decides how."""

from __future__ import annotations

import io
import keyword
import random
import re
import tokenize
from collections.abc import Callable
from dataclasses import dataclass

Breaker = Callable[[str, random.Random], str]


@dataclass(frozen=True)
class Broken:
    """A text that does not parse, and the ways in which it was broken."""

    text: str
    whole: str
    kinds: tuple[str, ...]


def parses(text: str) -> bool:
    try:
        compile(text, "<text>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


def broken(whole: str, faults: int, seed: str, kinds: tuple[str, ...] = ()) -> Broken | None:
    """*whole* with *faults* faults of which each alone keeps it from being parsed; None where chance did not find them."""
    chance = random.Random(seed)
    text = whole
    done: list[str] = []
    lines: set[int] = set()
    for _ in range(200):
        kind = chance.choice(kinds or tuple(BREAKERS))
        alone = BREAKERS[kind](whole, chance)
        at = _first_difference(whole, alone)
        if alone == whole or parses(alone) or any(abs(at - line) < 3 for line in lines):
            continue
        joined = _merged(whole, text, alone)
        if joined is None:
            continue
        text = joined
        lines.add(at)
        done.append(kind)
        if len(done) == faults:
            return Broken(text, whole, tuple(done))
    return None


def _first_difference(one: str, other: str) -> int:
    pairs = zip(one.splitlines(), other.splitlines(), strict=False)
    return next((number for number, (a, b) in enumerate(pairs) if a != b), 0)


def _merged(whole: str, text: str, alone: str) -> str | None:
    """The rows that *alone* changed, changed in *text* too; None where they are not as they were."""
    head = 0
    rows, new = whole.splitlines(keepends=True), alone.splitlines(keepends=True)
    while head < min(len(rows), len(new)) and rows[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(rows), len(new)) - head and rows[-1 - tail] == new[-1 - tail]:
        tail += 1
    before = "".join(rows[max(0, head - 1) : len(rows) - tail])
    after = "".join([*rows[max(0, head - 1) : head], *new[head : len(new) - tail]])
    return text.replace(before, after, 1) if before and text.count(before) == 1 else None


def _tokens(text: str) -> list[tuple[int, int]]:
    starts = [0]
    for row in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(row))
    skipped = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    found = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in skipped and token.string:
            (row, column), (last, end) = token.start, token.end
            found.append((starts[row - 1] + column, starts[last - 1] + end))
    return found


def _of(text: str, *wanted: str) -> list[tuple[int, int]]:
    return [(start, end) for start, end in _tokens(text) if text[start:end] in wanted]


def _cut(text: str, start: int, end: int, new: str = "") -> str:
    return text[:start] + new + text[end:]


def _one(spans: list[tuple[int, int]], chance: random.Random) -> tuple[int, int] | None:
    return chance.choice(spans) if spans else None


def _dropped(*signs: str) -> Breaker:
    def breaker(text: str, chance: random.Random) -> str:
        span = _one(_of(text, *signs), chance)
        return _cut(text, *span) if span else text

    return breaker


def _replaced(pairs: dict[str, str]) -> Breaker:
    def breaker(text: str, chance: random.Random) -> str:
        span = _one(_of(text, *pairs), chance)
        return _cut(text, *span, pairs[text[span[0] : span[1]]]) if span else text

    return breaker


def _rewritten(pattern: str, new: str) -> Breaker:
    def breaker(text: str, chance: random.Random) -> str:
        found = list(re.finditer(pattern, text, re.MULTILINE))
        if not found:
            return text
        match = chance.choice(found)
        return _cut(text, *match.span(), match.expand(new))

    return breaker


def _drop_any(text: str, chance: random.Random) -> str:
    return _cut(text, *chance.choice(_tokens(text)))


def _twice(text: str, chance: random.Random) -> str:
    start, end = chance.choice(_tokens(text))
    return _cut(text, end, end, " " + text[start:end])


def _other_token(text: str, chance: random.Random) -> str:
    spans = _tokens(text)
    (start, end), (first, last) = chance.choice(spans), chance.choice(spans)
    return _cut(text, start, end, text[first:last]) if "\n" not in text[first:last] else text


def _neighbours(text: str, chance: random.Random) -> str:
    spans = _tokens(text)
    at = chance.randrange(len(spans) - 1)
    (a, b), (c, d) = spans[at : at + 2]
    return text if "\n" in text[a:d] else text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]


def _quotes(text: str) -> list[tuple[int, int]]:
    return [
        (start, end)
        for start, end in _tokens(text)
        if text[end - 1] in "'\"" and text[end - 3 : end] not in ('"""', "'''") and end - start > 2
    ]


def _drop_quote(text: str, chance: random.Random) -> str:
    span = _one(_quotes(text), chance)
    if span is None:
        return text
    start, end = span
    return _cut(text, end - 1, end) if chance.random() < 0.6 else _cut(text, start, start + 1)


def _mixed_quote(text: str, chance: random.Random) -> str:
    span = _one(_quotes(text), chance)
    return text if span is None else _cut(text, span[1] - 1, span[1], '"' if text[span[1] - 1] == "'" else "'")


def _apostrophe(text: str, chance: random.Random) -> str:
    """Text with an apostrophe in it, between the quotes of which that is one."""
    spans = [(s, e) for s, e in _quotes(text) if text[s] == '"' and "'" in text[s + 1 : e - 1]]
    span = _one(spans, chance)
    if span is None:
        return text
    start, end = span
    return _cut(text, start, end, "'" + text[start + 1 : end - 1] + "'")


def _triple(text: str, chance: random.Random) -> str:
    spans = [(s, e) for s, e in _tokens(text) if text[e - 3 : e] in ('"""', "'''")]
    span = _one(spans, chance)
    return text if span is None else _cut(text, span[1] - 3, span[1] - chance.choice((0, 0, 2)))


def _rows(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _filled(rows: list[str], chance: random.Random) -> int:
    return chance.choice([at for at, row in enumerate(rows) if row.strip()])


def _shift_row(text: str, chance: random.Random) -> str:
    rows = _rows(text)
    at = _filled(rows, chance)
    by = chance.choice((-4, -4, 4, 4, -2, 2, -1, 1, 3))
    lead = len(rows[at]) - len(rows[at].lstrip())
    rows[at] = " " * max(0, lead + by) + rows[at].lstrip()
    return "".join(rows)


def _shift_block(text: str, chance: random.Random) -> str:
    rows = _rows(text)
    at = _filled(rows, chance)
    lead = len(rows[at]) - len(rows[at].lstrip())
    by = chance.choice((-4, 4, -2, 2, -1, 1))
    for further in range(at, len(rows)):
        row = rows[further]
        depth = len(row) - len(row.lstrip())
        if row.strip() and depth < lead:
            break
        if row.strip():
            rows[further] = " " * max(0, depth + by) + row.lstrip()
    return "".join(rows)


def _tab(text: str, chance: random.Random) -> str:
    rows = _rows(text)
    inside = [at for at, row in enumerate(rows) if row.startswith("    ")]
    if not inside:
        return text
    at = chance.choice(inside)
    rows[at] = rows[at].replace("    ", "\t", 1)
    return "".join(rows)


def _misspelt(text: str, chance: random.Random) -> str:
    span = _one([s for s in _of(text, *keyword.kwlist) if s[1] - s[0] > 2], chance)
    if span is None:
        return text
    start, end = span
    at = chance.randrange(start, end - 1)
    swapped = text[at + 1] + text[at]
    return _cut(text, at, at + 2, chance.choice((swapped, text[at], text[at] * 2 + text[at + 1])))


def _glued(text: str, chance: random.Random) -> str:
    found = list(re.finditer(rf"\b(?:{'|'.join(keyword.kwlist)}) (?=\w)", text))
    if not found:
        return text
    match = chance.choice(found)
    return _cut(text, match.end() - 1, match.end())


def _truncated(text: str, chance: random.Random) -> str:
    """A few signs of the last rows are gone, as where an answer was cut off."""
    body = text.rstrip()
    return body[: -chance.randint(1, 3)]


def _fenced(text: str, chance: random.Random) -> str:
    head = chance.choice(
        ("Here is the corrected code:\n\n```python\n", "```python\n", "```\n", "Sure! This should work:\n```py\n")
    )
    tail = chance.choice(
        ("```\n", "```\n\nThis version handles the edge case.\n", "```\nLet me know if it doesn't help.\n")
    )
    return head + text + tail


def _conflict(text: str, chance: random.Random) -> str:
    rows = _rows(text)
    at = _filled(rows, chance)
    other = chance.choice(("", rows[at].replace("1", "2"), rows[at]))
    return "".join([*rows[:at], "<<<<<<< HEAD\n", rows[at], "=======\n", other, ">>>>>>> other\n", *rows[at + 1 :]])


def _braces(text: str, chance: random.Random) -> str:
    rows = _rows(text)
    heads = [at for at, row in enumerate(rows[:-1]) if re.match(r"\s*(if|for|while|def)\b.*:$", row)]
    if not heads:
        return text
    at = chance.choice(heads)
    lead = rows[at][: len(rows[at]) - len(rows[at].lstrip())]
    end = at + 1
    while end < len(rows) and (not rows[end].strip() or len(rows[end]) - len(rows[end].lstrip()) > len(lead)):
        end += 1
    while not rows[end - 1].strip():
        end -= 1
    rows[at] = rows[at].rstrip()[:-1] + " {\n"
    return "".join([*rows[:end], lead + "}\n", *rows[end:]])


BREAKERS: dict[str, Breaker] = {
    "drop-token": _drop_any,
    "double-token": _twice,
    "other-token": _other_token,
    "swapped-tokens": _neighbours,
    "drop-colon": _dropped(":"),
    "drop-comma": _dropped(","),
    "drop-bracket": _dropped("(", ")", "[", "]", "{", "}"),
    "drop-closing": _dropped(")", "]", "}"),
    "other-bracket": _replaced({")": "]", "]": ")", "}": ")", "(": "[", "[": "(", "{": "["}),
    "extra-bracket": _replaced({")": "))", "]": "]]", "(": "((", "}": "}}"}),
    "drop-operator": _dropped("+", "-", "*", "/", "==", "<", ">", "and", "or", "in", "not", "=", "."),
    "drop-keyword": _dropped(*keyword.kwlist),
    "other-sign": _replaced({"==": "=", ":": ";", ",": ".", "!=": "=!", "<=": "=<", ">=": "=>", "->": "=>", "=": "=="}),
    "drop-quote": _drop_quote,
    "mixed-quote": _mixed_quote,
    "apostrophe": _apostrophe,
    "triple-quote": _triple,
    "shift-row": _shift_row,
    "shift-block": _shift_block,
    "tab": _tab,
    "misspelt": _misspelt,
    "glued": _glued,
    "truncated": _truncated,
    "fenced": _fenced,
    "conflict": _conflict,
    "braces": _braces,
    "and-or": _replaced({"and": "&&", "or": "||", "not": "!"}),
    "else-if": _rewritten(r"\belif\b", "else if"),
    "semicolon": _rewritten(r"(?<=:)$", ";"),
    "comment": _rewritten(r"(?<=[)\w])$", " // as agreed"),
    "increment": _rewritten(r"(\w+) \+= 1$", r"\1++"),
    "function": _rewritten(r"\bdef\b", "function"),
    "let": _rewritten(r"^(\s*)(\w+ = )", r"\1let \2"),
    "raise": _rewritten(r"\braise\b", "throw"),
    "catch": _rewritten(r"\bexcept\b", "catch"),
    "new": _rewritten(r"(= )([A-Z]\w+\()", r"\1new \2"),
    "old-except": _rewritten(r"(except \w+) as (\w+)", r"\1, \2"),
    "old-print": _rewritten(r"print\((.+)\)$", r"print \1"),
    "old-raise": _rewritten(r"raise (\w+)\((.+)\)$", r"raise \1, \2"),
    "curly-quotes": _rewritten(r"\"([^\"\n]+)\"(?!\")", "“\\1”"),
    "hard-space": _rewritten(r"(?<=\w) (?=\w)", "\u00a0"),
    "empty-block": _rewritten(r"^( *)(if|for|while)\b(.*):$\n", r"\1\2\3:\n\1\2\3:\n"),
    "await": _rewritten(r"\basync def\b", "def"),
}
