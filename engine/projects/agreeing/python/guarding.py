"""Whether a place is one where going wrong is provided for."""

from __future__ import annotations

import ast
import re

from engine.projects.agreeing.python.source import Source

_IMPORT_CAUGHT = re.compile(r"ImportError|ModuleNotFoundError|Exception|BaseException|AttributeError|NameError")
_EXPECTING = re.compile(
    r"raises|suppress|assertRaises|patch|skip|xfail|warns|importorskip|fail|error|invalid|deprecated", re.IGNORECASE
)
_RUN_ALONE = re.compile(r"__name__\s*==\s*['\"]__main__['\"]")


def is_guarded(source: Source, node: ast.AST, *, importing: bool) -> bool:
    """Whether *node* stands in a ``try`` that catches its failing, in a ``with`` that expects it, in a test that is
    left out, or, of an import or a name, below a condition.
    """
    child, above = node, source.parents.get(node)
    while above is not None:
        match above:
            case ast.Try(body=body, handlers=[_, *_]) if child in body:
                caught = " ".join(ast.unparse(each.type)[:200] if each.type else "Exception" for each in above.handlers)
                if _IMPORT_CAUGHT.search(caught) or not importing:
                    return True
            case ast.With(items=items) | ast.AsyncWith(items=items) if child not in items:
                if any(_EXPECTING.search(ast.unparse(item.context_expr)[:200]) for item in items):
                    return True
            case ast.If(test=test) | ast.IfExp(test=test) if child is not test:
                said = ast.unparse(test)[:400]
                if not _RUN_ALONE.search(said) and (
                    importing or re.search(r"hasattr|version|TYPE_CHECKING|platform", said)
                ):
                    return True
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                if any(_EXPECTING.search(ast.unparse(each)[:200]) for each in above.decorator_list):
                    return True
            case _:
                pass
        child, above = above, source.parents.get(above)
    return False


def is_ignored(source: Source, node: ast.stmt | ast.expr) -> bool:
    """Whether a comment beside it says that it is meant."""
    lines = source.lines[node.lineno - 1 : node.end_lineno or node.lineno]
    return any("# type: ignore" in line or "# pyright: ignore" in line for line in lines)
