"""Ways out of a block, and which way it goes: ``return``, ``yield``, ``break``, ``if`` and ``else``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..edits import Edit, Rewrite, shorten
from ..site import Site, Template
from .blocks import alone, returned, rows, whole_line


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
            edits = (Edit(*one, whole_line(text[two[0] : two[1]])), Edit(*two, text[one[0] : one[1]]))
            yield Rewrite(edits, f"the two branches of `if {shorten(source.get(node.test), 40)}` change places")


def insert_leave(site: Site) -> Iterator[Rewrite]:
    """``return``, ``yield``, ``break`` or ``continue`` where there is none."""
    node, source = site.node, site.source
    function = source.function(node)
    if not isinstance(node, ast.stmt) or not alone(site, node) or function is None:
        return
    indent = source.indent(node)
    begin, end = rows(site, node)
    looping = any(isinstance(a, (ast.For, ast.While)) for a in source.up(node))
    texts = [f"return {n}" for n in site.names()] + [f"return {t}" for t in returned(site, function)]
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


TEMPLATES = (
    Template("leave", 4.0, leave, escapes=True),
    Template("keyword", 4.5, keyword, escapes=True),
    Template("swap-branches", 5.0, orelse, escapes=True),
    Template("insert-return", 4.5, insert_leave, least=2.5, escapes=True),
)
