"""Where a source may be changed: all that runs and decides, and not what is only said about it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

_SAID = frozenset({"annotation", "returns", "decorator_list", "type_params", "bases", "keywords"})
"""Fields of definitions that hold no code of the program's own."""
_LISTS = frozenset({"__all__", "__slots__", "__match_args__"})
_GUARDS = frozenset({"__name__", "TYPE_CHECKING"})


@dataclass(frozen=True)
class Place:
    """A node of a syntax tree, and whose it is."""

    node: ast.AST
    owner: str
    """Dotted name of the function or class that it stands in; empty for the module itself."""
    function: ast.FunctionDef | ast.AsyncFunctionDef | None


def places(tree: ast.Module) -> Iterator[Place]:
    """Every node that may be changed, in the order of the text."""
    yield from _below(tree, "", None)


def _below(node: ast.AST, owner: str, function: ast.FunctionDef | ast.AsyncFunctionDef | None) -> Iterator[Place]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        owner = f"{owner}.{node.name}".lstrip(".")
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        function = node
    for child in _children(node):
        yield Place(node=child, owner=owner, function=function)
        yield from _below(child, owner, function)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    # Before Python 3.12 the parts of an f-string do not know where they stand.
    if isinstance(node, ast.JoinedStr):
        return
    definition = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.arg, ast.AnnAssign))
    for field, value in ast.iter_fields(node):
        if definition and field in _SAID:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _only_said(child):
                yield child


def _only_said(node: ast.AST) -> bool:
    """A docstring, a list of names for others, or what does not run when the module is imported."""
    match node:
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Assign(targets=targets):
            return any(isinstance(target, ast.Name) and target.id in _LISTS for target in targets)
        case ast.AugAssign(target=ast.Name(id=name)) | ast.AnnAssign(target=ast.Name(id=name)):
            return name in _LISTS
        case ast.If(test=test):
            return any(_name(inner) in _GUARDS for inner in ast.walk(test))
    return False


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
