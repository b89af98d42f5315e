"""Whole rows: joined, split, dropped; and the rules of the language that the parser knows last."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from .fault import RowEdit, Spot, TextEdit, Whole
from .masking import lead

COMMENT_OUT = 5.0
"""Dear, as nearly every text parses without its faulty row."""
_ENDS_OPEN = re.compile(r"(?:[-+*/%&|^=<>,.]|\b(?:and|or|not|in|is))$")
_BEGINS_OPEN = re.compile(r"\s*(?:[-+*/%&|^.]|==|!=|<|>|(?:and|or|in|is|if|else|for)\b)")


def edits(whole: Whole) -> Iterator[TextEdit]:
    yield from _joined(whole)
    yield from _tried(whole)
    for phrase, rule in _RULES.items():
        if phrase in whole.broken.message:
            yield from rule(whole)
    for at, bits in (
        (whole.number, 0.0),
        (whole.above(whole.number), 1.5),
        *((line, 1.0) for line in whole.broken.named),
    ):
        if 1 <= at <= len(whole.rows) and whole.rows[at - 1].strip():
            yield from _gone(whole, at, bits)


def split(spot: Spot) -> Iterator[RowEdit]:
    """Two statements that stand in one row."""
    for found in re.finditer(r"(?<=[\w)\]}])( +)(?=[A-Za-z_@])", spot.code):
        rest = spot.row[found.end() :]
        statement = re.match(
            r"(?:return|if|for|while|def|class|import|from|print|raise|pass|break|continue)\b|[\w.]+(?:\[.*\])? [-+*/]?= |\w[\w.]*\(",
            rest,
        )
        if statement and found.start() >= len(spot.indent):
            new = f"{spot.row[: found.start()]}\n{spot.indent}{rest}"
            yield RowEdit(new, "two statements", 1.8 + spot.far(found.start()))
    decorated = re.match(r"\s*@[\w.]+(?:\([^)]*\))?(\s+)(?=def |class |async )", spot.row)
    if decorated:
        new = f"{spot.row[: decorated.start(1)]}\n{spot.indent}{spot.row[decorated.end() :]}"
        yield RowEdit(new, "decorator on a row of its own", 0.3)


def _joined(whole: Whole) -> Iterator[TextEdit]:
    """An expression that goes on in the next row, and the sign for that."""
    for at in (whole.number, whole.above(whole.number)):
        below = whole.below(at) if at else 0
        if not below:
            continue
        row, code = whole.rows[at - 1].rstrip("\r\n"), whole.code[at - 1].rstrip()
        if row.rstrip().endswith("\\") and row != row.rstrip():
            yield TextEdit(whole.replaced(at, at, [row.rstrip() + "\n"]), f"line {at}: blank after `\\`", 0.2, at)
        elif code.endswith("\\"):
            gone = row[: len(code) - 1].rstrip() + "\n"
            yield TextEdit(whole.replaced(at, at, [gone]), f"line {at}: `\\` too many", 1.0, at)
        elif _ENDS_OPEN.search(code) or _BEGINS_OPEN.match(whole.code[below - 1]):
            new = row[: len(code)] + " \\\n"
            yield TextEdit(whole.replaced(at, below - 1, [new]), f"line {at}: missing `\\`", 0.8, at)
        joined = f"{row[: len(code)]} {whole.rows[below - 1].lstrip()}"
        yield TextEdit(whole.replaced(at, below, [joined]), f"line {at}: one row", 3.2, at)


def _tried(whole: Whole) -> Iterator[TextEdit]:
    """A `try` that nothing follows, and what stands where only `except` may."""
    if "expected 'except'" not in whole.broken.message:
        return
    at = whole.number
    depth = len(lead(whole.rows[at - 1])) if whole.rows[at - 1].strip() else 0
    tries = [n for n in range(at, 0, -1) if re.match(r"\s*try\s*:", whole.code[n - 1])]
    for line in tries[:2]:
        margin = lead(whole.rows[line - 1])
        if len(margin) < depth:
            continue
        for handler, bits in (
            (f"{margin}except Exception:\n{margin}    pass\n", 2.2),
            (f"{margin}finally:\n{margin}    pass\n", 2.6),
        ):
            ended = (
                at
                if whole.rows[at - 1].strip()
                and not (at == len(whole.rows) and len(lead(whole.rows[at - 1])) > len(margin))
                else at + 1
            )
            before = "".join(whole.rows[: ended - 1])
            before += "" if before.endswith("\n") else "\n"
            yield TextEdit(
                before + handler + "".join(whole.rows[ended - 1 :]), f"line {ended}: missing handler", bits, ended
            )
        end = line
        while end < len(whole.rows) and (not whole.rows[end].strip() or len(lead(whole.rows[end])) > len(margin)):
            end += 1
        rows = [row.replace("    ", "", 1) if row.startswith(margin) else row for row in whole.rows[line:end]]
        yield TextEdit(whole.replaced(line, end, rows), f"line {line}: `try` too many", 1.8, line)


def _gone(whole: Whole, at: int, bits: float) -> Iterator[TextEdit]:
    row = whole.rows[at - 1]
    words = re.fullmatch(r"\s*[A-Z][A-Za-z]*(?: [\w',()-]+){2,}[.:!?]?\s*", row) is not None
    cost = 0.8 if words else COMMENT_OUT
    new = f"{lead(row)}# {row.lstrip()}"
    yield TextEdit(whole.replaced(at, at, [new]), f"line {at}: the row made a comment", cost + bits, at)
    if at > 1 and row.strip() == whole.rows[at - 2].strip():
        yield TextEdit(whole.replaced(at, at, []), f"line {at}: the row stands twice", 0.8 + bits, at)
    if at == len(whole.rows) or not "".join(whole.rows[at:]).strip():
        yield TextEdit(whole.replaced(at, at, []), f"line {at}: unfinished row at the end", 2.5 + bits, at)


def _await(whole: Whole) -> Iterator[TextEdit]:
    """The function around the row made one that may wait."""
    depth = len(lead(whole.rows[whole.number - 1]))
    for at in range(whole.number, 0, -1):
        found = re.match(r"(\s*)def ", whole.rows[at - 1])
        if found and (len(found.group(1)) < depth or at == whole.number):
            row = whole.rows[at - 1]
            new = f"{found.group(1)}async {row.lstrip()}"
            yield TextEdit(whole.replaced(at, at, [new]), f"line {at}: missing `async`", 0.3, at)
            break
    row = whole.rows[whole.number - 1]
    for found in re.finditer(r"\b(?:await|async) ", row):
        new = row[: found.start()] + row[found.end() :]
        yield TextEdit(
            whole.replaced(whole.number, whole.number, [new]), f"line {whole.number}: waits outside", 2.0, whole.number
        )


def _row(whole: Whole, new: str, note: str, bits: float) -> TextEdit:
    return TextEdit(
        whole.replaced(whole.number, whole.number, [new]), f"line {whole.number}: {note}", bits, whole.number
    )


def _arguments(whole: Whole) -> Iterator[TextEdit]:
    """Positional arguments after keyword ones, before them."""
    row = whole.rows[whole.number - 1]
    for found in re.finditer(r"\(([^()]*(?:\([^()]*\)[^()]*)*)\)", row):
        parts = re.split(r",\s*(?![^(\[{]*[)\]}])", found.group(1))
        named = [part for part in parts if re.match(r"\s*\w+\s*=(?!=)", part) or part.lstrip().startswith("**")]
        plain = [part for part in parts if part not in named]
        if named and plain and parts != [*plain, *named]:
            new = f"{row[: found.start(1)]}{', '.join([*plain, *named])}{row[found.end(1) :]}"
            yield _row(whole, new, "keyword arguments last", 0.5)
    for found in re.finditer(r"(\w+)\s*=\s*(?=[^=])", row):
        yield _row(whole, row[: found.start()] + row[found.end() :], f"`{found.group(1)}=` too many", 1.6)
        yield _row(whole, row[: found.start()] + f"{found.group(1)} == " + row[found.end() :], "`=` → `==`", 2.0)
    for found in re.finditer(r"(?<=, )(?=(\w+)[,)])", row):
        yield _row(whole, f"{row[: found.start()]}{found.group(1)}={row[found.end() :]}", "named argument", 1.6)


def _defaults(whole: Whole) -> Iterator[TextEdit]:
    """A parameter without a default after one with a default."""
    row = whole.rows[whole.number - 1]
    for found in re.finditer(r"(\w+)(\s*:[^,=()]+)?(?=\s*[,)])", row):
        if not re.search(r"=\s*[\w.\[\]{}'\"]*$", row[: found.start(1)] + found.group(1)):
            new = f"{row[: found.end()]}=None{row[found.end() :]}"
            yield _row(whole, new, f"`{found.group(1)}` with a default", 1.0)
    for found in re.finditer(r"(\w+\s*=\s*[^,()]+),\s*(\w+)(?=\s*[,)])", row):
        new = f"{row[: found.start()]}{found.group(2)}, {found.group(1)}{row[found.end() :]}"
        yield _row(whole, new, "defaults last", 0.8)
        plain = found.group(1).split("=")[0].rstrip()
        yield _row(
            whole, f"{row[: found.start()]}{plain}{row[found.start() + len(found.group(1)) :]}", "no default", 1.4
        )


def _duplicate(whole: Whole) -> Iterator[TextEdit]:
    """A parameter, or a named argument, that is there twice."""
    named = re.search(r"'(\w+)'|repeated: (\w+)", whole.broken.message)
    row = whole.rows[whole.number - 1]
    if named is None:
        return
    word = named.group(1) or named.group(2)
    for found in re.finditer(rf",\s*\*{{0,2}}{word}\b(?:\s*=\s*[^,()]+)?|\b{word}\b(?:\s*=\s*[^,()]+)?,\s*", row):
        yield _row(whole, row[: found.start()] + row[found.end() :], f"`{word}` twice", 1.0)


def _scopes(whole: Whole) -> Iterator[TextEdit]:
    """`nonlocal` and `global` where they may not stand."""
    row = whole.rows[whole.number - 1]
    if re.search(r"\bnonlocal\b", row):
        yield _row(whole, row.replace("nonlocal", "global"), "`nonlocal` → `global`", 0.8)
    found = re.match(r"\s*(?:global|nonlocal)\s", row)
    if not found:
        return
    yield TextEdit(
        whole.replaced(whole.number, whole.number, []), f"line {whole.number}: no declaration", 1.2, whole.number
    )
    depth = len(lead(row))
    for at in range(whole.number - 1, 0, -1):
        if whole.code[at - 1].strip() and len(lead(whole.rows[at - 1])) < depth:
            rows = [whole.rows[at - 1], lead(whole.rows[at]) + row.lstrip(), *whole.rows[at : whole.number - 1]]
            yield TextEdit(whole.replaced(at, whole.number, rows), f"line {at + 1}: declared first", 0.5, at + 1)
            break


def _future(whole: Whole) -> Iterator[TextEdit]:
    row = whole.rows[whole.number - 1]
    rest = whole.replaced(whole.number, whole.number, [])
    yield TextEdit(row + rest, "line 1: `__future__` first", 0.3, 1)


def _assigned(whole: Whole) -> Iterator[TextEdit]:
    """What cannot be assigned to: the two sides may be the wrong way round, or the sign another."""
    row = whole.rows[whole.number - 1]
    found = re.fullmatch(r"(\s*)(.+?)\s=\s(\w[\w.]*)(\s*)", row)
    if found:
        indent, left, right, end = found.groups()
        yield _row(whole, f"{indent}{right} = {left}{end}", "the sides the other way round", 1.5)
    for sign in ("+", "-", "*", "/", "%"):
        for hit in re.finditer(rf"(\w+) {re.escape(sign)} = ", row):
            yield _row(whole, row[: hit.start()] + f"{hit.group(1)} {sign}= " + row[hit.end() :], f"`{sign}=`", 0.5)


_RULES: dict[str, Callable[[Whole], Iterator[TextEdit]]] = {
    "outside async": _await,
    "asynchronous": _await,
    "positional argument follows": _arguments,
    'Maybe you meant "=="': _arguments,
    "without a default follows": _defaults,
    "non-default argument": _defaults,
    "duplicate argument": _duplicate,
    "keyword argument repeated": _duplicate,
    "nonlocal": _scopes,
    "prior to global": _scopes,
    "before global": _scopes,
    "and global": _scopes,
    "__future__": _future,
    "cannot assign": _assigned,
}
