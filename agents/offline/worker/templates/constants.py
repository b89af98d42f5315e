"""Constants: another value, off by one, a variable instead."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..edits import Rewrite
from ..kinds import CONTAINERS, NUMBER, kind
from ..site import Site, Template
from .names import UNLIKE

_EMPTY = ("set", "list", "dict", "str", "int")
"""Builtin types that make an empty value when called with nothing."""


def _docstring(site: Site) -> bool:
    return isinstance(site.parent, ast.Expr)


def number(site: Site) -> Iterator[Rewrite]:
    node = site.node
    if not isinstance(node, ast.Constant) or isinstance(node.value, bool) or not isinstance(node.value, (int, float)):
        return
    value = node.value
    whole = isinstance(value, int)
    near: list[float] = [value + 1, value - 1]
    far: list[float] = [0, 1, 2, -1, -value, value * 2, value * 10, value + 2, value - 2]
    if whole and value % 2 == 0:
        far.append(int(value) // 2)
    if whole and value % 10 == 0 and value:
        far.append(int(value) // 10)
    for price, values in ((0.0, near), (1.5, far)):
        for new in values:
            if new != value and not (price and new in near):
                yield site.replace(node, repr(type(value)(new)), price)
    if isinstance(site.parent, ast.Assign) and not value:
        for text in ("float('inf')", "float('-inf')", "None", *_firsts(site)):
            yield site.replace(node, text, 2.0)


def _firsts(site: Site) -> list[str]:
    """First elements of what the function loops over or indexes."""
    function = site.source.function(site.node)
    names = site.names()
    walked = {
        n.id
        for loop in (ast.walk(function) if function else ())
        for n in (getattr(loop, "iter", None), loop.value if isinstance(loop, ast.Subscript) else None)
        if isinstance(n, ast.Name) and n.id in names
    }
    return [f"{name}[0]" for name in sorted(walked)]


def flip(site: Site) -> Iterator[Rewrite]:
    node = site.node
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield site.replace(node, str(not node.value))
        yield site.replace(node, "None", 3.0)
    elif isinstance(node, ast.Constant) and node.value is None and not _docstring(site):
        for text in ("0", "[]", "''", "False", "True", "{}"):
            yield site.replace(node, text, 2.0)


def words(site: Site) -> Iterator[Rewrite]:
    """Another string: blanks, letter case, or one that the file has elsewhere."""
    node = site.node
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or _docstring(site):
        return
    if isinstance(site.parent, (ast.JoinedStr, ast.FormattedValue)):
        return  # the parts of an f-string have no quotes of their own
    value = node.value
    forms = [
        value.lower(),
        value.upper(),
        value.title(),
        value.capitalize(),
        value.strip(),
        value + " ",
        " " + value,
        value[1:],
        value[:-1],
    ]
    forms += ["", " ", ",", ", ", "\n", "-", "_", "0"] if len(value) <= 2 else []
    for new in dict.fromkeys(forms):
        if new != value:
            yield site.replace(node, site.source.quoted(new), 1.0)
    others = {n.value for n in ast.walk(site.source.tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    for new in sorted(others - {value, *forms}):
        if "\n" not in new and len(new) <= 40:
            yield site.replace(node, site.source.quoted(new), 2.0)


def from_tests(site: Site) -> Iterator[Rewrite]:
    """A string that only the tests know: dear, because over-fitting lives here."""
    node = site.node
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and not _docstring(site):
        if isinstance(site.parent, (ast.JoinedStr, ast.FormattedValue)):
            return
        for literal in site.hints.literals:
            if literal != repr(node.value) and literal[:1] in "'\"":
                yield site.replace(node, site.source.quoted(ast.literal_eval(literal)))


def off_by_one(site: Site) -> Iterator[Rewrite]:
    if _counted(site) and not isinstance(site.parent, ast.Compare):
        cheap = isinstance(site.parent, (ast.Subscript, ast.Slice, ast.Call))
        for text in ("+ 1", "- 1"):
            yield site.replace(site.node, f"{site.text(site.node)} {text}", 0.0 if cheap else 1.0)


def off_by_one_compared(site: Site) -> Iterator[Rewrite]:
    """Beside ``<`` another operator says the same of whole numbers, and the right thing of others."""
    if _counted(site) and isinstance(site.parent, ast.Compare):
        for text in ("+ 1", "- 1"):
            yield site.replace(site.node, f"{site.text(site.node)} {text}")


def _counted(site: Site) -> bool:
    """Whether it is no constant, and stands where a number may."""
    node, parent = site.node, site.parent
    if not isinstance(node, (ast.Name, ast.Call, ast.Attribute, ast.BinOp, ast.Subscript)):
        return False
    if isinstance(node, ast.BinOp) and isinstance(node.right, ast.Constant):
        return False  # the constant's own neighbours say the same
    return isinstance(getattr(node, "ctx", ast.Load()), ast.Load) and counts(node, parent)


def counts(node: ast.AST, parent: ast.AST) -> bool:
    """Whether *node* stands where a number may."""
    if isinstance(
        parent,
        (ast.Slice, ast.Compare, ast.BinOp, ast.Return, ast.Assign, ast.AugAssign, ast.IfExp, ast.Tuple, ast.List),
    ):
        return True
    if isinstance(parent, ast.Subscript):
        return node is parent.slice
    return isinstance(parent, ast.Call) and node in parent.args


def to_expression(site: Site) -> Iterator[Rewrite]:
    """A variable, or the length of one, where a constant stands."""
    node = site.node
    if (
        isinstance(node, ast.Constant)
        and not _docstring(site)
        and not isinstance(site.parent, (ast.JoinedStr, ast.FormattedValue))
    ):
        for name in site.names():
            yield site.replace(node, name, UNLIKE if site.unlike(node, name) else 0.0)
        for name in site.names():
            if site.may_be(name, *CONTAINERS) and kind(node.value) == NUMBER:
                yield site.replace(node, f"len({name})", 2.0)


def displays(site: Site) -> Iterator[Rewrite]:
    """What a new list, tuple, dict or set starts with."""
    node = site.node
    texts: list[tuple[str, float]] = []
    if isinstance(node, ast.List) and isinstance(node.ctx, ast.Load) and not node.elts:
        texts = [(text, 0.0) for text in ("[[]]", "[0]", "[1]", "[None]", "{}", "set()", "''", "None")]
        texts += [(f"[{name}]", 1.0) for name in site.names()]
    elif isinstance(node, ast.List) and isinstance(node.ctx, ast.Load) and len(node.elts) == 1:
        texts = [(site.text(node.elts[0]), 0.0), ("[]", 0.0), (f"[{site.text(node)}]", 2.0)]
    elif isinstance(node, ast.Dict) and not node.keys:
        texts = [("[]", 0.0), ("set()", 0.0)]
    elif isinstance(node, ast.Call) and not node.args and isinstance(node.func, ast.Name) and node.func.id in _EMPTY:
        texts = [(text, 0.0) for text in ("[]", "{}", "set()", "''", "0") if text != site.text(node)]
    for text, price in texts:
        yield site.replace(node, text, price)


def edges(site: Site) -> Iterator[Rewrite]:
    """Elements of a display: exchanged, dropped, or one more."""
    node = site.node
    if not isinstance(node, (ast.List, ast.Tuple)) or not isinstance(node.ctx, ast.Load):
        return
    for one, other in zip(node.elts, node.elts[1:], strict=False):
        yield site.swap(one, other)
    if not 1 <= len(node.elts) <= 6:
        return
    opening, closing = ("[", "]") if isinstance(node, ast.List) else ("(", ")")
    texts = [site.text(e) for e in node.elts]
    for name in (*site.names(), "0", "1"):
        yield site.replace(node, f"{opening}{', '.join([*texts, name])}{closing}", 2.0)


TEMPLATES = (
    Template("const-tweak", 2.5, number),
    Template("bool-flip", 3.5, flip, escapes=True),
    Template("str-tweak", 4.5, words),
    Template("str-from-tests", 11.0, from_tests),
    Template("off-by-one", 3.0, off_by_one),
    Template("off-by-one-compared", 5.5, off_by_one_compared),
    Template("const-to-expr", 5.0, to_expression),
    Template("display", 4.5, displays),
    Template("swap-elts", 4.0, edges),
)
