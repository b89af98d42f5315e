"""Subscripts and slices: other bounds, another index, one more, one less."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..edits import Rewrite
from ..kinds import NUMBER, SEQUENCES
from ..site import Site, Template


def bounds(site: Site) -> Iterator[Rewrite]:
    node = site.node
    if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Slice):
        return
    value = site.text(node.value)
    low = site.text(node.slice.lower) if node.slice.lower else ""
    high = site.text(node.slice.upper) if node.slice.upper else ""
    step = f":{site.text(node.slice.step)}" if node.slice.step else ""
    made = [f"{value}[{low}:{step}]", f"{value}[:{high}{step}]", value, f"{value}[{high}:{low}{step}]"]
    if not low:
        made += [f"{value}[{new}:{high}{step}]" for new in ("1", *site.names())]
    if not high:
        made += [f"{value}[{low}:{new}{step}]" for new in ("-1", *site.names())]
    if low and not high:
        made.append(f"{value}[:{low}{step}]")
    if high and not low:
        made.append(f"{value}[{high}:{step}]")
    if not step:
        made += [f"{value}[{low}:{high}:{by}]" for by in ("-1", "2")]
    for text in dict.fromkeys(made):
        if text != site.text(node):
            yield site.replace(node, text)


def index(site: Site) -> Iterator[Rewrite]:
    node = site.node
    if not isinstance(node, ast.Subscript) or isinstance(node.slice, ast.Slice):
        return
    value, at = site.text(node.value), site.text(node.slice)
    if isinstance(node.value, ast.Subscript) and not isinstance(node.value.slice, ast.Slice):
        yield site.swap(node.value.slice, node.slice)
    if isinstance(node.ctx, ast.Load):
        for text in (f"{value}[-1]", f"{value}[0]", f"{value}[-{at}]", value, f"{value}[{at}:]", f"{value}[:{at}]", at):
            if text != site.text(node):
                yield site.replace(node, text)
        for default in ("0", "None", "[]", "''"):
            yield site.replace(node, f"{value}.get({at}, {default})", 2.0)


def cut(site: Site) -> Iterator[Rewrite]:
    """A part of a sequence where the whole stands."""
    node, parent = site.node, site.parent
    if not isinstance(node, (ast.Name, ast.Attribute, ast.Call)) or not isinstance(
        getattr(node, "ctx", ast.Load()), ast.Load
    ):
        return
    if isinstance(parent, (ast.Attribute, ast.Expr)) or (isinstance(parent, ast.Call) and parent.func is node):
        return
    if isinstance(parent, ast.Subscript) and parent.value is node:
        return
    value = site.text(node)
    if isinstance(node, ast.Name) and not site.may_be(node.id, *SEQUENCES, "dict", "defaultdict", "Counter"):
        return
    for part in ("1:", ":-1", "::-1", ":", "2:"):
        yield site.replace(node, f"{value}[{part}]")
    for name in site.names():
        if name != value:
            if site.may_be(name, NUMBER):
                yield site.replace(node, f"{value}[{name}:]", 0.5)
                yield site.replace(node, f"{value}[:{name}]", 0.5)
            yield site.replace(node, f"{value}[{name}]", 1.0)
    for at in ("0", "-1", "1"):
        yield site.replace(node, f"{value}[{at}]", 1.0)


TEMPLATES = (
    Template("slice-bounds", 4.0, bounds, escapes=True),
    Template("index", 4.5, index),
    Template("add-slice", 4.5, cut),
)
