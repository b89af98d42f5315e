"""Statements that are missing: modelled on those that the function, its class and its module have."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..edits import Edit, Rewrite
from ..kinds import NUMBER, apart
from ..site import Site, Template
from ..source import BUILTINS
from .blocks import alone, returned, rows
from .conditions import pool

LONGEST_COPY = 80
"""Characters of a statement that is copied from elsewhere."""
_GROWING = (
    "append",
    "add",
    "extend",
    "remove",
    "pop",
    "popleft",
    "appendleft",
    "update",
    "discard",
    "insert",
    "sort",
    "reverse",
    "clear",
)


def insert(site: Site) -> Iterator[Rewrite]:
    """A statement that the function lacks, modelled on those it has."""
    node = site.node
    if not isinstance(node, ast.stmt) or not alone(site, node) or site.source.function(node) is None:
        return
    begin, end = rows(site, node)
    indent = site.source.indent(node)
    block = site.source.block(node)
    last = block[-1] is node and not isinstance(node, (ast.Return, ast.Break, ast.Continue, ast.Raise))
    ended = site.source.text[begin:end].endswith("\n")
    for text, cost in _new_statements(site):
        if not _repeats(site, node, text):
            yield Rewrite((Edit(begin, begin, f"{indent}{text}\n"),), f"new statement `{text}`", cost)
            if last:
                yield Rewrite(
                    (Edit(end, end, ("" if ended else "\n") + f"{indent}{text}\n"),), f"new statement `{text}`", cost
                )


def _repeats(site: Site, node: ast.stmt, text: str) -> bool:
    return site.text(node) == text


def _new_statements(site: Site) -> Iterator[tuple[str, float]]:
    """Calls, steps and assignments with the names in reach, each once, with its price."""
    function = site.source.function(site.node)
    inside = list(ast.walk(function)) if function else []
    seen: dict[str, float] = {}
    for text, cost in (*_copies(site, inside), *_clones(site), *_growth(site, inside), *_assignments(site, inside)):
        seen.setdefault(text, cost)
    yield from seen.items()


def _copies(site: Site, inside: list[ast.AST]) -> Iterator[tuple[str, float]]:
    for n in inside:
        if isinstance(n, (ast.Assign, ast.AugAssign, ast.Expr)) and not isinstance(n.value, ast.Constant):
            text = site.text(n)
            if len(text) < LONGEST_COPY and "\n" not in text:
                yield text, 0.0


def _clones(site: Site) -> Iterator[tuple[str, float]]:
    """Statements of the other methods of the class, and of the other functions, whose names are all in reach here."""
    source = site.source
    here, owner = source.function(site.node), source.class_of(site.node)
    known = {*source.visible(site.node), *BUILTINS}
    for n in ast.walk(source.tree):
        if not isinstance(n, (ast.Assign, ast.AugAssign, ast.Expr)) or isinstance(n.value, ast.Constant):
            continue
        function = source.function(n)
        if function is None or function is here or n.end_lineno != n.lineno:
            continue
        if all(m.id in known for m in ast.walk(n) if isinstance(m, ast.Name)) and len(source.get(n)) < LONGEST_COPY:
            yield source.get(n), 0.5 if source.class_of(n) is owner and owner is not None else 2.0


def _growth(site: Site, inside: list[ast.AST]) -> Iterator[tuple[str, float]]:
    """Calls that change a collection: those that the function has, with other arguments, then the usual ones."""
    names = site.names()
    for n in inside:
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr in _GROWING:
            for argument in names if len(n.args) == 1 else [""]:
                yield f"{site.text(n.func)}({argument})", 0.5
    for owner in names:
        if _collection(inside, owner):
            for name in ("append", "add", "remove"):
                for argument in names:
                    if argument != owner:
                        yield f"{owner}.{name}({argument})", 1.5


def _assignments(site: Site, inside: list[ast.AST]) -> Iterator[tuple[str, float]]:
    names = site.names()
    for name in names:
        if site.may_be(name, NUMBER):
            yield f"{name} += 1", 1.0
            yield f"{name} -= 1", 1.0
        for other in names:
            if other != name and not apart(site.kinds(name), site.kinds(other)):
                yield f"{name} = {other}", 2.0
                yield f"{name} += {other}", 2.5
        for value in ("0", "1", "[]", "None", "''"):
            yield f"{name} = {value}", 2.5
    kept = {site.text(n) for n in inside if isinstance(n, ast.Attribute) and _is_own(site, n)}
    for attribute in sorted(kept | _set_elsewhere(site)):
        for text in ("+= 1", "-= 1", "= 0", "= None", "= []", "= True", "= False"):
            yield f"{attribute} {text}", 2.0
        for name in names:
            yield f"{attribute} = {name}", 2.0
            yield f"{attribute} += {name}", 2.5
            yield f"{attribute} -= {name}", 3.0


def _is_own(site: Site, node: ast.Attribute) -> bool:
    """Whether it is an attribute, and no method, of the object itself."""
    parent = site.source.parents[node]
    called = isinstance(parent, ast.Call) and parent.func is node
    return isinstance(node.value, ast.Name) and node.value.id == "self" and not called


def _set_elsewhere(site: Site) -> set[str]:
    """Attributes that other methods of the class set."""
    owner = site.source.class_of(site.node)
    if owner is None:
        return set()
    stored = (n for n in ast.walk(owner) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store))
    return {site.text(n) for n in stored if _is_own(site, n)}


def _collection(nodes: list[ast.AST], name: str) -> bool:
    """Whether *name* is a collection, by how the function uses it."""
    return any(
        (
            isinstance(n, ast.Compare)
            and any(isinstance(o, (ast.In, ast.NotIn)) for o in n.ops)
            and isinstance(n.comparators[-1], ast.Name)
            and n.comparators[-1].id == name
        )
        or (
            isinstance(n, ast.Assign)
            and any(isinstance(t, ast.Name) and t.id == name for t in n.targets)
            and isinstance(n.value, (ast.List, ast.Set, ast.Call, ast.Dict))
        )
        for n in nodes
    )


def insert_guard(site: Site) -> Iterator[Rewrite]:
    """An early answer for an edge case, in front of a statement."""
    node, source = site.node, site.source
    function = source.function(node)
    if not isinstance(node, ast.stmt) or function is None or not alone(site, node):
        return
    begin, _ = rows(site, node)
    indent = source.indent(node)
    looping = any(isinstance(a, (ast.For, ast.While)) for a in source.up(node))
    answers = ["0", "None", "[]", "False", "True", "1", "''", "-1", *site.names(), *returned(site, function)]
    leaving = [f"return {a}" for a in dict.fromkeys(answers)] + (["continue", "break"] if looping else [])
    conditions = [c for c in pool(site) if c.count(" ") <= 3]
    for condition in conditions:
        for rank, text in enumerate(leaving):
            cost = 0.7 * condition.count(" ") + 0.15 * rank
            yield Rewrite(
                (Edit(begin, begin, f"{indent}if {condition}:\n{indent}    {text}\n"),),
                f"`if {condition}: {text}`",
                cost,
            )


def other_branch(site: Site) -> Iterator[Rewrite]:
    """An ``else`` for an ``if`` that has none."""
    node, source = site.node, site.source
    function = source.function(node)
    if not isinstance(node, ast.If) or node.orelse or function is None or node.body[0].lineno == node.lineno:
        return
    if not source.text.startswith("elif", source.span(node)[0]) and not alone(site, node):
        return
    indent = source.indent(node)
    inner = source.indent(node.body[0])
    end = source.rows(node.lineno, node.end_lineno or node.lineno)[1]
    lead = "" if source.text[:end].endswith("\n") else "\n"
    bound = {
        source.get(n)
        for s in node.body
        for n in ast.walk(s)
        if isinstance(n, (ast.Name, ast.Attribute)) and isinstance(n.ctx, ast.Store)
    }
    texts: dict[str, float] = {}
    for name in sorted(bound):
        for value in ("0", "1", "[]", "None", "False", "True", "''", *(n for n in site.names() if n != name)):
            texts.setdefault(f"{name} = {value}", 0.0)
        for step in ("+= 1", "-= 1"):
            texts.setdefault(f"{name} {step}", 0.5)
    for text in (*returned(site, function), "None", "False", "True", "0", "[]"):
        texts.setdefault(f"return {text}", 1.0)
    if any(isinstance(a, (ast.For, ast.While)) for a in source.up(node)):
        texts |= {"break": 1.0, "continue": 1.0}
    for text, cost in _new_statements(site):
        texts.setdefault(text, 1.0 + cost)
    for text, cost in texts.items():
        yield Rewrite((Edit(end, end, f"{lead}{indent}else:\n{inner}{text}\n"),), f"`else: {text}`", cost)


TEMPLATES = (
    Template("else-branch", 5.0, other_branch, least=3.0),
    Template("insert-stmt", 4.5, insert, least=4.0),
    Template("insert-guarded", 5.5, insert_guard, least=6.0, escapes=True),
)
