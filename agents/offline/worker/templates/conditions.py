"""Conditions: stronger, weaker, or another one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..edits import Rewrite
from ..kinds import CONTAINERS, NUMBER, apart
from ..site import Site, Template

_TESTED = (ast.If, ast.While, ast.IfExp)


def pool(site: Site) -> list[str]:
    """Conditions that make sense where the node stands, likeliest first."""
    source = site.source
    function = source.function(site.node)
    key = ("conditions", function or source.tree)
    if key not in source.pools:
        source.pools[key] = _pool(site)
    return source.pools[key]


def _pool(site: Site) -> list[str]:
    source = site.source
    function = source.function(site.node)
    scope: ast.AST = function if function is not None else source.tree
    names = site.names() if function is not None else source.global_names
    written: dict[str, None] = {}
    for node in ast.walk(scope):
        test = getattr(node, "test", None) if isinstance(node, _TESTED) else None
        for part in [test, *(test.values if isinstance(test, ast.BoolOp) else [])] if test is not None else []:
            written[source.get(part)] = None
    paths = {
        source.get(n)
        for n in ast.walk(scope)
        if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Load) and not isinstance(source.parents[n], ast.Call)
    }
    terms = [*names, *sorted(paths)]
    made: list[str] = []
    for term in terms:
        made += [term, f"not {term}", f"{term} is None", f"{term} is not None"]
    for text in written:
        made += [text, f"not ({text})"]
    for one in names:
        if site.may_be(one, NUMBER):
            made += [f"{one} {sign} 0" for sign in ("==", ">", "<", "!=")]
        for other in names:
            if one != other and not apart(site.kinds(one), site.kinds(other)):
                made += [f"{one} {sign} {other}" for sign in ("==", "!=", "<", "<=")]
            if one != other and site.may_be(other, *CONTAINERS):
                made += [f"{one} {sign} {other}" for sign in ("in", "not in")]
    return list(dict.fromkeys(made))


def _price(text: str) -> float:
    """Bits for a condition's own length: short ones are likelier."""
    return min(4.0, 0.7 * (text.count(" ")))


def _test(site: Site) -> bool:
    parent = site.parent
    if isinstance(parent, ast.comprehension):
        return site.node in parent.ifs
    return isinstance(parent, _TESTED) and parent.test is site.node


def strengthen(site: Site) -> Iterator[Rewrite]:
    if _test(site):
        text = _operand(site, ast.And)
        for other in pool(site):
            if other != text:
                yield site.replace(site.node, f"{_safe(other)} and {text}", _price(other))
                yield site.replace(site.node, f"{text} and {_safe(other)}", _price(other))


def weaken(site: Site) -> Iterator[Rewrite]:
    if _test(site):
        text = site.text(site.node)
        for other in pool(site):
            if other != text:
                yield site.replace(site.node, f"{other} or {text}", _price(other))
                yield site.replace(site.node, f"{text} or {other}", _price(other))


def _operand(site: Site, _: type) -> str:
    text = site.text(site.node)
    return f"({text})" if isinstance(site.node, ast.BoolOp) and isinstance(site.node.op, ast.Or) else text


def _safe(text: str) -> str:
    return f"({text})" if " or " in text else text


def another(site: Site) -> Iterator[Rewrite]:
    if not _test(site):
        return
    constant = isinstance(site.node, ast.Constant)
    for other in pool(site):
        if other != site.text(site.node):
            yield site.replace(site.node, other, _price(other) + (0.0 if constant else 2.0))
    for always in ("True", "False"):
        if site.text(site.node) != always:
            yield site.replace(site.node, always, 4.0)


def from_constant(site: Site) -> Iterator[Rewrite]:
    """``return True`` that was to depend on something."""
    node, parent = site.node, site.parent
    if not isinstance(node, ast.Constant) or not isinstance(node.value, bool):
        return
    if isinstance(parent, (ast.Return, ast.Assign)):
        for other in pool(site):
            yield site.replace(node, other, _price(other))


TEMPLATES = (
    Template("const-to-cond", 4.5, from_constant, least=3.0),
    Template("strengthen-cond", 4.0, strengthen, least=4.0, escapes=True),
    Template("weaken-cond", 4.5, weaken, least=4.0, escapes=True),
    Template("other-cond", 4.0, another, least=4.0, escapes=True),
)
