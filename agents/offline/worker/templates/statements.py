"""Statements: gone, moved, exchanged, guarded, inserted, deeper or less deep."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..edits import Edit, Rewrite, shorten
from ..site import Site, Template
from .conditions import pool

_COMPOUND = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
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

_KEPT = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


def _docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _lines(site: Site, node: ast.stmt) -> tuple[int, int]:
    """Span of the statement's own lines; of what stands on one line with others, nothing is said."""
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    return site.source.rows(first, node.end_lineno or node.lineno)


def _alone(site: Site, node: ast.stmt) -> bool:
    """Whether the statement has its lines to itself, so that whole lines can be moved."""
    begin, end = site.source.span(node)
    first, last = _lines(site, node)
    text = site.source.text
    return not text[first:begin].strip(" \t@") and not text[end:last].split("#", 1)[0].strip()


def _shift(text: str, old: str, new: str) -> str:
    """Lines indented by *old* indented by *new*."""
    rows = text.splitlines(keepends=True)
    return "".join(new + row[len(old) :] if row.startswith(old) and row.strip() else row for row in rows)


def _line(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"


def delete(site: Site) -> Iterator[Rewrite]:
    node = site.node
    if not isinstance(node, ast.stmt) or isinstance(node, _KEPT) or _docstring(node) or not _alone(site, node):
        return
    begin, end = _lines(site, node)
    note = f"without `{shorten(site.text(node))}`"
    if len(site.source.block(node)) > 1:
        yield Rewrite((Edit(begin, end, ""),), note, 1.0 if isinstance(node, _COMPOUND) else 0.0)
    else:
        yield Rewrite((Edit(*site.source.span(node), "pass"),), note, 1.0)
    if isinstance(node, ast.If) and not node.orelse:
        yield _unwrapped(site, node, node.body)


def _unwrapped(site: Site, node: ast.If, body: list[ast.stmt]) -> Rewrite:
    begin, end = _lines(site, node)
    inner = site.source.rows(body[0].lineno, body[-1].end_lineno or body[-1].lineno)
    text = _shift(site.source.text[inner[0] : inner[1]], site.source.indent(body[0]), site.source.indent(node))
    return Rewrite((Edit(begin, end, text),), f"always, not only `if {shorten(site.text(node.test), 40)}`", 1.0)


def exchange(site: Site) -> Iterator[Rewrite]:
    """Two neighbours the other way round."""
    node = site.node
    if not isinstance(node, ast.stmt) or not _alone(site, node) or isinstance(site.parent, ast.Module):
        return
    block = site.source.block(node)
    at = block.index(node)
    for distance in (1, 2, 3):
        if at + distance >= len(block) or not _alone(site, block[at + distance]):
            break
        other = block[at + distance]
        one, two = _lines(site, node), _lines(site, other)
        text = site.source.text
        note = f"`{shorten(site.text(node), 30)}` after `{shorten(site.text(other), 30)}`"
        if distance == 1:
            moved = _line(text[two[0] : two[1]]) + text[one[1] : two[0]] + text[one[0] : one[1]]
            yield Rewrite((Edit(one[0], two[1], moved),), note)
        else:
            yield Rewrite((Edit(*one, ""), Edit(two[1], two[1], text[one[0] : one[1]])), note, distance - 1.0)
            yield Rewrite((Edit(*two, ""), Edit(one[0], one[0], _line(text[two[0] : two[1]]))), note, distance - 1.0)


def depth(site: Site) -> Iterator[Rewrite]:
    """One level out of its block, or into the block before it."""
    node, source = site.node, site.source
    if not isinstance(node, ast.stmt) or not _alone(site, node):
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
    begin, end = _lines(site, nodes[0])[0], _lines(site, nodes[-1])[1]
    text = _shift(source.text[begin:end], source.indent(nodes[0]), indent)
    return Rewrite((Edit(begin, end, text),), f"`{shorten(source.get(nodes[0]), 40)}` moved {where} its block")


def guard(site: Site) -> Iterator[Rewrite]:
    """Only under a condition."""
    node = site.node
    if not isinstance(node, (ast.Expr, ast.Assign, ast.AugAssign, ast.Return, ast.Break, ast.Continue)):
        return
    if _docstring(node) or isinstance(site.parent, ast.ClassDef) or not _alone(site, node):
        return
    indent = site.source.indent(node)
    begin, end = _lines(site, node)
    body = _shift(site.source.text[begin:end], indent, indent + "    ")
    for condition in pool(site):
        cost = min(4.0, 0.7 * condition.count(" "))
        yield Rewrite((Edit(begin, end, f"{indent}if {condition}:\n{body}"),), f"only if `{condition}`", cost)


def leave(site: Site) -> Iterator[Rewrite]:
    """``return``, ``yield``, ``break`` and ``continue`` for one another."""
    node, source = site.node, site.source
    begin, end = source.span(node) if isinstance(node, ast.stmt) else (0, 0)
    if isinstance(node, (ast.Break, ast.Continue)):
        other = "continue" if isinstance(node, ast.Break) else "break"
        for text in (other, "return", "pass"):
            yield Rewrite((Edit(begin, end, text),), f"`{source.text[begin:end]}` → `{text}`")
    elif isinstance(node, ast.Return) and node.value is not None:
        value = source.get(node.value)
        for word in ("yield", "yield from"):
            yield Rewrite((Edit(begin, end, f"{word} {value}"),), f"`return` → `{word}`")
        yield Rewrite((Edit(begin, end, value),), f"without `return` before `{shorten(value, 40)}`", 2.0)
    elif (
        isinstance(node, ast.Expr)
        and isinstance(node.value, (ast.Yield, ast.YieldFrom))
        and node.value.value is not None
    ):
        value = source.get(node.value.value)
        for word in ("return", "yield" if isinstance(node.value, ast.YieldFrom) else "yield from"):
            yield Rewrite((Edit(begin, end, f"{word} {value}"),), f"→ `{word}`")
    elif isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant) and source.function(node):
        for word in ("return", "yield", "yield from"):
            yield Rewrite(
                (Edit(begin, begin, f"{word} "),),
                f"`{word}` before `{shorten(source.get(node), 40)}`",
                0.0 if word == "return" else 2.0,
            )


