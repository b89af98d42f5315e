"""Exceptions: another type caught, or another one raised."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..edits import Rewrite
from ..site import Site, Template


def caught(site: Site) -> Iterator[Rewrite]:
    """Catch what the failing tests died of."""
    node, parent = site.node, site.parent
    if not isinstance(parent, ast.ExceptHandler) or node is not parent.type:
        return
    old = site.text(node)
    for name in site.hints.raised:
        if name not in old:
            yield site.replace(node, name)
            if isinstance(node, ast.Name):
                yield site.replace(node, f"({old}, {name})", 1.0)


def raised(site: Site) -> Iterator[Rewrite]:
    """Raise what the tests expect."""
    node, parent = site.node, site.parent
    if not isinstance(node, ast.Name):
        return
    above = site.source.parents.get(parent)
    made = isinstance(parent, ast.Call) and node is parent.func and isinstance(above, ast.Raise)
    if made or (isinstance(parent, ast.Raise) and node is parent.exc):
        for name in site.hints.expected:
            if name != node.id:
                yield site.replace(node, name)


TEMPLATES = (
    Template("except-type", 2.5, caught),
    Template("raise-type", 2.5, raised),
)
