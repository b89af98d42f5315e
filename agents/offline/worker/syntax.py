"""Files that do not parse: small edits around the place where Python stopped, breadth first, until they compile."""

from __future__ import annotations

import difflib
import heapq
import itertools
import keyword
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

MOST_COMPILES = 6_000
DEEPEST = 4
_OPENING = {"(": ")", "[": "]", "{": "}"}
_HEADS = (
    "if",
    "elif",
    "else",
    "for",
    "while",
    "def",
    "class",
    "try",
    "except",
    "finally",
    "with",
    "async",
    "match",
    "case",
)
_WORDS = tuple(k for k in (*keyword.kwlist, "match", "case"))
_GLUED = ("def", "class", "return", "import", "from", "for", "while", "if", "elif", "async", "not", "lambda")
_MISSPELT = {
    "&&": " and ", "||": " or ", "=>": ">=", "=<": "<=", "<>": "!=", "===": "==", "!==": "!=", "++": " += 1", "--": " -= 1",
    "else if": "elif", "elseif": "elif", "elsif": "elif", "function": "def", "func": "def", "null": "None", "true": "True",
    "false": "False", "switch": "match", "foreach": "for", "“": '"', "”": '"', "‘": "'", "’": "'", ":=": "=", ";": "",  # noqa: RUF001  # these signs are what is looked for
    "then": "", "{": ":", "}": "", "catch": "except", "throw": "raise", "new ": "", "var ": "", "let ": "", "const ": "",
    "->": ":", "!": "not ", "≤": "<=", "≥": ">=", "≠": "!=", "−": "-", "×": "*", "\u00a0": " ",  # noqa: RUF001  # these signs are what is looked for
}  # fmt: skip


@dataclass(frozen=True)
class Mended:
    """A text that compiles, what was done to it, and how dear that is in bits."""

    text: str
    note: str
    line: int
    bits: float
    compiles: int


@dataclass(frozen=True)
class Broken:
    """Where Python stopped."""

    line: int
    column: int
    message: str