def keyword(site: Site) -> Iterator[Rewrite]:
    """``if`` for ``while``, ``elif`` for ``if`` and the other way, no ``else``."""
    node, source = site.node, site.source
    if not isinstance(node, (ast.If, ast.While)):
        return
    begin, _ = source.span(node)
    word = (
        "while" if source.text.startswith("while", begin) else "elif" if source.text.startswith("elif", begin) else "if"
    )
    if word == "elif":
        yield Rewrite((Edit(begin, begin + 4, "if"),), "`elif` → `if`")
    elif word == "while" or not node.orelse:
        other = "if" if word == "while" else "while"
        yield Rewrite((Edit(begin, begin + len(word), other),), f"`{word}` → `{other}`", 1.0)
    if isinstance(node, ast.If) and word == "if":
        block = source.block(node)
        at = block.index(node)
        if at and isinstance(block[at - 1], ast.If) and not _chain_end(block[at - 1]).orelse:
            yield Rewrite((Edit(begin, begin + 2, "elif"),), "`if` → `elif`")


def _chain_end(node: ast.stmt) -> ast.If:
    while isinstance(node, ast.If) and len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
        node = node.orelse[0]
    assert isinstance(node, ast.If)  # noqa: S101  # the caller looked
    return node


def orelse(site: Site) -> Iterator[Rewrite]:
    """The ``else`` block exchanged with the ``if`` block."""
    node, source = site.node, site.source
    if isinstance(node, ast.If) and node.orelse and not isinstance(node.orelse[0], ast.If):
        one = source.rows(node.body[0].lineno, node.body[-1].end_lineno or 0)
        two = source.rows(node.orelse[0].lineno, node.orelse[-1].end_lineno or 0)
        if source.indent(node.body[0]) == source.indent(node.orelse[0]) and one[1] <= two[0]:
            text = source.text
            edits = (Edit(*one, _line(text[two[0] : two[1]])), Edit(*two, text[one[0] : one[1]]))
            yield Rewrite(edits, f"the two branches of `if {shorten(source.get(node.test), 40)}` change places")


