"""Which plausible patch is likeliest right, by how it looks: its price, and what the patched file has that it had not."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from .edits import Change, apply
from .meaning import contradictions
from .naturalness import Style, difference
from .source import FUNCTIONS, Source

IN_WORDS = -0.7
"""The names that come in are words of the file's own docstrings and comments."""
DEAD = 2.0
"""A variable that was read is only assigned now."""
CONSTANT = 2.0
"""A condition can no longer go both ways."""
COPIED = 4.0
"""A string or number comes in that stands in the tests and nowhere in the file: where over-fitting lives."""
COPIED_LETTER = 1.5
"""The same of a string of one character, which is rarely an answer as a whole."""
SHORTER = 1.0
"""Statements are gone, and nothing came for them."""
PROMISED = 3.0
"""For each name such as ``lowest`` that is given the other end of an order now, or no longer."""
ONLY_GOES = 0.5
"""Nothing comes for what goes."""
PER_TOKEN = 0.06
"""For each token that went or came, beyond the first two."""
MOST_TOKENS = 40
STYLE = 0.15
"""For each bit that the new tokens surprise more than those of the file do; either way at most so much as `MOST_STYLE`."""
MOST_STYLE = 0.6
HINT = 3.0
"""Values are returned that the function's own annotation does not have."""
_SMALL = frozenset(("0", "1", "2", "-1", "True", "False", "None", "''", "0.0", "1.0"))


@dataclass(frozen=True)
class Reason:
    """Something that makes a patch likelier (below 0) or less likely."""

    words: str
    bits: float


def rank(source: Source, change: Change) -> float:
    """Bits: the lower, the better."""
    try:
        after = Source(source.path, apply(source.text, change.edits))
    except (SyntaxError, ValueError):
        return change.bits
    bits = change.bits
    if new_words(source, change) & prose(source):
        bits += IN_WORDS
    if unread(after) - unread(source):
        bits += DEAD
    if constants(after) > constants(source):
        bits += CONSTANT
    return bits


def form(before: str, after: str, tests: Mapping[str, str]) -> list[Reason]:
    """What one changed file's own text says of the patch; nothing where either text does not parse."""
    old, new = _parsed(before), _parsed(after)
    one, other, changed = difference(before, after)
    found = [Reason("the size of the edit", PER_TOKEN * min(MOST_TOKENS, max(0, changed - 2)))]
    if 0 < changed == len(one) - len(other):
        found.append(Reason("code only goes", ONLY_GOES))
    strange = STYLE * (_style(before).surprise(other) - _style(before).surprise(one))
    found.append(Reason("the style of the file", max(-MOST_STYLE, min(MOST_STYLE, strange))))
    if old is None or new is None:
        return found
    found += [
        Reason(f"{literal} is copied from the tests", COPIED_LETTER if len(literal) == 3 else COPIED)
        for literal in sorted(copied(old, new, tests))
    ]
    promised = contradictions(new) - contradictions(old)
    if promised:
        words = "a name promises something else" if promised > 0 else "a name is given what it promises"
        found.append(Reason(words, PROMISED * promised))
    if _statements(new) < _statements(old):
        found.append(Reason("statements are gone", SHORTER))
    return found


def copied(before: ast.Module, after: ast.Module, tests: Mapping[str, str]) -> set[str]:
    """Literals that came in, stand in the tests, and stood nowhere in the file."""
    had, has = _literals(before), _literals(after)
    asked = _in_tests(tuple(tests.values()))
    return {text for text in has if text not in had and text not in _SMALL and text in asked}


@cache
def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return None


@cache
def _style(text: str) -> Style:
    return Style(text)


@cache
def _in_tests(texts: tuple[str, ...]) -> frozenset[str]:
    trees = (_parsed(text) for text in texts)
    return frozenset(literal for tree in trees if tree is not None for literal in _literals(tree))


def _literals(tree: ast.AST) -> Counter[str]:
    """Strings and numbers, as Python writes them."""
    return Counter(
        repr(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes, int, float, complex))
    )


def _statements(tree: ast.AST) -> int:
    return sum(isinstance(node, ast.stmt) for node in ast.walk(tree))


def annotated(texts: Iterable[str]) -> dict[str, frozenset[str]]:
    """The types that each function's annotation promises, by qualified name; only of annotations that name built-in types."""
    found: dict[str, frozenset[str]] = {}
    for text in texts:
        tree = _parsed(text)
        if tree is not None:
            _annotations(tree, "", found)
    return found


def _annotations(node: ast.AST, within: str, found: dict[str, frozenset[str]]) -> None:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.ClassDef, *FUNCTIONS)):
            name = f"{within}.{child.name}" if within else child.name
            if isinstance(child, FUNCTIONS) and child.returns is not None:
                types = _types(child.returns)
                if types:
                    found[name] = types
            if isinstance(child, ast.ClassDef):
                _annotations(child, name, found)


_KNOWN = frozenset(("int", "float", "complex", "str", "bytes", "bool", "list", "tuple", "dict", "set", "frozenset"))
_WIDER = {"int": ("bool",), "float": ("int", "bool")}


def _types(annotation: ast.expr) -> frozenset[str]:
    """Names of the types that fit; none where that is not known."""
    match annotation:
        case ast.Constant(value=None):
            return frozenset(("NoneType",))
        case ast.Constant(value=str(text)) if (tree := _parsed(text)) is not None and len(tree.body) == 1:
            inner = tree.body[0]
            return _types(inner.value) if isinstance(inner, ast.Expr) else frozenset()
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            one, other = _types(left), _types(right)
            return one | other if one and other else frozenset()
        case ast.Subscript(value=ast.Name(id="Optional"), slice=inner):
            return _types(inner) | {"NoneType"} if _types(inner) else frozenset()
        case ast.Subscript(value=ast.Name(id=name)) | ast.Name(id=name) if name.lower() in _KNOWN:
            return frozenset((name.lower(), *_WIDER.get(name, ())))
        case _:
            return frozenset()


def new_words(source: Source, change: Change) -> set[str]:
    """Words that come in, and do not stand in what goes."""
    came = {word for edit in change.edits for word in _words(edit.text)}
    return came - {word for edit in change.edits for word in _words(source.text[edit.start : edit.end])}


def _words(text: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Za-z]{3,}", text)}


def prose(source: Source) -> set[str]:
    """Words of docstrings and comments."""
    texts = [match.group() for match in re.finditer(r"#.*", source.text)]
    texts += [
        n.value
        for n in ast.walk(source.tree)
        if isinstance(n, ast.Constant) and isinstance(n.value, str) and isinstance(source.parents[n], ast.Expr)
    ]
    return {word for text in texts for word in _words(text)}


def unread(source: Source) -> set[tuple[str, str]]:
    """Function and variable, where the function assigns it and nothing in it reads it."""
    found = set()
    for function in ast.walk(source.tree):
        if isinstance(function, FUNCTIONS):
            names = [n for n in ast.walk(function) if isinstance(n, ast.Name)]
            read = {n.id for n in names if isinstance(n.ctx, ast.Load)}
            parameters = {a.arg for a in function.args.args if a.arg not in ("self", "cls")}
            found |= {(function.name, n) for n in ({n.id for n in names} | parameters) - read if not n.startswith("_")}
    return found


def constants(source: Source) -> int:
    """Conditions that are constant or compare a thing with itself."""
    count = 0
    for node in ast.walk(source.tree):
        test = getattr(node, "test", None)
        if isinstance(test, ast.Constant) or (
            isinstance(node, ast.Compare) and ast.dump(node.left) == ast.dump(node.comparators[0])
        ):
            count += 1
    return count
