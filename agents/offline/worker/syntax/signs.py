"""Signs between values: one that is not there, one for another, and `=` for `==`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .fault import RowEdit, Spot

_ASKS = re.compile(r"\s*(?:if|elif|while|return|assert)\b")
_BETWEEN = (
    (" in", 2.2), (" if", 2.6), (" else", 2.4), (" for", 2.6), (" and", 2.6), (" or", 2.7), (" as", 2.8), (" import", 2.8), (" is", 3.2), (" not in", 3.2), (" from", 3.4),
    (" =", 2.3), (" +", 2.6), (" ==", 2.7), (" -", 2.8), (" *", 2.9), (" /", 3.1), (" <", 3.0), (" >", 3.0), (" !=", 3.3), (" %", 3.4), (" //", 3.4), (" +=", 3.3), (" <=", 3.3), (" >=", 3.3), (" |", 3.4), (" ->", 3.3),
)  # fmt: skip
_OTHER = {
    ",": (":", ".", "="), ":": (",", ".", "=", " in", " if"), ".": (",", ":"), ";": (":", ","), "=": (":", " in", "-", "+"), "->": (":", "="), "~": ("-",),
    "==": (":", "="), ":=": ("=", ":"), ">": (":",), "!": ("not ", "!="), "|": ("or",), "&": ("and",), "?": ("",), "$": ("",), "*": ("-",), "@": ("",),
}  # fmt: skip


def edits(spot: Spot) -> Iterator[RowEdit]:
    yield from _equals(spot)
    yield from _turned(spot)
    yield from _missing(spot)
    yield from _other(spot)


def _equals(spot: Spot) -> Iterator[RowEdit]:
    condition = _ASKS.match(spot.code) is not None
    told = spot.here and "'=='" in spot.message
    inside = 0
    for found in re.finditer(r"[([{]|[)\]}]|(?<![=!<>:+\-*/%&|^@])=(?!=)", spot.code):
        sign = found.group()
        if sign != "=":
            inside += 1 if sign in "([{" else -1
            continue
        bits = 0.3 if condition or told else 2.0
        yield RowEdit(spot.cut(*found.span(), "=="), "`=` → `==`", bits + spot.far(found.start(), 0.03))
        if "{" in spot.code or spot.whole.opened:
            new = spot.row[: found.start()].rstrip() + ": " + spot.row[found.end() :].lstrip()
            yield RowEdit(new, "`=` → `:`", 1.0 if spot.here else 1.8)
        if told and (inside or condition):
            # a value that is fetched is kept, one that is there already is compared
            fetched = re.match(r"[\w.\[\] ]+\(", spot.code[found.end() :]) is not None
            yield RowEdit(spot.cut(*found.span(), ":="), "`=` → `:=`", 0.5 if fetched else 1.6)
    for found in re.finditer(r"==", spot.code):
        yield RowEdit(spot.cut(*found.span(), "="), "`==` → `=`", 1.5 + spot.far(found.start()))


def _turned(spot: Spot) -> Iterator[RowEdit]:
    """Signs whose halves are the wrong way round, or have a blank between them, or are not ASCII's."""
    for found in re.finditer(
        r"=\s*!(?!=)|=\s*<|=\s*>|<\s*>|!\s+=|(?<=[<>=+\-*/])\s+=(?!=)|=\s+=|-\s+>|~=|=:", spot.code
    ):
        sign = re.sub(r"\s", "", found.group())
        right = {"=!": "!=", "=<": "<=", "=>": ">=", "<>": "!=", "~=": "!=", "=:": ":="}.get(sign, sign)
        yield RowEdit(spot.cut(*found.span(), right), f"`{found.group()}` → `{right}`", 0.6)
        if sign == "=>":
            for other in ("->", ":", "="):
                yield RowEdit(spot.cut(*found.span(), other), f"`=>` → `{other}`", 1.0)
        if sign in ("=:", "=>"):
            yield RowEdit(spot.cut(*found.span(), "="), f"`{sign}` → `=`", 1.4)


def _missing(spot: Spot) -> Iterator[RowEdit]:
    """A sign or a little word between two values that stand side by side."""
    comma = spot.here and "comma" in spot.message
    for found in re.finditer(r"(?:\w|[)\]}])(?=( *)([\w\"'\[({~-]|$))", spot.code):
        at, gap = found.end(), found.group(1)
        if not gap and found.group(2) and found.group()[-1:].isalnum() and found.group(2)[0] not in "\"'":
            continue
        far = spot.far(at)
        if not found.group(2):
            continue
        yield RowEdit(spot.cut(at, at, ","), "missing comma", (0.5 if comma else 1.3) + far)
        yield RowEdit(spot.cut(at, at, ":"), "missing `:`", (1.6 if "':'" in spot.message else 2.0) + far)
        yield RowEdit(spot.cut(at, at + len(gap), "."), "missing `.`", 1.9 + far + 0.5 * (not gap))
        for sign, bits in _BETWEEN:
            yield RowEdit(spot.cut(at, at + len(gap), f"{sign} "), f"missing `{sign.strip()}`", bits + far)
    ended = spot.body.rstrip()
    if ended and ended[-1] not in ",([{:" and (spot.whole.opened or not spot.here):
        yield RowEdit(ended + "," + spot.comment, "missing comma", 0.6 if "comma" in spot.message else 1.5)
    for found in re.finditer(r"(?<=\w)(?=\.\w)|(?<=[\[,( ])(?=:)", spot.code):
        if found.group() == "" and spot.code[found.end()] == ":":
            continue
    for found in re.finditer(r"\b(lambda)(?=\s+\w)", spot.code):
        for word in re.finditer(r"\w+(?= )", spot.code[found.end() :]):
            at = found.end() + word.end()
            yield RowEdit(spot.cut(at, at, ":"), "missing `:`", 1.2)
        yield RowEdit(spot.cut(found.end(), found.end(), ":"), "missing `:`", 1.4)


def _other(spot: Spot) -> Iterator[RowEdit]:
    for found in spot.tokens():
        for other in _OTHER.get(found.group(), ()):
            word = other.strip()
            far = spot.far(found.start())
            new = spot.row[: found.start()].rstrip() + f" {word} " + spot.row[found.end() :].lstrip()
            if word in (".", ""):
                new = spot.row[: found.start()] + word + spot.row[found.end() :].lstrip()
            elif word in (",", ":"):
                new = spot.row[: found.start()].rstrip() + word + spot.row[found.end() :]
            yield RowEdit(new, f"`{found.group()}` → `{word}`", 2.0 + far)
