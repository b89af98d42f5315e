"""The interface of some Python files: what somebody may call and what is promised of it, without how it is done."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

_LONGEST = 60_000
"""Characters of one file's interface."""


def module_of(path: str) -> str:
    """The name by which a file is imported."""
    return path[:-3].removeprefix("src/").removesuffix("/__init__").replace("/", ".")


def interface(text: str) -> str:
    """Signatures, types and docstrings of *text*, as a stub: every body is `...`, and what is private is left out.

    A file that does not parse has no interface: the answer is empty.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return ""
    body = [*_stubs(tree.body, inside=False)]
    said = ast.get_docstring(tree)
    if said:
        body.insert(0, ast.Expr(ast.Constant(said)))
    return ast.unparse(ast.fix_missing_locations(ast.Module(body=body, type_ignores=[])))[:_LONGEST]


def interfaces(files: Mapping[str, str]) -> dict[str, str]:
    """The interface of each Python file by its path; those that have none are left out."""
    found = {path: interface(text) for path, text in sorted(files.items()) if path.endswith(".py")}
    return {path: text for path, text in found.items() if text}


def _stubs(body: list[ast.stmt], *, inside: bool) -> Iterator[ast.stmt]:
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() if _is_public(node.name) or (
                inside and node.name == "__init__"
            ):
                yield _stub(node)
            case ast.ClassDef(name=name) if _is_public(name):
                inner = [*_stubs(node.body, inside=True)]
                said = ast.get_docstring(node)
                shown: list[ast.stmt] = [ast.Expr(ast.Constant(said))] if said else []
                yield ast.ClassDef(
                    name=name,
                    bases=node.bases,
                    keywords=node.keywords,
                    body=[*shown, *inner] or [_nothing()],
                    decorator_list=node.decorator_list,
                )
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation) if _is_public(name):
                # the value of a field is part of how it is made; that of a constant is nobody's business
                yield ast.AnnAssign(
                    target=ast.Name(name), annotation=annotation, value=node.value if inside else None, simple=1
                )
            case ast.Assign(targets=[ast.Name(id=name)]) if inside and _is_public(name):
                yield ast.Assign(targets=[ast.Name(name)], value=node.value)


def _stub(node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.stmt:
    said = ast.get_docstring(node)
    shown: list[ast.stmt] = [ast.Expr(ast.Constant(said))] if said else []
    kind = type(node)
    return kind(
        name=node.name,
        args=node.args,
        body=[*shown, _nothing()],
        decorator_list=node.decorator_list,
        returns=node.returns,
    )


def _nothing() -> ast.stmt:
    return ast.Expr(ast.Constant(...))


def _is_public(name: str) -> bool:
    return not name.startswith("_")
