"""Expressions from elsewhere: the file often says already what is missing here."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..edits import Rewrite
from ..kinds import NUMBER
from ..site import Site, Template
from ..source import Source
from .names import UNLIKE
from .operators import sign

_PIECES = (ast.Call, ast.Subscript, ast.Attribute, ast.BinOp, ast.Compare, ast.List, ast.Tuple, ast.BoolOp)
_REPLACED = (
    ast.Name,
    ast.Constant,
    ast.Call,
    ast.Subscript,
    ast.Attribute,
    ast.BinOp,
    ast.List,
    ast.Tuple,
    ast.Compare,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
    ast.IfExp,
    ast.JoinedStr,
    ast.Dict,
    ast.UnaryOp,
)
ADDED = ("str", "list", "tuple", "bytes", "set", "date", "datetime", "timedelta", "Counter")
"""Kinds that something can be added to, beside numbers."""
_LONGEST = 60


def pieces(site: Site) -> list[str]:
    """Expressions of the function around, whose names are in reach here."""
    source = site.source
    function = source.function(site.node)
    key = ("pieces", function or source.tree)
    if key not in source.pools:
        source.pools[key] = _pieces(source, function)
    return source.pools[key]


def _pieces(source: Source, function: ast.AST | None) -> list[str]:
    scope: ast.AST = function if function is not None else source.tree
    found: dict[str, None] = {}
    for node in ast.walk(scope):
        if isinstance(node, _PIECES) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            text = source.get(node)
            if len(text) <= _LONGEST and "\n" not in text:
                found[text] = None
    return list(found)


def _open(site: Site) -> bool:
    node, parent = site.node, site.parent
    if not isinstance(node, _REPLACED) or not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        return False
    if isinstance(parent, (ast.Expr, ast.Attribute, ast.JoinedStr, ast.FormattedValue)):
        return False
    return not (isinstance(parent, ast.Call) and parent.func is node)


def reuse(site: Site) -> Iterator[Rewrite]:
    if _open(site):
        text = site.text(site.node)
        for piece in pieces(site):
            if piece != text:
                yield site.replace(site.node, piece)


def to_variable(site: Site) -> Iterator[Rewrite]:
    """A variable in place of a larger expression."""
    if _open(site) and not isinstance(site.node, (ast.Name, ast.Constant)):
        for name in site.names():
            yield site.replace(site.node, name)
        for text in ("0", "1", "[]", "None", "True", "False"):
            yield site.replace(site.node, text, 1.5)


def extend(site: Site) -> Iterator[Rewrite]:
    """One more term: ``e`` becomes ``e + x``, ``e - x`` or ``e * x``."""
    if not _open(site) or isinstance(site.node, (ast.Compare, ast.BoolOp)):
        return
    if isinstance(site.node, ast.Constant) and (site.node.value is None or isinstance(site.node.value, bool)):
        return
    text = site.text(site.node)
    loose = isinstance(site.node, ast.BinOp) and sign(site.node.op) in ("+", "-")
    bound = f"({text})" if loose else text
    small = [*site.names()]
    for term in (*small, *(p for p in pieces(site) if p not in small)):
        cost = 0.0 if term in small else 1.5
        if term in small and (site.unlike(site.node, term) or not site.may_be(term, NUMBER, *ADDED)):
            cost = UNLIKE
        if term != text:
            yield site.replace(site.node, f"{text} + {term}", cost)
            yield site.replace(site.node, f"{text} - {term}", cost)
            yield site.replace(site.node, f"{bound} * {term}", cost + 1)
            yield site.replace(site.node, f"{bound} // {term}", cost + 2)
            yield site.replace(site.node, f"{term} + {text}", cost + 1)
    yield site.replace(site.node, f"{bound} ** 2", 0.0)
    yield site.replace(site.node, f"{bound} * {bound}", 3.0)
    for number in ("2", "10"):
        yield site.replace(site.node, f"{bound} * {number}", 2.0)
        yield site.replace(site.node, f"{bound} // {number}", 2.0)
        yield site.replace(site.node, f"{bound} % {number}", 2.0)


def target(site: Site) -> Iterator[Rewrite]:
    """Another place to keep the value: one that the function reads."""
    node, source = site.node, site.source
    if not isinstance(node, (ast.Name, ast.Subscript, ast.Attribute)) or not isinstance(node.ctx, ast.Store):
        return
    function = source.function(node)
    if function is None or not isinstance(site.parent, (ast.Assign, ast.AugAssign)):
        return
    text = site.text(node)
    kept = {
        source.get(n): None
        for n in ast.walk(function)
        if isinstance(n, (ast.Subscript, ast.Attribute))
        and isinstance(n.ctx, ast.Load)
        and n is not getattr(source.parents[n], "func", None)
    }
    for other in kept:
        if other != text and len(other) <= _LONGEST:
            yield site.replace(node, other)


TEMPLATES = (
    Template("target-reuse", 5.0, target),
    Template("expr-reuse", 4.5, reuse, least=2.0, escapes=True),
    Template("expr-to-var", 4.5, to_variable, least=2.0, escapes=True),
    Template("extend-arith", 4.5, extend, least=3.0),
)
