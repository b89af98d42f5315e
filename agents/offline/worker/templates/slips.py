"""What is often forgotten: the f of an f-string, ``await``, that a method changes in place, a missing key, a loop's start."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ..edits import Edit, Rewrite
from ..site import Site, Template

_FIELD = re.compile(r"\{([A-Za-z_]\w*)[^{}]*\}")


def formatted(site: Site) -> Iterator[Rewrite]:
    """A string with names in braces that are in reach, and no ``f`` before it."""
    node = site.node
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return
    if isinstance(site.parent, (ast.Expr, ast.JoinedStr, ast.Attribute)):
        return  # a docstring, a part of an f-string, or `"{x}".format(...)`
    fields = _FIELD.findall(node.value)
    text = site.text(node)
    if fields and text[:1] in "'\"" and all(site.source.knows(name, node) for name in fields):
        yield site.replace(node, f"f{text}")


def awaited(site: Site) -> Iterator[Rewrite]:
    """A call in an ``async def`` that nobody awaits."""
    node = site.node
    if isinstance(node, ast.Call) and not isinstance(site.parent, (ast.Await, ast.withitem)):
        function = site.source.function(node)
        if isinstance(function, ast.AsyncFunctionDef) and function is not site.parent:
            yield site.replace(node, f"await {site.text(node)}")


def in_place(site: Site) -> Iterator[Rewrite]:
    """The value of a method that changes its list and returns nothing."""
    node, parent = site.node, site.parent
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or isinstance(parent, ast.Expr):
        return
    owner = site.text(node.func.value)
    if node.func.attr == "sort" and not node.args:
        yield site.replace(node, f"sorted({', '.join([owner, *(site.text(k) for k in node.keywords)])})")
    elif node.func.attr == "reverse" and not node.args:
        yield site.replace(node, f"{owner}[::-1]")


def absent(site: Site) -> Iterator[Rewrite]:
    """A key that need not be there."""
    node = site.node
    if (
        isinstance(node, ast.Subscript)
        and isinstance(node.ctx, ast.Load)
        and not isinstance(node.slice, (ast.Slice, ast.Tuple))
        and "KeyError" in site.hints.raised
    ):
        owner, key = site.text(node.value), site.text(node.slice)
        for arguments, extra in ((key, 0.0), (f"{key}, 0", 1.0), (f"{key}, ''", 2.0), (f"{key}, []", 2.0)):
            yield site.replace(node, f"{owner}.get({arguments})", extra)


def hoisted(site: Site) -> Iterator[Rewrite]:
    """What a loop begins each round with, done once before it."""
    node, loop, source = site.node, site.parent, site.source
    if not isinstance(node, ast.Assign) or not isinstance(loop, (ast.For, ast.While)):
        return
    if node is not loop.body[0] or len(loop.body) < 2 or node.lineno == loop.lineno:
        return
    begin, end = source.rows(node.lineno, node.end_lineno or node.lineno)
    before = source.line_start(loop.lineno)
    edits = (Edit(before, before, f"{source.indent(loop)}{site.text(node)}\n"), Edit(begin, end, ""))
    yield Rewrite(edits, f"`{site.text(node.targets[0])}` begins before the loop")


TEMPLATES = (
    Template("f-string", 2.0, formatted),
    Template("await", 2.5, awaited),
    Template("in-place", 2.5, in_place),
    Template("get-key", 3.0, absent),
    Template("hoist", 3.0, hoisted),
)
