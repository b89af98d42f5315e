"""Containers: rows that are all the same one, copies that go too short, keys that are not there yet."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..edits import Edit, Rewrite
from ..site import Site, Template
from .imports import place

_SHARED = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.Call, ast.BinOp)
_EMPTY = {"append": "[]", "extend": "[]", "insert": "[]", "add": "set()", "update": "set()", "setdefault": "{}"}
_COPIES = ("dict", "list", "set", "copy")


def same_rows(site: Site) -> Iterator[Rewrite]:
    """``[[0] * n] * m`` has one row, m times."""
    node = site.node
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Mult):
        return
    for row, count in ((node.left, node.right), (node.right, node.left)):
        if isinstance(row, ast.List) and len(row.elts) == 1 and isinstance(row.elts[0], _SHARED):
            yield site.replace(node, f"[{site.text(row.elts[0])} for _ in range({site.text(count)})]")


def deep_copy(site: Site) -> Iterator[Rewrite]:
    """A copy of what is inside, too."""
    node = site.node
    copied = _copied(node)
    if copied is None:
        return
    value = site.text(copied)
    if "deepcopy" in site.source.global_names:
        call, imported = f"deepcopy({value})", None
    elif "copy" in site.source.global_names:
        call, imported = f"copy.deepcopy({value})", None
    else:
        at = place(site)
        lead = "\n" if at and not site.source.text[:at].endswith("\n") else ""
        call, imported = (
            f"deepcopy({value})",
            Edit(at, at, f"{lead}from copy import deepcopy\n" + ("\n\n" if not at else "")),
        )
    deep = site.replace(node, call)
    yield Rewrite((imported, *deep.edits) if imported else deep.edits, deep.note)
    for text in (
        f"[list(row) for row in {value}]",
        f"[dict(row) for row in {value}]",
        f"[item.copy() for item in {value}]",
    ):
        yield site.replace(node, text, 1.0)
    for text in (
        f"{{key: list(held) for key, held in {value}.items()}}",
        f"{{key: dict(held) for key, held in {value}.items()}}",
    ):
        yield site.replace(node, text, 1.0)


def _copied(node: ast.AST) -> ast.expr | None:
    """What *node* makes a shallow copy of."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "copy":
        return node.args[0] if len(node.args) == 1 else node.func.value
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in _COPIES
        and len(node.args) == 1
    ):
        return node.args[0]
    whole = isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice)
    if (
        whole
        and isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Slice)
        and not (node.slice.lower or node.slice.upper)
    ):
        return node.value
    return None


def first_use(site: Site) -> Iterator[Rewrite]:
    """What is added to a key that is not there yet."""
    node = site.node
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Subscript):
        owner, key = site.text(node.target.value), site.text(node.target.slice)
        sign = site.source.text[slice(*site.between(node.target, node.value))].strip().removesuffix("=")
        for start, extra in (("0", 0.0), ("1", 2.0), ("''", 2.0), ("[]", 1.5)):
            text = f"{site.text(node.target)} = {owner}.get({key}, {start}) {sign} {site.text(node.value)}"
            yield Rewrite((Edit(*site.source.span(node), text),), f"`{key}` may be new: `{text}`", extra)
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Subscript)
    ):
        empty = _EMPTY.get(node.func.attr)
        held = node.func.value
        if empty is not None and not isinstance(held.slice, ast.Slice):
            text = f"{site.text(held.value)}.setdefault({site.text(held.slice)}, {empty})"
            yield Rewrite((Edit(*site.source.span(held), text),), f"`{site.text(held.slice)}` may be new: `{text}`")


def add_to_key(site: Site) -> Iterator[Rewrite]:
    """``d[k] = v`` that was to add to what the key holds."""
    node = site.node
    if not isinstance(node, ast.Assign) or len(node.targets) != 1 or not isinstance(node.targets[0], ast.Subscript):
        return
    target = node.targets[0]
    if isinstance(target.slice, (ast.Slice, ast.Tuple)):
        return
    owner, key, value = site.text(target.value), site.text(target.slice), site.text(node.value)
    for text, extra in (
        (f"{site.text(target)} = {owner}.get({key}, 0) + {value}", 0.0),
        (f"{owner}.setdefault({key}, []).append({value})", 0.0),
        (f"{owner}.setdefault({key}, {value})", 1.0),
        (f"{owner}.setdefault({key}, set()).add({value})", 1.0),
        (f"{site.text(target)} = max({owner}.get({key}, {value}), {value})", 2.0),
    ):
        yield Rewrite((Edit(*site.source.span(node), text),), f"`{site.text(node)}` → `{text}`", extra)
    if isinstance(node.value, ast.List) and len(node.value.elts) == 1:
        text = f"{owner}.setdefault({key}, []).append({site.text(node.value.elts[0])})"
        yield Rewrite((Edit(*site.source.span(node), text),), f"`{site.text(node)}` → `{text}`")


TEMPLATES = (
    Template("same-rows", 2.0, same_rows),
    Template("deep-copy", 4.0, deep_copy),
    Template("first-use", 3.5, first_use),
    Template("add-to-key", 4.0, add_to_key),
)
