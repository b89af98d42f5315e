"""Whether a place is one where going wrong is provided for."""

from __future__ import annotations

import ast
import re

from engine.projects.agreeing.python.source import Source

_ASKING_FIRST = re.compile(r"hasattr|version|TYPE_CHECKING|platform")
_EXPECTING = re.compile(
    r"raises|suppress|assertRaises|patch|skip|xfail|warns|importorskip|fail|error|invalid|deprecated", re.IGNORECASE
)
_RUN_ALONE = re.compile(r"__name__\s*==\s*['\"]__main__['\"]")


def is_guarded(source: Source, node: ast.AST, *, importing: bool) -> bool:
    """Whether *node* stands in a ``try`` that catches its failing, in a ``with`` that expects it, in a test that is
    left out, or, of an import, below a condition or where another one has failed.
    """
    child, above = node, source.parents.get(node)
    while above is not None:
        if _is_provided_for(source, above, child) or (importing and _may_be_skipped(source, above, child)):
            return True
        child, above = above, source.parents.get(above)
    return False


def _is_provided_for(source: Source, above: ast.AST, child: ast.AST) -> bool:
    """Whether *above* catches what goes wrong in *child*, or expects it."""
    match above:
        case ast.Try(body=body, handlers=[_, *_]):
            # what catches it stands on later lines
            return getattr(child, "lineno", 0) <= (body[-1].end_lineno or 0)
        case ast.With(items=items) | ast.AsyncWith(items=items) if not isinstance(child, ast.withitem):
            return any(_EXPECTING.search(source.said(item.context_expr)) for item in items)
        case ast.If(test=test) | ast.IfExp(test=test) if child is not test:
            return _ASKING_FIRST.search(source.said(test)) is not None
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return any(_EXPECTING.search(source.said(each)) for each in above.decorator_list)
        case _:
            return False


def _may_be_skipped(source: Source, above: ast.AST, child: ast.AST) -> bool:
    """Whether *child* is done only under a condition, or where something else has failed."""
    match above:
        case ast.ExceptHandler():
            return True
        case ast.If(test=test) | ast.IfExp(test=test) if child is not test:
            return _RUN_ALONE.search(source.said(test)) is None
        case _:
            return False


def is_ignored(source: Source, node: ast.stmt | ast.expr) -> bool:
    """Whether a comment beside it says that it is meant."""
    lines = source.lines[node.lineno - 1 : node.end_lineno or node.lineno]
    return any("# type: ignore" in line or "# pyright: ignore" in line for line in lines)
