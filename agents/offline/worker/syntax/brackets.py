"""Brackets too many, too few, or of another kind, within a row and over several."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .fault import RowEdit, Spot, TextEdit, Whole
from .masking import CLOSING, OPENING, lead

_GOES_ON = re.compile(r" (?:[-+*/%<>=!]=?|//|\*\*|==|(?:if|else|for|in|and|or|is|not)\b)|\.\w| [-+*/]?= ")


def edits(spot: Spot) -> Iterator[RowEdit]:
    stack: list[int] = []
    # what rows above have left open may be closed here
    above = [column for line, column in spot.whole.opened if line < spot.at]
    for at, character in enumerate(spot.code):
        if character in OPENING:
            stack.append(at)
        elif character in CLOSING:
            if stack and spot.code[stack[-1]] == CLOSING[character]:
                stack.pop()
            elif stack or not above:
                yield from _stray(spot, at, stack)
            else:
                above.pop()
    if stack:
        yield from _unfinished(spot, stack)
    else:
        yield from _absent(spot)


def _stray(spot: Spot, at: int, stack: list[int]) -> Iterator[RowEdit]:
    """A closing bracket that closes nothing that is open."""
    character = spot.code[at]
    yield RowEdit(spot.cut(at, at + 1), f"`{character}` too many", 1.0)
    if stack:
        right = OPENING[spot.code[stack[-1]]]
        yield RowEdit(spot.cut(at, at + 1, right), f"`{character}` → `{right}`", 0.5)
        yield RowEdit(spot.cut(at, at, right), f"missing `{right}`", 1.0)
        other = CLOSING[character]
        yield RowEdit(spot.cut(stack[-1], stack[-1] + 1, other), f"`{spot.code[stack[-1]]}` → `{other}`", 0.7)
        for word in re.finditer(r"\w+", spot.code[stack[-1] : at]):
            end = stack[-1] + word.end()
            yield RowEdit(spot.cut(end, end, right), f"missing `{right}`", 1.5 + min(1.5, 0.2 * (at - end)))
    opening = CLOSING[character]
    for word in re.finditer(r"\w+", spot.code[:at]):
        space = spot.code[word.end() : word.end() + 1] == " "
        called = spot.code[word.end() : word.end() + 1] in OPENING
        bits = 1.2 if space or opening == "(" else 2.0
        yield RowEdit(
            spot.cut(word.end(), word.end() + space, opening),
            f"missing `{opening}`",
            bits + called + _near(at - word.end()),
        )
    for start in re.finditer(
        r"(?<=[=(\[{,:])|(?<=\breturn )|(?<=\bin )|(?<=\w )(?=\w)|(?<= )(?=[\"'(\[{])", spot.code[:at]
    ):
        after = 0.0 if spot.code[: start.end()].rstrip()[-1:] in ("=", ":") or opening != "(" else 0.8
        skip = len(spot.code[start.end() :]) - len(spot.code[start.end() :].lstrip())
        begin = start.end() + skip
        yield RowEdit(spot.cut(begin, begin, opening), f"missing `{opening}`", 1.2 + after + _near(at - begin))


def _near(distance: int) -> float:
    return min(1.5, 0.03 * abs(distance))


def _unfinished(spot: Spot, stack: list[int]) -> Iterator[RowEdit]:
    """Brackets of the row that nothing in it closes."""
    body, comment = spot.body, spot.comment
    closing = "".join(OPENING[spot.code[at]] for at in reversed(stack))
    yield RowEdit(body + closing + comment, f"missing `{closing}`", 2.0 if body.endswith((":", ",")) else 0.3)
    if body.endswith((",", ":", ";")):
        yield RowEdit(body[:-1] + closing + body[-1] + comment, f"missing `{closing}`", 0.6)
    yield RowEdit(f"{body}{closing},{comment}", f"missing `{closing},`", 1.5)
    last = OPENING[spot.code[stack[-1]]]
    first = stack[-1] + 1
    for at in sorted({first + m.end() for m in re.finditer(r"\w+|\S", spot.code[first : len(body)])}, reverse=True):
        goes_on = spot.code[at : at + 1] in ",:)]}" or _GOES_ON.match(spot.code, at) is not None
        # one value between brackets is commoner than a longer expression
        lone = re.fullmatch(r"[\w.]+", spot.code[first:at]) is not None
        bits = (0.7 if lone else 1.0) if goes_on else 1.8
        yield RowEdit(spot.cut(at, at, last), f"missing `{last}`", bits + spot.far(at, 0.03, 0.0 if lone else 1.0))
    for at in stack:
        yield RowEdit(spot.cut(at, at + 1), f"`{spot.code[at]}` too many", 1.2 if len(stack) == 1 else 1.6)
        if spot.code[at - 1 : at] == spot.code[at]:
            yield RowEdit(spot.cut(at, at + 1), f"`{spot.code[at]}` too many", 0.6)
    if len(stack) == 1:
        # a pair of which only the one half is of the right kind: the row closes it with another one further down
        for at in [at for at, c in enumerate(spot.code) if c in OPENING and at not in stack]:
            yield RowEdit(spot.cut(at, at + 1), f"`{spot.code[at]}` too many", 2.2)


def _absent(spot: Spot) -> Iterator[RowEdit]:
    """A bracket that another row opened, or a pair that is not there at all."""
    body, comment = spot.body, spot.comment
    if not body.strip():
        return
    for character in CLOSING if spot.whole.opened else ():
        yield RowEdit(body + character + comment, f"missing `{character}`", 1.5)
    if spot.word == "print" and (found := re.match(r"\s*print\s+(?=[^\s=(])", spot.row)):
        yield RowEdit(f"{spot.indent}print({body[found.end() :]}){comment}", "missing brackets of `print`", 0.3)
    if spot.word in ("def", "class") and body.endswith(":"):
        named = re.match(r"\s*def \w+(?=\s*:)", body)
        if named:
            yield RowEdit(spot.cut(named.end(), named.end(), "()"), "missing `()`", 0.5)
    ends = sorted({spot.column, *(m.end() for m in re.finditer(r"\w+", spot.code))})
    for at in ends:
        gap = spot.code[at : at + 1] == " "
        if not gap or at >= len(body):
            continue
        colon = body.endswith(":")
        inner = body[at:-1] if colon else body[at:]
        for opening, closing in OPENING.items():
            new = body[:at] + opening + inner.lstrip(" ") + closing + (":" if colon else "")
            yield RowEdit(new + comment, f"missing `{opening}{closing}`", 2.5 + spot.far(at) + 0.5 * (opening != "("))


def over_rows(whole: Whole) -> Iterator[TextEdit]:
    """Brackets that a row before has left open, closed at the end of some row since."""
    end = whole.number
    reported = "never closed" in whole.broken.message
    opened = whole.opened
    if reported:
        opened = [(whole.number, min(whole.broken.column - 1, len(whole.code[whole.number - 1]) - 1))]
        end = _next_statement(whole, whole.number)
    for depth, (line, column) in enumerate(opened[:3]):
        closing = OPENING.get(whole.code[line - 1][column : column + 1])
        if closing is None:
            continue
        for at in range(end - (not reported), line - 1, -1):
            code = whole.code[at - 1].rstrip()
            row = whole.rows[at - 1].rstrip("\r\n")
            if not code.strip():
                continue
            bits = 0.5 + 0.7 * depth + min(2.5, 0.25 * (end - at))
            new = row[: len(code)] + closing + row[len(code) :] + "\n"
            yield TextEdit(whole.replaced(at, at, [new]), f"line {at}: missing `{closing}`", bits, at)
            if code.endswith((",", ":")):
                new = row[: len(code) - 1] + closing + code[-1] + row[len(code) :] + "\n"
                yield TextEdit(whole.replaced(at, at, [new]), f"line {at}: missing `{closing}`", bits, at)
                alone = f"{lead(whole.rows[line - 1])}{closing}{':' if code.endswith(':') else ''}\n"
                note = f"line {at + 1}: missing `{closing}`"
                yield TextEdit(whole.replaced(at + 1, at, [alone]), note, bits, at + 1)
        opening = whole.code[line - 1][column]
        row = whole.rows[line - 1]
        gone = whole.replaced(line, line, [row[:column] + row[column + 1 :]])
        yield TextEdit(gone, f"line {line}: `{opening}` too many", 1.2 + 0.5 * depth, line)
    for line in whole.broken.named:
        if "does not match" in whole.broken.message and line < whole.number:
            yield from _mismatched(whole, line)


def _next_statement(whole: Whole, number: int) -> int:
    """The last line that may belong to the bracket opened in line *number*."""
    depth = len(lead(whole.rows[number - 1]))
    at = number
    while at < len(whole.rows) and at < number + 25:
        row = whole.code[at]
        begins = re.match(r"\s*(?:\w+\s*=[^=]|(?:def|class|return|if|for|while|import|from|with|try|raise|@)\b)", row)
        if row.strip() and len(lead(row)) <= depth and (begins or len(lead(row)) < depth):
            break
        at += 1
    return at


def _mismatched(whole: Whole, line: int) -> Iterator[TextEdit]:
    """The opening bracket, which stands in another row, made to fit the closing one."""
    found = re.search(r"parenthesis '(.)' does not match opening parenthesis '(.)'", whole.broken.message)
    if found is None:
        return
    row, at = whole.rows[line - 1], whole.code[line - 1].rfind(found.group(2))
    if at >= 0:
        right = CLOSING[found.group(1)]
        new = row[:at] + right + row[at + 1 :]
        note = f"line {line}: `{found.group(2)}` → `{right}`"
        yield TextEdit(whole.replaced(line, line, [new]), note, 0.7, line)
