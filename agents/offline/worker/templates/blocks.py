"""Statements as whole lines, which can be moved, doubled and indented."""

from __future__ import annotations

import ast

from ..site import Site


def is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def rows(site: Site, node: ast.stmt) -> tuple[int, int]:
    """Span of the statement's own lines; of what stands on one line with others, nothing is said."""
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    return site.source.rows(first, node.end_lineno or node.lineno)


def alone(site: Site, node: ast.stmt) -> bool:
    """Whether the statement has its lines to itself, so that whole lines can be moved."""
    begin, end = site.source.span(node)
    first, last = rows(site, node)
    text = site.source.text
    return not text[first:begin].strip(" \t@") and not text[end:last].split("#", 1)[0].strip()


def shift(text: str, old: str, new: str) -> str:
    """Lines indented by *old* indented by *new*."""
    rows = text.splitlines(keepends=True)
    return "".join(new + row[len(old) :] if row.startswith(old) and row.strip() else row for row in rows)


def whole_line(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"


def returned(site: Site, function: ast.AST) -> list[str]:
    """What the function returns elsewhere."""
    return list(
        dict.fromkeys(
            site.text(n.value) for n in ast.walk(function) if isinstance(n, ast.Return) and n.value is not None
        )
    )
