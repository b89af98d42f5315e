"""What is begun and never carried on: a collection that nothing is put into, a variable that a loop never moves."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..edits import Edit, Rewrite
from ..site import Site, Template
from ..source import Source
from .blocks import alone, rows

_EMPTY = {"set": "set", "list": "list", "dict": "dict", "deque": "list"}
_FORMS = {"set": ("{0}.add({1})",), "list": ("{0}.append({1})", "{0}.extend({1})")}
_QUESTIONS = frozenset(("pop", "get", "items", "keys", "values", "popleft", "index", "count", "copy"))
"""Methods that put nothing in."""
_READERS = frozenset(("len", "sorted", "list", "tuple", "set", "sum", "max", "min", "any", "all"))


def fill(site: Site) -> Iterator[Rewrite]:
    """Put something into a collection that begins empty, is read, and never grows."""
    node, source = site.node, site.source
    function = source.function(node)
    if not isinstance(node, ast.stmt) or function is None or not alone(site, node):
        return
    names = site.names()
    for name, kind in _never_filled(source, node).items():
        others = [other for other in names if other != name]
        texts = [form.format(name, other) for form in _FORMS.get(kind, ()) for other in others]
        if kind == "dict":
            texts = [f"{name}[{key}] = {value}" for key in others for value in (*others, "True", "1") if key != value]
        for text in texts:
            yield from _beside(site, node, text)


def move(site: Site) -> Iterator[Rewrite]:
    """Move on a variable that a loop reads, or that is read after it, and that stays what it was before the loop."""
    node, source = site.node, site.source
    if not isinstance(node, ast.stmt) or not alone(site, node) or source.function(node) is None:
        return
    loops = [a for a in source.up(node) if isinstance(a, (ast.For, ast.While))]
    if not loops:
        return
    names = site.names()
    for name in _never_moved(source, node, loops[-1]):
        texts = [f"{name} = {other}" for other in names if other != name] + [f"{name} += 1", f"{name} -= 1"]
        texts += [f"{name} += {other}" for other in names if other != name]
        for text in texts:
            yield from _beside(site, node, text)


def _beside(site: Site, node: ast.stmt, text: str) -> Iterator[Rewrite]:
    """The statement *text* before *node*, and after it where it is the last of its block."""
    begin, end = rows(site, node)
    indent = site.source.indent(node)
    yield Rewrite((Edit(begin, begin, f"{indent}{text}\n"),), f"new statement `{text}`")
    last = site.source.block(node)[-1] is node and not isinstance(
        node, (ast.Return, ast.Break, ast.Continue, ast.Raise)
    )
    if last:
        lead = "" if site.source.text[begin:end].endswith("\n") else "\n"
        yield Rewrite((Edit(end, end, f"{lead}{indent}{text}\n"),), f"new statement `{text}`")


def _outermost(source: Source, node: ast.AST) -> ast.AST:
    function = source.function(node)
    while function is not None and (above := source.function(function)) is not None:
        function = above
    return function if function is not None else source.tree


def _never_filled(source: Source, node: ast.AST) -> dict[str, str]:
    """Local collections that begin empty, by kind, of which nothing changes the content."""
    inside = list(ast.walk(_outermost(source, node)))
    found = {
        n.targets[0].id: kind
        for n in inside
        if isinstance(n, ast.Assign)
        and len(n.targets) == 1
        and isinstance(n.targets[0], ast.Name)
        and (kind := _kind(n.value))
    }
    changed = {name for n in inside for name in _changed(n)}
    written = [n.id for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    return {name: kind for name, kind in found.items() if written.count(name) == 1 and name not in changed}


def _changed(n: ast.AST) -> Iterator[str]:
    """Names of the collections that *n* may put something into: also whoever is given one may."""
    if isinstance(n, ast.Call):
        if not (isinstance(n.func, ast.Name) and n.func.id in _READERS):
            yield from (a.id for a in n.args if isinstance(a, ast.Name))
        owner = n.func.value if isinstance(n.func, ast.Attribute) else None
        if isinstance(owner, ast.Name) and isinstance(n.func, ast.Attribute) and n.func.attr not in _QUESTIONS:
            yield owner.id
    elif isinstance(n, ast.AugAssign) and isinstance(n.target, ast.Name):
        yield n.target.id
    elif isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store) and isinstance(n.value, ast.Name):
        yield n.value.id


def _kind(value: ast.AST) -> str:
    if isinstance(value, ast.List) and not value.elts:
        return "list"
    if isinstance(value, ast.Dict) and not value.keys:
        return "dict"
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and not value.args:
        return _EMPTY.get(value.func.id, "")
    return ""


def _never_moved(source: Source, node: ast.AST, loop: ast.AST) -> list[str]:
    """Variables with a first value that is a constant or another name, read in the loop or after it, and set only before."""
    function = source.function(node)
    if function is None:
        return []
    first: dict[str, int] = {}
    for n in ast.walk(function):
        if isinstance(n, ast.Assign) and isinstance(n.value, (ast.Constant, ast.Name)):
            for target in n.targets:
                if isinstance(target, ast.Name):
                    first[target.id] = n.lineno
    inside = {id(n) for n in ast.walk(loop)}
    start = getattr(loop, "lineno", 0)
    moved = {
        n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store) and id(n) in inside
    }
    read = {
        n.id
        for n in ast.walk(function)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load) and n.lineno >= start
    }
    return sorted(name for name, line in first.items() if line < start and name in read and name not in moved)


TEMPLATES = (
    Template("fill", 2.0, fill),
    Template("move-on", 3.0, move),
)
