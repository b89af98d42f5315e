"""Takes test functions out of a source and leaves all else as it was, byte for byte."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from engine.twins.text import Edit, Text, applied

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions_in(source: str) -> dict[str, tuple[int, int]]:
    """First and last line of each function in *source*, its decorators included, by ``Class::function``.

    Of those that share a name, the lines of the last one.
    """
    return {name: (_first_line(node), node.end_lineno or node.lineno) for name, node in _functions(_parsed(source))}


def without(source: str, names: Collection[str]) -> str | None:
    """*source* without the functions *names*, ``Class::function`` each; None where one of them is not to be found.

    Blank lines around a function go with it, and so does a class that would be left empty.
    """
    tree = _parsed(source)
    found = {name for name, _ in _functions(tree)}
    if not set(names) <= found:
        return None
    text = Text(source)
    edits = list(_cuts(tree, "", frozenset(names), text))
    return applied(source, edits)


def _parsed(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module(body=[], type_ignores=[])


def _functions(node: ast.AST, prefix: str = "") -> Iterator[tuple[str, Function]]:
    """(name, function) of the functions in *node*, in its classes and in its conditions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield f"{prefix}{child.name}", child
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}::")
        elif isinstance(child, (ast.If, ast.Try, ast.With, ast.ExceptHandler)):
            yield from _functions(child, prefix)


def _cuts(node: ast.AST, prefix: str, names: frozenset[str], text: Text) -> Iterator[Edit]:
    for _, body in ast.iter_fields(node):
        if isinstance(body, list) and body and isinstance(body[0], (ast.stmt, ast.ExceptHandler)):
            yield from _cuts_in(node, body, prefix, names, text)


def _cuts_in(node: ast.AST, body: list[ast.stmt], prefix: str, names: frozenset[str], text: Text) -> Iterator[Edit]:
    gone = [statement for statement in body if _goes(statement, prefix, names)]
    left_empty = len(gone) == len(body) and not isinstance(node, ast.Module)
    for index, statement in enumerate(body):
        if statement not in gone:
            inner = f"{prefix}{statement.name}::" if isinstance(statement, ast.ClassDef) else prefix
            if not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield from _cuts(statement, inner, names, text)
        elif left_empty and statement is body[0]:
            yield _replaced(statement, text)
        else:
            yield _lines_of(statement, text, trailing=all(later in gone for later in body[index:]))


def _goes(statement: ast.stmt, prefix: str, names: frozenset[str]) -> bool:
    """Whether *statement* is one of *names*, or a class of which nothing else but a docstring would be left."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return f"{prefix}{statement.name}" in names
    if not isinstance(statement, ast.ClassDef):
        return False
    rest = [inner for inner in statement.body if not _is_docstring(inner)]
    return bool(rest) and all(_goes(inner, f"{prefix}{statement.name}::", names) for inner in rest)


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _replaced(statement: ast.stmt, text: Text) -> Edit:
    """A block may not be empty."""
    start, end = text.place(statement)
    first = text.line(_first_line(statement))
    indent = text.source[text.line(statement.lineno) : start]
    return Edit(start=first, end=end, text=f"{indent.decode()}pass")


def _lines_of(statement: ast.stmt, text: Text, *, trailing: bool) -> Edit:
    """The lines of *statement* and the blank ones behind it; where it is *trailing*, those before it."""
    start, stop = text.line(_first_line(statement)), (statement.end_lineno or statement.lineno) + 1
    if trailing:
        said = len(text.source[:start].rstrip())
        start = next(text.line(number) for number in range(1, text.lines + 2) if text.line(number) >= said)
    else:
        while stop <= text.lines and not text.source[text.line(stop) : text.line(stop + 1)].strip():
            stop += 1
    return Edit(start=start, end=text.line(stop), text="")
