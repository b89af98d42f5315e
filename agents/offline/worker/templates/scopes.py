"""What a name means where: shared defaults, late binding, ``global`` and ``nonlocal``, first values."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..edits import Edit, Rewrite
from ..site import Site, Template
from ..source import FUNCTIONS

_SHARED = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.Call)


def mutable_default(site: Site) -> Iterator[Rewrite]:
    """A default that all calls share, made anew for each."""
    node, source = site.node, site.source
    if not isinstance(node, ast.FunctionDef):
        return
    arguments = node.args
    places = [*zip(arguments.args[len(arguments.args) - len(arguments.defaults) :], arguments.defaults, strict=True)]
    places += [(a, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None]
    first = node.body[1] if len(node.body) > 1 and ast.get_docstring(node) is not None else node.body[0]
    if first.lineno == node.lineno:
        return
    begin, indent = source.line_start(first.lineno), source.indent(first)
    for argument, default in places:
        if isinstance(default, _SHARED):
            value = source.get(default)
            guard = f"{indent}if {argument.arg} is None:\n{indent}    {argument.arg} = {value}\n"
            edits = (Edit(*source.span(default), "None"), Edit(begin, begin, guard))
            yield Rewrite(edits, f"a new `{value}` for `{argument.arg}` on every call")


def instance_attribute(site: Site) -> Iterator[Rewrite]:
    """A mutable attribute of the class, made one of each object."""
    node, source = site.node, site.source
    owner = site.parent if isinstance(node, ast.Assign) else None
    if not isinstance(node, ast.Assign) or not isinstance(owner, ast.ClassDef) or not isinstance(node.value, _SHARED):
        return
    start = next(
        (n for n in owner.body if isinstance(n, ast.FunctionDef) and n.name == "__init__" and n.args.args), None
    )
    if start is None or not isinstance(node.targets[0], ast.Name) or start.body[0].lineno == start.lineno:
        return
    last = start.body[-1]
    begin, end = source.rows(node.lineno, node.end_lineno or node.lineno)
    at = source.rows(last.lineno, last.end_lineno or last.lineno)[1]
    newline = "" if source.text[:at].endswith("\n") else "\n"
    line = f"{newline}{source.indent(last)}{start.args.args[0].arg}.{node.targets[0].id} = {source.get(node.value)}\n"
    yield Rewrite(
        (Edit(begin, end, ""), Edit(at, at, line)), f"`{node.targets[0].id}` belongs to each object, not to the class"
    )


def late_binding(site: Site) -> Iterator[Rewrite]:
    """A lambda or inner function that takes the loop's value of now, not of the end."""
    node, source = site.node, site.source
    if not isinstance(node, (*FUNCTIONS, ast.Lambda)):
        return
    loops = [
        a
        for a in source.up(node)
        if isinstance(a, (ast.For, ast.ListComp, ast.GeneratorExp, ast.DictComp, ast.SetComp))
    ]
    targets = [loop.target for loop in loops if isinstance(loop, ast.For)]
    targets += [part.target for loop in loops if not isinstance(loop, ast.For) for part in loop.generators]
    turning = {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
    used = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)} & turning
    begin, end = source.span(node)
    at = source.text.find(":", begin, end) if isinstance(node, ast.Lambda) else source.text.find(")", begin, end)
    has = bool(node.args.args)
    lead = ", " if has else " " if isinstance(node, ast.Lambda) else ""
    if used and at > 0 and not node.args.defaults and not node.args.kwonlyargs and node.args.vararg is None:
        bound = ", ".join(f"{name}={name}" for name in sorted(used))
        yield Rewrite((Edit(at, at, lead + bound),), f"`{bound}` bound when it is made")


def declare(site: Site) -> Iterator[Rewrite]:
    """``global`` or ``nonlocal`` for a name that the function assigns."""
    node, source = site.node, site.source
    if not isinstance(node, ast.FunctionDef) or node.body[0].lineno == node.lineno:
        return
    first = node.body[1] if len(node.body) > 1 and ast.get_docstring(node) is not None else node.body[0]
    begin, indent = source.line_start(first.lineno), source.indent(first)
    parameters = {a.arg for a in node.args.args}
    stored = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)} - parameters
    outer = set(source.local_names(node)) if source.function(node) is not None else set()
    for name in sorted(stored):
        if name in outer or name in source.global_names:
            word = "nonlocal" if name in outer else "global"
            yield Rewrite((Edit(begin, begin, f"{indent}{word} {name}\n"),), f"`{word} {name}`")


def first_value(site: Site) -> Iterator[Rewrite]:
    """A first value for a variable that is read before it has one."""
    node, source = site.node, site.source
    if not isinstance(node, ast.FunctionDef) or node.body[0].lineno == node.lineno:
        return
    first = node.body[1] if len(node.body) > 1 and ast.get_docstring(node) is not None else node.body[0]
    begin, indent = source.line_start(first.lineno), source.indent(first)
    for name in site.hints.names:
        used = any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(node))
        for value in ("0", "[]", "None", "''", "{}", "False", "1", "set()", "True") if used else ():
            yield Rewrite((Edit(begin, begin, f"{indent}{name} = {value}\n"),), f"first value `{name} = {value}`")


def copied(site: Site) -> Iterator[Rewrite]:
    """A copy, where what is walked over or handed on is changed on the way."""
    node, parent = site.node, site.parent
    walked = isinstance(parent, ast.For) and parent.iter is node
    kept = (
        isinstance(parent, ast.Call)
        and node in parent.args
        and isinstance(parent.func, ast.Attribute)
        and parent.func.attr in ("append", "add")
    )
    valued = isinstance(parent, ast.Assign) and parent.value is node
    if isinstance(node, (ast.Name, ast.Attribute)) and (
        walked or kept or valued or isinstance(parent, (ast.Return, ast.Yield))
    ):
        for text in (f"list({site.text(node)})", f"{site.text(node)}.copy()", f"{site.text(node)}[:]"):
            yield site.replace(node, text)


TEMPLATES = (
    Template("mutable-default", 2.0, mutable_default),
    Template("instance-attribute", 3.0, instance_attribute),
    Template("late-binding", 3.0, late_binding),
    Template("declare", 3.0, declare),
    Template("first-value", 3.5, first_value),
    Template("copy", 4.5, copied),
)
