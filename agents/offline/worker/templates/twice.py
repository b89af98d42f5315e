"""The same change at two or more places at once: on both sides, for every equal constant, for every use of a name."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..edits import Edit, Rewrite, shorten
from ..site import Site, Template
from .operators import ORDERS, sign

_CALLS = ("abs({})", "len({})", "sorted({})", "set({})", "str({})", "int({})", "{}.lower()", "{}.strip()")
_CLOSED = (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.Constant, ast.JoinedStr)


def both_sides(site: Site) -> Iterator[Rewrite]:
    """Both operands, wrapped in the same call or freed of it."""
    node = site.node
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        left, right = node.left, node.comparators[0]
    elif isinstance(node, ast.BinOp):
        left, right = node.left, node.right
    else:
        return
    for call in _CALLS:
        one, two = (_called(site, side, call) for side in (left, right))
        edits = [*site.replace(left, one).edits, *site.replace(right, two).edits]
        yield Rewrite(tuple(edits), f"`{call.format('…')}` on both sides of `{shorten(site.text(node), 40)}`")
    if isinstance(left, ast.Call) and isinstance(right, ast.Call) and left.args and right.args:
        edits = [
            *site.replace(left, site.text(left.args[0])).edits,
            *site.replace(right, site.text(right.args[0])).edits,
        ]
        yield Rewrite(tuple(edits), f"no call on either side of `{shorten(site.text(node), 40)}`")


def _called(site: Site, side: ast.expr, call: str) -> str:
    """The *call* of one side, in parentheses where a method would bind closer than what it is called on."""
    text = site.text(side)
    return call.format(f"({text})" if call.startswith("{}") and not isinstance(side, _CLOSED) else text)


def every_constant(site: Site) -> Iterator[Rewrite]:
    """A constant that occurs several times in the function, changed wherever it occurs."""
    node, source = site.node, site.source
    function = source.function(node)
    if not isinstance(node, ast.Constant) or not isinstance(node.value, (int, float)) or function is None:
        return
    same = [
        n
        for n in ast.walk(function)
        if isinstance(n, ast.Constant) and type(n.value) is type(node.value) and n.value == node.value
    ]
    if len(same) < 2 or node is not same[0]:  # several
        return
    values = (not node.value,) if isinstance(node.value, bool) else (node.value + 1, node.value - 1)
    for value in values:
        edits = tuple(edit for n in same for edit in site.replace(n, repr(value)).edits)
        yield Rewrite(edits, f"every `{node.value!r}` → `{value!r}`")


def every_use(site: Site) -> Iterator[Rewrite]:
    """A variable of the statement or the block, replaced wherever it is read there."""
    node, source = site.node, site.source
    if not isinstance(node, ast.stmt) or source.function(node) is None:
        return
    reads: dict[str, list[ast.AST]] = {}
    for n in ast.walk(node):
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load):
            reads.setdefault(n.id, []).append(n)
    names = site.names()
    for name, places in reads.items():
        if name in names and 2 <= len(places) <= 6:  # several
            for other in names:
                if other != name:
                    edits = tuple(edit for place in places for edit in site.replace(place, other).edits)
                    yield Rewrite(edits, f"`{name}` → `{other}`, {len(places)} times")


def every_attribute(site: Site) -> Iterator[Rewrite]:
    """An attribute of the statement, replaced by another of its attributes wherever it stands."""
    node, source = site.node, site.source
    if not isinstance(node, ast.stmt) or source.function(node) is None:
        return
    attributes: dict[str, list[ast.Attribute]] = {}
    for n in ast.walk(node):
        if isinstance(n, ast.Attribute):
            attributes.setdefault(source.get(n), []).append(n)
    for text, found in attributes.items():
        if 2 <= len(found) <= 6:  # several
            for other in sorted({t for t in attributes if t != text}):
                edits = tuple(Edit(*source.span(n), other) for n in found)
                yield Rewrite(edits, f"`{text}` → `{other}`, {len(found)} times")


def every_index(site: Site) -> Iterator[Rewrite]:
    """Rows and columns the other way round, wherever the statement's condition or value names a cell."""
    node, source = site.node, site.source
    if not isinstance(node, (ast.Compare, ast.BoolOp, ast.Assign, ast.AugAssign, ast.ListComp, ast.GeneratorExp)):
        return
    cells = [
        n
        for n in ast.walk(node)
        if isinstance(n, ast.Subscript)
        and isinstance(n.value, ast.Subscript)
        and source.get(n.slice) != source.get(n.value.slice)
    ]
    if len(cells) < 2:  # several
        return
    edits = tuple(edit for n in cells for edit in site.swap(n.value.slice, n.slice).edits)  # type: ignore[attr-defined]  # as was looked
    yield Rewrite(edits, f"rows and columns change places in `{shorten(site.text(node))}`")


def turned(site: Site) -> Iterator[Rewrite]:
    """All comparisons of a condition or a function's loop the other way round."""
    node, source = site.node, site.source
    if not isinstance(node, (ast.BoolOp, ast.FunctionDef, ast.AsyncFunctionDef)):
        return
    found = [
        n for n in ast.walk(node) if isinstance(n, ast.Compare) and len(n.ops) == 1 and sign(n.ops[0]) in ORDERS[:4]
    ]
    if not 2 <= len(found) <= 4:  # several
        return
    for how in ({"<": "<=", "<=": "<", ">": ">=", ">=": ">"}, {"<": ">", "<=": ">=", ">": "<", ">=": "<="}):
        edits = []
        for n in found:
            begin, end = site.between(n.left, n.comparators[0])
            old = sign(n.ops[0])
            at = source.text.index(old, begin, end)
            edits.append(Edit(at, at + len(old), how[old]))
        yield Rewrite(
            tuple(edits),
            f"{len(found)} comparisons: {', '.join(f'`{sign(n.ops[0])}` → `{how[sign(n.ops[0])]}`' for n in found)}",
        )


TEMPLATES = (
    Template("both-sides", 6.0, both_sides),
    Template("every-constant", 5.5, every_constant),
    Template("every-use", 5.5, every_use, escapes=True),
    Template("every-attribute", 6.5, every_attribute),
    Template("every-index", 5.0, every_index),
    Template("every-comparison", 6.0, turned, escapes=True),
)