def insert(site: Site) -> Iterator[Rewrite]:
    """A statement that the function lacks, modelled on those it has."""
    node = site.node
    if not isinstance(node, ast.stmt) or not _alone(site, node) or site.source.function(node) is None:
        return
    begin, end = _lines(site, node)
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
    """Calls, steps and assignments with the function's own names, each once, with its price."""
    function = site.source.function(site.node)
    inside = list(ast.walk(function)) if function else []
    seen: dict[str, float] = {}
    for text, cost in (*_copies(site, inside), *_growth(site, inside), *_assignments(site.names())):
        seen.setdefault(text, cost)
    yield from seen.items()


def _copies(site: Site, inside: list[ast.AST]) -> Iterator[tuple[str, float]]:
    for n in inside:
        if isinstance(n, (ast.Assign, ast.AugAssign, ast.Expr)) and not isinstance(n.value, ast.Constant):
            text = site.text(n)
            if len(text) < 60 and "\n" not in text:
                yield text, 0.0


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


def _assignments(names: tuple[str, ...]) -> Iterator[tuple[str, float]]:
    for name in names:
        yield f"{name} += 1", 1.0
        yield f"{name} -= 1", 1.0
        for other in names:
            if other != name:
                yield f"{name} = {other}", 2.0
                yield f"{name} += {other}", 2.5
        for value in ("0", "[]", "None"):
            yield f"{name} = {value}", 2.5


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


def insert_leave(site: Site) -> Iterator[Rewrite]:
    """``return``, ``yield``, ``break`` or ``continue`` where there is none."""
    node, source = site.node, site.source
    function = source.function(node)
    if not isinstance(node, ast.stmt) or not _alone(site, node) or function is None:
        return
    indent = source.indent(node)
    begin, end = _lines(site, node)
    looping = any(isinstance(a, (ast.For, ast.While)) for a in source.up(node))
    texts = [f"return {n}" for n in site.names()] + [f"return {t}" for t in _returned(site, function)]
    texts += ["return", "return None", "return True", "return False", "return 0", "return []"] + (
        ["break", "continue"] if looping else []
    )
    if any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in ast.walk(function)):
        texts += [f"yield {n}" for n in site.names()] + ["return"]
    last = source.block(node)[-1] is node and not isinstance(node, (ast.Return, ast.Raise))
    for text in dict.fromkeys(texts):
        if last:
            ended = "" if source.text[begin:end].endswith("\n") else "\n"
            yield Rewrite((Edit(end, end, f"{ended}{indent}{text}\n"),), f"`{text}` at the end of the block", 0.0)
        if isinstance(source.parents[node], (ast.If, ast.For, ast.While)) or text.startswith("yield"):
            yield Rewrite(
                (Edit(begin, begin, f"{indent}{text}\n"),), f"`{text}` before `{shorten(source.get(node), 30)}`", 3.0
            )


def _returned(site: Site, function: ast.AST) -> list[str]:
    return list(
        dict.fromkeys(
            site.text(n.value) for n in ast.walk(function) if isinstance(n, ast.Return) and n.value is not None
        )
    )


def insert_guard(site: Site) -> Iterator[Rewrite]:
    """An early answer for an edge case, in front of a statement."""
    node, source = site.node, site.source
    function = source.function(node)
    if not isinstance(node, ast.stmt) or function is None or not _alone(site, node):
        return
    begin, _ = _lines(site, node)
    indent = source.indent(node)
    looping = any(isinstance(a, (ast.For, ast.While)) for a in source.up(node))
    answers = ["0", "None", "[]", "False", "True", "1", "''", "-1", *site.names(), *_returned(site, function)]
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


TEMPLATES = (
    Template("delete-stmt", 4.0, delete, escapes=True),
    Template("swap-stmts", 4.5, exchange, escapes=True),
    Template("move-stmt", 4.0, depth, escapes=True),
    Template("wrap-if", 5.0, guard, escapes=True, prolific=True),
    Template("leave", 4.0, leave, escapes=True),
    Template("keyword", 4.5, keyword, escapes=True),
    Template("swap-branches", 5.0, orelse, escapes=True),
    Template("insert-stmt", 4.5, insert, prolific=True),
    Template("insert-return", 4.5, insert_leave, escapes=True),
    Template("insert-guarded", 5.5, insert_guard, escapes=True, prolific=True),
)
