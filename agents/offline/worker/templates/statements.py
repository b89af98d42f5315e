"""Statements: gone, moved, exchanged, guarded, deeper or less deep."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..edits import Edit, Rewrite, shorten
from ..site import Site, Template
from .blocks import alone, is_docstring, rows, shift, whole_line
from .conditions import pool

_COMPOUND = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_KEPT = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


def delete(site: Site) -> Iterator[Rewrite]:
    node = site.node
    if not isinstance(node, ast.stmt) or isinstance(node, _KEPT) or is_docstring(node) or not alone(site, node):
        return
    begin, end = rows(site, node)
    note = f"without `{shorten(site.text(node))}`"
    if len(site.source.block(node)) > 1:
        yield Rewrite((Edit(begin, end, ""),), note, 1.0 if isinstance(node, _COMPOUND) else 0.0)
    else:
        yield Rewrite((Edit(*site.source.span(node), "pass"),), note, 1.0)
    if isinstance(node, ast.If) and not node.orelse:
        yield _unwrapped(site, node, node.body)


def _unwrapped(site: Site, node: ast.If, body: list[ast.stmt]) -> Rewrite:
    begin, end = rows(site, node)
    inner = site.source.rows(body[0].lineno, body[-1].end_lineno or body[-1].lineno)
    text = shift(site.source.text[inner[0] : inner[1]], site.source.indent(body[0]), site.source.indent(node))
    return Rewrite((Edit(begin, end, text),), f"always, not only `if {shorten(site.text(node.test), 40)}`", 1.0)


def exchange(site: Site) -> Iterator[Rewrite]:
    """Two neighbours the other way round."""
    node = site.node
    if not isinstance(node, ast.stmt) or not alone(site, node) or isinstance(site.parent, ast.Module):
        return
    block = site.source.block(node)
    at = block.index(node)
    for distance in (1, 2, 3):
        if at + distance >= len(block) or not alone(site, block[at + distance]):
            break
        other = block[at + distance]
        one, two = rows(site, node), rows(site, other)
        text = site.source.text
        note = f"`{shorten(site.text(node), 30)}` after `{shorten(site.text(other), 30)}`"
        if distance == 1:
            moved = whole_line(text[two[0] : two[1]]) + text[one[1] : two[0]] + text[one[0] : one[1]]
            yield Rewrite((Edit(one[0], two[1], moved),), note)
        else:
            yield Rewrite((Edit(*one, ""), Edit(two[1], two[1], text[one[0] : one[1]])), note, distance - 1.0)
            yield Rewrite(
                (Edit(*two, ""), Edit(one[0], one[0], whole_line(text[two[0] : two[1]]))), note, distance - 1.0
            )


def depth(site: Site) -> Iterator[Rewrite]:
    """One level out of its block, or into the block before it."""
    node, source = site.node, site.source
    if not isinstance(node, ast.stmt) or not alone(site, node):
        return
    block = source.block(node)
    at = block.index(node)
    parent = source.parents[node]
    if (
        isinstance(parent, (ast.If, ast.For, ast.While, ast.With))
        and at
        and at == len(block) - 1
        and (parent.end_lineno == node.end_lineno)
    ):
        for start in range(at, 0, -1):
            yield _indented(site, block[start:], source.indent(parent), "out of")
        above = source.parents.get(parent)
        if isinstance(above, (ast.If, ast.For, ast.While)) and above.end_lineno == node.end_lineno:
            yield _indented(site, [node], source.indent(above), "two levels out of")
    if at and isinstance(block[at - 1], (ast.If, ast.For, ast.While, ast.With)):
        before = block[at - 1]
        inner = _tail(before)
        yield _indented(site, [node], source.indent(inner), "into")
        deeper = _tail(inner) if isinstance(inner, (ast.If, ast.For, ast.While)) else None
        if deeper is not None:
            yield _indented(site, [node], source.indent(deeper), "deep into")


def _tail(node: ast.stmt) -> ast.stmt:
    block: list[ast.stmt] = getattr(node, "orelse", None) or getattr(node, "body", [node])
    return block[-1]


def _indented(site: Site, nodes: list[ast.stmt], indent: str, where: str) -> Rewrite:
    source = site.source
    begin, end = rows(site, nodes[0])[0], rows(site, nodes[-1])[1]
    text = shift(source.text[begin:end], source.indent(nodes[0]), indent)
    return Rewrite((Edit(begin, end, text),), f"`{shorten(source.get(nodes[0]), 40)}` moved {where} its block")


def guard(site: Site) -> Iterator[Rewrite]:
    """Only under a condition."""
    node = site.node
    if not isinstance(node, (ast.Expr, ast.Assign, ast.AugAssign, ast.Return, ast.Break, ast.Continue)):
        return
    if is_docstring(node) or isinstance(site.parent, ast.ClassDef) or not alone(site, node):
        return
    indent = site.source.indent(node)
    begin, end = rows(site, node)
    body = shift(site.source.text[begin:end], indent, indent + "    ")
    for condition in pool(site):
        cost = min(4.0, 0.7 * condition.count(" "))
        yield Rewrite((Edit(begin, end, f"{indent}if {condition}:\n{body}"),), f"only if `{condition}`", cost)


def check_first(site: Site) -> Iterator[Rewrite]:
    """A change that is made before it is known to be allowed: the check looks at what would be, and the change comes after."""
    node, source = site.node, site.source
    if not isinstance(node, ast.AugAssign) or not alone(site, node):
        return
    block = source.block(node)
    after = block[block.index(node) + 1 :]
    if not after or not isinstance(after[0], ast.If) or not isinstance(after[0].body[-1], (ast.Raise, ast.Return)):
        return
    check, target = after[0], site.text(node.target)
    uses = [n for n in ast.walk(check.test) if isinstance(n, ast.expr) and site.text(n) == target]
    if not uses or not alone(site, check):
        return
    operator = source.text[slice(*site.between(node.target, node.value))].strip().removesuffix("=")
    edits = [Edit(*source.span(use), site.fit(use, f"{target} {operator} {site.text(node.value)}")) for use in uses]
    gone, last = rows(site, node), rows(site, check)[1]
    moved = whole_line(source.text[gone[0] : gone[1]])
    lead = "" if source.text[:last].endswith("\n") else "\n"
    yield Rewrite(
        (Edit(*gone, ""), *edits, Edit(last, last, lead + moved)), f"`{shorten(site.text(node), 40)}` after its check"
    )


TEMPLATES = (
    Template("delete-stmt", 4.0, delete, escapes=True),
    Template("swap-stmts", 4.5, exchange, escapes=True),
    Template("move-stmt", 4.0, depth, escapes=True),
    Template("wrap-if", 5.0, guard, least=4.0, escapes=True),
    Template("check-first", 5.0, check_first),
)
