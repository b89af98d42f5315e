"""Conditions that the failure itself asks for: nothing to take from, nothing to divide by, no such key, nothing there."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..edits import Edit, Rewrite
from ..site import Site, Template
from .blocks import alone, returned, rows

_LOOPS = (ast.For, ast.While)


def _dangers(site: Site, node: ast.AST) -> Iterator[str]:
    """When the statement or condition *node* raises what a failing test died of there, as conditions."""
    kinds = site.hints.crashes.get((site.source.path, getattr(node, "lineno", 0)), ())
    inner: list[ast.AST] = [node]
    if isinstance(node, ast.stmt) and hasattr(node, "body"):
        inner = [getattr(node, "test", None) or getattr(node, "iter", None) or node]
    for kind in kinds:
        for n in (n for top in inner for n in ast.walk(top)):
            yield from (c for c in _danger(site, n, kind))


def _danger(site: Site, n: ast.AST, kind: str) -> Iterator[str]:
    if kind in ("IndexError", "KeyError"):
        yield from _nothing_there(site, n, kind)
    elif kind == "ZeroDivisionError":
        if isinstance(n, ast.BinOp) and isinstance(n.op, (ast.Div, ast.FloorDiv, ast.Mod)):
            yield f"{site.text(n.right)} == 0"
            if isinstance(n.right, ast.Call) and n.right.args:
                yield f"not {site.text(n.right.args[0])}"
    elif kind in ("AttributeError", "TypeError") and isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Load):
        yield f"{site.text(n.value)} is None"
    elif kind == "TypeError" and isinstance(n, (ast.Name, ast.Subscript)) and isinstance(n.ctx, ast.Load):
        yield f"{site.text(n)} is None"
    elif kind == "ValueError":
        yield from _nothing_to_take(site, n)


def _nothing_there(site: Site, n: ast.AST, kind: str) -> Iterator[str]:
    text = site.text
    if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute):
        if n.func.attr in ("pop", "popleft", "popitem", "remove"):
            yield f"not {text(n.func.value)}"
    elif isinstance(n, ast.Subscript) and kind == "KeyError":
        yield f"{text(n.slice)} not in {text(n.value)}"
    elif isinstance(n, ast.Subscript) and not isinstance(n.slice, ast.Slice):
        yield f"not {text(n.value)}"
        if not isinstance(n.slice, ast.Constant):
            yield f"{text(n.slice)} >= len({text(n.value)})"
            yield f"{text(n.slice)} < 0"


def _nothing_to_take(site: Site, n: ast.AST) -> Iterator[str]:
    if isinstance(n, ast.Assign) and isinstance(n.targets[0], (ast.Tuple, ast.List)):
        yield f"not {site.text(n.value)}"
    elif isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id in ("max", "min") and len(n.args) == 1:
        yield f"not {site.text(n.args[0])}"
    elif (
        isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr in ("remove", "index") and n.args
    ):
        yield f"{site.text(n.args[0])} not in {site.text(n.func.value)}"


def weaken(site: Site) -> Iterator[Rewrite]:
    """A condition that should hold too, or not hold, where asking for the rest raises; or one that stands before the danger."""
    node, source = site.node, site.source
    if not isinstance(node, (ast.If, ast.While)):
        return
    test = site.text(node.test)
    loose = isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.Or)
    later = [node, *_following(site, node)]
    conditions = dict.fromkeys(c for place in later for c in _dangers(site, place))
    for condition in conditions:
        if isinstance(node.test, ast.Constant) and node.test.value:
            yield site.replace(node.test, _opposite(condition))
            continue
        yield site.replace(node.test, f"{condition} or {test}")
        yield site.replace(node.test, f"{_opposite(condition)} and {f'({test})' if loose else test}")
        if source.block(node)[-1] is not node or isinstance(node.body[-1], (ast.Return, ast.Raise, ast.Continue)):
            yield site.replace(node.test, f"{test} or {condition}", 0.5)


def _following(site: Site, node: ast.stmt) -> list[ast.stmt]:
    block = site.source.block(node)
    at = block.index(node) if node in block else 0
    body = getattr(node, "body", [])
    rest: list[ast.stmt] = getattr(node, "orelse", [])
    return [*body[:2], *rest[:2], *block[at + 1 : at + 3]]


def before(site: Site) -> Iterator[Rewrite]:
    """An early way out before the statement that raises."""
    node, source = site.node, site.source
    function = source.function(node)
    if not isinstance(node, ast.stmt) or function is None or not alone(site, node):
        return
    conditions = dict.fromkeys(_dangers(site, node))
    if not conditions:
        return
    begin, end = rows(site, node)
    indent = source.indent(node)
    looping = any(isinstance(a, _LOOPS) for a in source.up(node))
    answers = dict.fromkeys((*returned(site, function), "None", "0", "[]", "False", "''", "-1", "True", *site.names()))
    if isinstance(node, ast.Return) and node.value is not None:
        answers.pop(site.text(node.value), None)  # what raises is no answer
    ways = [f"return {answer}" for answer in answers] + (["continue", "break"] if looping else [])
    for condition in conditions:
        for rank, way in enumerate(ways):
            text = f"{indent}if {condition}:\n{indent}    {way}\n"
            yield Rewrite((Edit(begin, begin, text),), f"`if {condition}: {way}`", 0.1 * rank)
        body = "".join(
            f"    {line}" if line.strip() else line for line in source.text[begin:end].splitlines(keepends=True)
        )
        yield Rewrite(
            (Edit(begin, end, f"{indent}if {_opposite(condition)}:\n{body}"),), f"only if `{_opposite(condition)}`", 0.5
        )


def instead(site: Site) -> Iterator[Rewrite]:
    """A value of its own where the expression would raise."""
    node = site.node
    if not isinstance(node, (ast.BinOp, ast.Subscript, ast.Call)) or not isinstance(
        getattr(node, "ctx", ast.Load()), ast.Load
    ):
        return
    kinds = site.hints.crashes.get((site.source.path, node.lineno), ())
    conditions = dict.fromkeys(c for kind in kinds for c in _danger(site, node, kind))
    for condition in conditions:
        for value in ("0", "None", "1", "''", "[]"):
            yield site.replace(node, f"{site.text(node)} if {_opposite(condition)} else {value}")


def _opposite(condition: str) -> str:
    """The condition that holds where this one does not."""
    if condition.startswith("not "):
        return condition.removeprefix("not ")
    for one, other in (
        (" is None", " is not None"),
        (" not in ", " in "),
        (" >= ", " < "),
        (" == ", " != "),
        (" < ", " >= "),
    ):
        if one in condition:
            return condition.replace(one, other, 1)
    return f"not ({condition})"


TEMPLATES = (
    Template("guard-cond", 1.5, weaken),
    Template("guard-before", 2.0, before),
    Template("guard-value", 3.5, instead),
)
