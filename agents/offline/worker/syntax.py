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
_MISSPELT = {
    "&&": " and ", "||": " or ", "=>": ">=", "=<": "<=", "<>": "!=", "===": "==", "!==": "!=", "++": " += 1", "--": " -= 1",
    "else if": "elif", "elseif": "elif", "elsif": "elif", "function": "def", "func": "def", "null": "None", "true": "True",
    "false": "False", "switch": "match", "foreach": "for", "“": '"', "”": '"', "‘": "'", "’": "'", ":=": "=", ";": "",
    "then": "", "{": ":", "}": "", "catch": "except", "throw": "raise", "new ": "", "var ": "", "let ": "", "const ": "",
    "->": ":", "!": "not ", "≤": "<=", "≥": ">=", "≠": "!=", "−": "-", "×": "*", "\u00a0": " ",
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
    """The row with strings and comments blanked."""
    return re.sub(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|#.*", lambda m: " " * len(m.group()), row)


def _row_edits(row: str, column: int, broken: Broken) -> Iterator[tuple[str, str, float]]:
    yield from _colons(row, broken)
    yield from _brackets(row, column)
    yield from _quotes(row, column)
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
    code = _code(body)
    stack = []
    for at, character in enumerate(code):
        if character in _OPENING:
            stack.append(character)
        elif character in ")]}":
            if not stack or _OPENING[stack[-1]] != character:
                yield body[:at] + body[at + 1 :] + comment, f"`{character}` too many", 1.0
                if stack:
                    yield (
                        body[:at] + _OPENING[stack[-1]] + body[at + 1 :] + comment,
                        f"`{character}` → `{_OPENING[stack[-1]]}`",
                        0.5,
                    )
                    yield body[:at] + _OPENING[stack[-1]] + body[at:] + comment, f"missing `{_OPENING[stack[-1]]}`", 1.0
                opening = {v: k for k, v in _OPENING.items()}[character]
                for start in re.finditer(r"\S+|(?<=\()", body[:at]):
                    yield body[: start.start()] + opening + body[start.start() :] + comment, f"missing `{opening}`", 2.5
                for word in re.finditer(r"\w+", body[:at]):
                    yield (
                        body[: word.end()] + opening + body[word.end() :].lstrip(" ") + comment,
                        f"missing `{opening}`",
                        2.0,
                    )
            else:
                stack.pop()
    if stack:
        closing = "".join(_OPENING[c] for c in reversed(stack))
        yield body + closing + comment, f"missing `{closing}`", 0.3
        yield body + closing + "," + comment, f"missing `{closing},`", 2.0
        for at in sorted({m.end() for m in re.finditer(r"\w+|\S", body)}, reverse=True):
            yield body[:at] + _OPENING[stack[-1]] + body[at:] + comment, f"missing `{_OPENING[stack[-1]]}`", 1.7
        for at, character in enumerate(code):
            if character in _OPENING:
                yield body[:at] + body[at + 1 :] + comment, f"`{character}` too many", 2.0
    else:
        for character in ")]}":
            yield body + character + comment, f"missing `{character}`", 2.0
        for character in "([{":
            for at in {column, *(m.end() for m in re.finditer(r"\w+", body))}:
                yield (
                    body[:at] + character + body[at:].lstrip(" ") + _OPENING[character] + comment,
                    f"missing `{character}{_OPENING[character]}`",
                    3.0,
                )
    for found in re.finditer(r"\bprint\s+(?=\S)", body):
        yield body[: found.start()] + "print(" + body[found.end() :] + ")" + comment, "missing brackets of `print`", 0.5


def _quotes(row: str, column: int) -> Iterator[tuple[str, str, float]]:
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
    found = re.search(r"'(.*)'", row)
    if found and "'" in found.group(1) and '"' not in found.group(1):
        yield row[: found.start()] + f'"{found.group(1)}"' + row[found.end() :], "other quotes", 1.0
    if row.count('"""') % 2 or row.count("'''") % 2:
        mark = '"""' if row.count('"""') % 2 else "'''"
        yield row + mark, f"missing {mark}", 1.5
    for mark in ('"""', "'''"):
        if row.rstrip().endswith(mark[:2]) and not row.rstrip().endswith(mark):
            yield row.rstrip() + mark[0], f"missing {mark[0]}", 1.0


def _spelling(row: str, column: int) -> Iterator[tuple[str, str, float]]:
    for found in re.finditer(r"[A-Za-z_]+", row):
        word = found.group()
        if word in _WORDS:
            continue
        near = difflib.get_close_matches(word, _WORDS, n=3, cutoff=0.6)
        here = 0.0 if abs(found.start() - column) <= len(word) + 1 or not row[: found.start()].strip() else 1.0
        for rank, other in enumerate(near):
            yield row[: found.start()] + other + row[found.end() :], f"`{word}` → `{other}`", 1.0 + here + rank
        for other in (
            "def",
            "class",
            "return",
            "import",
            "from",
            "for",
            "while",
            "if",
            "elif",
            "in",
            "not",
            "lambda",
            "async",
        ):
            if word.startswith(other) and len(word) > len(other) and not row[: found.start()].strip():
                yield (
                    row[: found.start()] + other + " " + word[len(other) :] + row[found.end() :],
                    f"`{word}` → `{other} {word[len(other) :]}`",
                    2.0,
                )
        if word in keyword.kwlist:
            continue
    for wrong, right in _MISSPELT.items():
        for found in re.finditer(rf"\b{re.escape(wrong)}\b" if wrong[:1].isalpha() else re.escape(wrong), row):
            new = row[: found.start()] + right + row[found.end() :]
            if right.startswith(" ") or right.endswith(" "):
                body = new.lstrip()
                new = row[: len(row) - len(row.lstrip())] + re.sub(r" {2,}", " ", body)
            yield new, f"`{wrong.strip()}` → `{right.strip()}`", 1.0
    word = re.match(r"\s*(\w+)(\s*\(.*)", row)
    if word and row.rstrip().endswith(":") and word.group(1) not in _HEADS:
        indent = row[: len(row) - len(row.lstrip())]
        yield f"{indent}def {row.lstrip()}", "missing `def`", 1.0


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
    own = row[: len(row) - len(row.lstrip())]
    indented = "indent" in broken.message
    base = 0.0 if indented else 3.0
    levels = {""}
    for other in lines[max(0, at - 12) : at + 6]:
        if other.strip():
            level = other[: len(other) - len(other.lstrip())]
            levels |= {level, level + "    "}
    tabs = any(level.strip(" ") for level in levels)
    if tabs:
        flat = [line.expandtabs(8) if line[:1].isspace() else line for line in lines]
        yield "".join(flat), "tabs as blanks", base
        yield "".join(line.expandtabs(4) if line[:1].isspace() else line for line in lines), "tabs as blanks", base
    for level in sorted(levels, key=lambda level: (abs(len(level) - len(own)), level)):
        if level == own:
            continue
        far = 0.1 * abs(len(level) - len(own))
        yield "".join([*lines[: at - 1], level + row.lstrip(), *lines[at:]]), "indentation", base + 0.5 + far
        end = at
        while end < len(lines) and (
            not lines[end].strip() or len(lines[end]) - len(lines[end].lstrip()) >= max(1, len(own))
        ):
            end += 1
        if end > at:
            moved = [_reindent(line, own, level) for line in lines[at - 1 : end]]
            yield "".join([*lines[: at - 1], *moved, *lines[end:]]), "indentation of the block", base + 0.7 + far
    if "expected an indented block" in broken.message:
        above = at - 1
        while above > 0 and not lines[above - 1].strip():
            above -= 1
        head = lines[above - 1] if above else ""
        inner = head[: len(head) - len(head.lstrip())] + "    "
        yield "".join([*lines[: at - 1], inner + "pass\n", *lines[at - 1 :]]), "empty block", 2.5


def _reindent(line: str, own: str, level: str) -> str:
    return level + line[len(own) :] if line.startswith(own) and line.strip() else line