def parse_error(text: str, path: str = "<text>") -> Broken | None:
    """Where *text* does not compile; None where it does."""
    try:
        compile(text, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        return Broken(error.lineno or 1, error.offset or 1, str(error.msg))
    except ValueError as error:
        return Broken(1, 1, str(error))
    return None


def mend(text: str, *, most: int = MOST_COMPILES, until: float = float("inf")) -> Iterator[Mended]:
    """Texts that compile, cheapest first; *until* is a time of `time.monotonic`."""
    first = parse_error(text)
    if first is None:
        return
    count = itertools.count()
    queue: list[tuple[float, int, int, str, str, int]] = [(0.0, next(count), 0, text, "", first.line)]
    seen = {text}
    compiles = 0
    while queue and compiles < most and time.monotonic() < until:
        bits, _, depth, current, note, line = heapq.heappop(queue)
        broken = parse_error(current)
        compiles += 1
        if broken is None:
            yield Mended(current, note, line, bits, compiles)
            continue
        if depth >= DEEPEST:
            continue
        # getting further down the file is a sign of being on the right way
        progress = 1.5 if depth and broken.line > line else 0.0
        for candidate, what, price, where in _edits(current, broken):
            if candidate not in seen:
                seen.add(candidate)
                total = max(0.0, bits - progress) + price
                heapq.heappush(
                    queue, (total, next(count), depth + 1, candidate, f"{note}; {what}" if note else what, where)
                )


Proposal = tuple[str, str, float, int]


def _edits(text: str, broken: Broken) -> Iterator[Proposal]:
    """Edited texts with what was done, its price and its line."""
    lines = text.splitlines(keepends=True) or [""]
    number = min(max(broken.line, 1), len(lines))
    around = [number]
    above = number - 1
    while above > 0 and not lines[above - 1].strip():
        above -= 1
    around += [n for n in (above, above - 1, number + 1) if 1 <= n <= len(lines)]
    opened = _unclosed(lines, number)
    around += [n for n in opened if n not in around]
    for rank, at in enumerate(dict.fromkeys(around)):
        cost = 0.0 if rank == 0 else 1.0 if rank == 1 else 2.5 + 0.3 * rank
        row = lines[at - 1]
        ending = row[len(row.rstrip("\r\n")) :]
        plain = row[: len(row) - len(ending)]
        column = broken.column - 1 if at == number else len(plain)
        for new, what, price in _row_edits(plain, column, broken):
            if new != plain:
                rest = [*lines[: at - 1], new + ending if new.strip() or plain.strip() else new, *lines[at:]]
                yield "".join(rest), f"line {at}: {what}", price + cost, at
        for new, what, price in _indents(lines, at, broken):
            yield new, f"line {at}: {what}", price + cost, at


def _unclosed(lines: list[str], number: int) -> list[int]:
    """Lines whose brackets are still open at line *number*, innermost first."""
    stack: list[tuple[str, int]] = []
    for at, row in enumerate(lines[:number], start=1):
        for character in _code(row):
            if character in _OPENING:
                stack.append((character, at))
            elif character in ")]}" and stack and _OPENING[stack[-1][0]] == character:
                stack.pop()
    return [at for _, at in reversed(stack)][:3]


def _code(row: str) -> str:
    """The row with its strings made of one letter and its comment blanked, at the same length."""
    return re.sub(
        r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|#.*",
        lambda m: (" " if m.group()[0] == "#" else "s") * len(m.group()),
        row,
    )


def _row_edits(row: str, column: int, broken: Broken) -> Iterator[tuple[str, str, float]]:
    yield from _colons(row, broken)
    yield from _brackets(row, column)
    yield from _quotes(row)
    yield from _spelling(row, column)
    yield from _signs(row, column, broken)
    yield from _tokens(row, column)


def _colons(row: str, broken: Broken) -> Iterator[tuple[str, str, float]]:
    body, comment = _split_comment(row)
    word = re.match(r"\s*(\w+)", row)
    head = word is not None and (word.group(1) in _HEADS)
    expected = "expected ':'" in broken.message
    if head and not body.endswith(":"):
        yield body + ":" + comment, "missing colon", 0.0 if expected else 1.0
        if body[-1:] in ";,.=({":
            yield body[:-1].rstrip() + ":" + comment, "colon in place of another sign", 0.5
    if body.endswith(":") and not head:
        yield body[:-1] + comment, "no colon here", 1.5
    if head and not body.endswith(":"):
        for closing in (")", "]", "))"):
            yield body + closing + ":" + comment, f"missing `{closing}:`", 2.5
    if head and body.endswith(":"):
        for closing in (")", "]", "}", "))"):
            yield body[:-1] + closing + ":" + comment, f"missing `{closing}`", 1.0
    if head:
        for found in re.finditer(r"[)\w\]'\"] (?=\S)", body):
            yield body[: found.end() - 1] + ":" + body[found.end() - 1 :] + comment, "missing colon", 3.0


def _split_comment(row: str) -> tuple[str, str]:
    at = _code(row).rstrip()
    return row[: len(at)], row[len(at) :]


def _brackets(row: str, column: int) -> Iterator[tuple[str, str, float]]:
    body, comment = _split_comment(row)
    stack: list[str] = []
    for at, character in enumerate(_code(body)):
        if character in _OPENING:
            stack.append(character)
        elif character in ")]}":
            if stack and _OPENING[stack[-1]] == character:
                stack.pop()
            else:
                yield from ((new + comment, what, price) for new, what, price in _stray(body, at, stack))
    ways = _unfinished(body, stack) if stack else _bracketless(body, column)
    yield from ((new + comment, what, price) for new, what, price in ways)
    for found in re.finditer(r"\bprint\s+(?=\S)", body):
        yield body[: found.start()] + "print(" + body[found.end() :] + ")" + comment, "missing brackets of `print`", 0.5


def _stray(body: str, at: int, stack: list[str]) -> Iterator[tuple[str, str, float]]:
    """A closing bracket that closes nothing that is open."""
    character = body[at]
    yield body[:at] + body[at + 1 :], f"`{character}` too many", 1.0
    if stack:
        right = _OPENING[stack[-1]]
        yield body[:at] + right + body[at + 1 :], f"`{character}` → `{right}`", 0.5
        yield body[:at] + right + body[at:], f"missing `{right}`", 1.0
    opening = {closing: opening for opening, closing in _OPENING.items()}[character]
    for start in re.finditer(r"\S+|(?<=\()", body[:at]):
        yield body[: start.start()] + opening + body[start.start() :], f"missing `{opening}`", 2.5
    for word in re.finditer(r"\w+", body[:at]):
        yield body[: word.end()] + opening + body[word.end() :].lstrip(" "), f"missing `{opening}`", 2.0


def _unfinished(body: str, stack: list[str]) -> Iterator[tuple[str, str, float]]:
    """Brackets of the row that nothing closes."""
    closing = "".join(_OPENING[c] for c in reversed(stack))
    yield body + closing, f"missing `{closing}`", 0.3
    yield body + closing + ",", f"missing `{closing},`", 2.0
    for at in sorted({m.end() for m in re.finditer(r"\w+|\S", body)}, reverse=True):
        yield body[:at] + _OPENING[stack[-1]] + body[at:], f"missing `{_OPENING[stack[-1]]}`", 1.7
    for at, character in enumerate(_code(body)):
        if character in _OPENING:
            yield body[:at] + body[at + 1 :], f"`{character}` too many", 2.0


def _bracketless(body: str, column: int) -> Iterator[tuple[str, str, float]]:
    """A bracket that another row opened, or a pair that is not there at all."""
    for character in ")]}":
        yield body + character, f"missing `{character}`", 2.0
    ends = {column, *(m.end() for m in re.finditer(r"\w+", body))}
    for opening, closing in _OPENING.items():
        for at in ends:
            yield body[:at] + opening + body[at:].lstrip(" ") + closing, f"missing `{opening}{closing}`", 3.0


def _quotes(row: str) -> Iterator[tuple[str, str, float]]:
    for quote in ("'", '"'):
        if row.count(quote) % 2:
            ends = {m.end() for m in re.finditer(r"\w+|\S", row)}
            for at in sorted(ends, reverse=True):
                trailing = row[at:].strip() in (")", "):", "]", "]:", ",", "}", ":", "))", "")
                yield row[:at] + quote + row[at:], f"missing {quote}", 0.5 if trailing else 2.0
            starts = {m.start() for m in re.finditer(r"\w+|\S", row)}
            for at in sorted(starts):
                yield row[:at] + quote + row[at:], f"missing {quote}", 1.5 if row[:at].rstrip()[-1:] in "([{,=" else 3.0
            for found in re.finditer(quote, row):
                other = '"' if quote == "'" else "'"
                yield row[: found.start()] + other + row[found.end() :], f"{quote} → {other}", 1.0
    # text with an apostrophe in it
    quoted = re.search(r"'(.*)'", row)
    if quoted and "'" in quoted.group(1) and '"' not in quoted.group(1):
        yield row[: quoted.start()] + f'"{quoted.group(1)}"' + row[quoted.end() :], "other quotes", 1.0
    if row.count('"""') % 2 or row.count("'''") % 2:
        mark = '"""' if row.count('"""') % 2 else "'''"
        yield row + mark, f"missing {mark}", 1.5
    for mark in ('"""', "'''"):
        if row.rstrip().endswith(mark[:2]) and not row.rstrip().endswith(mark):
            yield row.rstrip() + mark[0], f"missing {mark[0]}", 1.0


def _spelling(row: str, column: int) -> Iterator[tuple[str, str, float]]:
    for found in re.finditer(r"[A-Za-z_]+", row):
        if found.group() not in _WORDS:
            yield from _keywords(row, found, column)
    for wrong, right in _MISSPELT.items():
        for found in re.finditer(rf"\b{re.escape(wrong)}\b" if wrong[:1].isalpha() else re.escape(wrong), row):
            new = row[: found.start()] + right + row[found.end() :]
            if right.startswith(" ") or right.endswith(" "):
                new = row[: len(row) - len(row.lstrip())] + re.sub(r" {2,}", " ", new.lstrip())
            yield new, f"`{wrong.strip()}` → `{right.strip()}`", 1.0
    head = re.match(r"\s*(\w+)(\s*\(.*)", row)
    if head and row.rstrip().endswith(":") and head.group(1) not in _HEADS:
        yield row[: len(row) - len(row.lstrip())] + f"def {row.lstrip()}", "missing `def`", 1.0


def _keywords(row: str, found: re.Match[str], column: int) -> Iterator[tuple[str, str, float]]:
    """A keyword, or one and a blank, for a word that is none."""
    word = found.group()
    before, after = row[: found.start()], row[found.end() :]
    first = not before.strip()
    here = 0.0 if abs(found.start() - column) <= len(word) + 1 or first else 1.0
    for rank, other in enumerate(difflib.get_close_matches(word, _WORDS, n=3, cutoff=0.6)):
        yield before + other + after, f"`{word}` → `{other}`", 1.0 + here + rank
    for other in _GLUED if first else ():
        if word.startswith(other) and len(word) > len(other):
            rest = word[len(other) :]
            yield f"{before}{other} {rest}{after}", f"`{word}` → `{other} {rest}`", 2.0


def _signs(row: str, column: int, broken: Broken) -> Iterator[tuple[str, str, float]]:
    condition = re.match(r"\s*(if|elif|while|return|assert)\b", row) is not None
    for found in re.finditer(r"(?<![=!<>:+\-*/%&|^])=(?!=)", row):
        cost = 0.3 if condition or "'=='" in broken.message else 2.0
        yield row[: found.start()] + "==" + row[found.end() :], "`=` → `==`", cost
    for found in re.finditer(r"==", row):
        yield row[: found.start()] + "=" + row[found.end() :], "`==` → `=`", 1.5
    for at in sorted({m.end() for m in re.finditer(r"\w+|[)\]}'\"]", row)}, key=lambda e: abs(e - column)):
        if row[at : at + 1] in ("", " ", "\t") or row[at : at + 1].isalnum() or row[at : at + 1] in "'\"[{(":
            cost = 0.5 if "comma" in broken.message else 1.5
            distance = min(2.0, 0.1 * abs(at - column))
            yield row[:at] + "," + row[at:], "missing comma", cost + distance
            if row[at:].strip():
                for sign, price in (
                    (":", 2.5),
                    (" in", 2.5),
                    (" =", 2.5),
                    (" +", 3.0),
                    (" ==", 3.5),
                    (".", 3.5),
                    (" and", 3.0),
                    (" else", 3.0),
                    (" not", 4.0),
                ):
                    yield row[:at] + sign + row[at:], f"missing `{sign.strip()}`", price + distance
    if not column and row.strip():
        yield row + ",", "missing comma", 2.0
    if row.rstrip() and row.rstrip()[-1] not in ",([{:":
        yield row.rstrip() + ",", "missing comma", 1.5 if "comma" in broken.message else 2.5


def _tokens(row: str, column: int) -> Iterator[tuple[str, str, float]]:
    """One token gone, or twice; the ones near the error first."""
    for found in re.finditer(r"\w+|==|!=|<=|>=|\*\*|//|->|[^\w\s]", row):
        distance = min(2.0, 0.15 * abs(found.start() - column))
        yield (
            row[: found.start()] + row[found.end() :].lstrip(" ")
            if not row[: found.start()].strip()
            else row[: found.start()] + row[found.end() :],
            f"`{found.group()}` too many",
            2.5 + distance,
        )
    for found in re.finditer(r"[,:]", row):
        for other in ",:.;=":
            if other != found.group():
                yield (
                    row[: found.start()] + other.replace(";", "") + row[found.end() :],
                    f"`{found.group()}` → `{other}`",
                    3.0,
                )
    for found in re.finditer(r"(?<=\w) (?=\w)", row):
        yield row[: found.start()] + "_" + row[found.end() :], "one name", 3.5
        yield row[: found.start()] + row[found.end() :], "one word", 3.5
    for found in re.finditer(r"[A-Za-z_]\w*", row):
        yield row[: found.start()] + "in " + row[found.start() :], "missing `in`", 4.0


def _indents(lines: list[str], at: int, broken: Broken) -> Iterator[tuple[str, str, float]]:
    """The line, or the block that starts with it, at another depth; an empty block filled."""
    row = lines[at - 1]
    if not row.strip():
        return
    own = _lead(row)
    base = 0.0 if "indent" in broken.message else 3.0
    around = {_lead(line) for line in lines[max(0, at - 12) : at + 6] if line.strip()}
    if any(level.strip(" ") for level in around):
        for width in (8, 4):
            flat = [line.expandtabs(width) if line[:1].isspace() else line for line in lines]
            yield "".join(flat), "tabs as blanks", base
    levels = {"", *around, *(level + "    " for level in around)} - {own}
    end = at
    while end < len(lines) and (not lines[end].strip() or len(_lead(lines[end])) >= max(1, len(own))):
        end += 1
    for level in sorted(levels, key=lambda level: (abs(len(level) - len(own)), level)):
        far = 0.1 * abs(len(level) - len(own))
        yield "".join([*lines[: at - 1], level + row.lstrip(), *lines[at:]]), "indentation", base + 0.5 + far
        if end > at:
            moved = [_reindent(line, own, level) for line in lines[at - 1 : end]]
            yield "".join([*lines[: at - 1], *moved, *lines[end:]]), "indentation of the block", base + 0.7 + far
    if "expected an indented block" in broken.message:
        head = next((line for line in reversed(lines[: at - 1]) if line.strip()), "")
        yield "".join([*lines[: at - 1], f"{_lead(head)}    pass\n", *lines[at - 1 :]]), "empty block", 2.5


def _lead(row: str) -> str:
    return row[: len(row) - len(row.lstrip())]


def _reindent(line: str, own: str, level: str) -> str:
    return level + line[len(own) :] if line.startswith(own) and line.strip() else line
