"""A program as text with its tree: what a planted bug is cut out of, put into, or replaced in."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property
from typing import TypeVar

N = TypeVar("N", bound=ast.AST)
Edit = tuple[int, int, str]
"""Bytes from where to where are replaced by what."""
Function = ast.FunctionDef | ast.AsyncFunctionDef
BLOCKS = ("body", "orelse", "finalbody")
ATOMS = (ast.Name, ast.Constant, ast.Attribute, ast.Subscript, ast.Call, ast.List, ast.Dict, ast.Set, ast.ListComp)


class Code:
    """The source of one module that parses."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.bytes = text.encode()
        self.tree = ast.parse(text)
        self.parents = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}
        starts = [0]
        for line in self.bytes.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        self._starts = starts

    @cached_property
    def functions(self) -> list[Function]:
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]

    def inside(self, kind: type[N]) -> Iterator[N]:
        """The nodes of *kind* in bodies of functions, in the order of the text; none in annotations or in texts of f-strings."""
        seen: set[ast.AST] = set()
        for function in self.functions:
            for statement in function.body:
                for node in self._reachable(statement):
                    if isinstance(node, kind) and node not in seen:
                        seen.add(node)
                        yield node

    def function_of(self, node: ast.AST) -> Function | None:
        above: ast.AST | None = node
        while above is not None and not isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef):
            above = self.parents.get(above)
        return above

    def blocks(self) -> Iterator[list[ast.stmt]]:
        """Every list of statements in a function, documentation left out."""
        for node in [*self.functions, *self.inside(ast.stmt), *self.inside(ast.ExceptHandler)]:
            for name in BLOCKS:
                block = [each for each in getattr(node, name, None) or [] if isinstance(each, ast.stmt)]
                if block and _is_documentation(block[0]):
                    block = block[1:]
                if block and not isinstance(node, ast.ClassDef):
                    yield block

    def segment(self, node: ast.AST) -> str:
        start, end = self.span(node)
        return self.bytes[start:end].decode()

    def span(self, node: ast.AST) -> tuple[int, int]:
        return self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def offset(self, line: int, column: int) -> int:
        return self._starts[line - 1] + column

    def with_edit(self, edit: Edit) -> str:
        """The whole source, edited."""
        start, end, text = edit
        return (self.bytes[:start] + text.encode() + self.bytes[end:]).decode()

    def spliced(self, start: int, end: int, text: str) -> Edit:
        return start, end, text

    def replaced(self, node: ast.AST, text: str) -> Edit:
        return self.spliced(*self.span(node), text)

    def exchanged(self, node: ast.expr, other: ast.expr) -> Edit:
        """With a copy of *other* in the place of *node*, in brackets where it could fall apart there."""
        text = self.segment(other)
        loose = not isinstance(other, ATOMS)
        binds = isinstance(
            self.parents[node],
            ast.BinOp | ast.BoolOp | ast.UnaryOp | ast.Compare | ast.Attribute | ast.Subscript | ast.Starred,
        )
        bare = isinstance(other, ast.Tuple | ast.NamedExpr | ast.Yield | ast.GeneratorExp) and not text.startswith("(")
        return self.replaced(node, f"({text})" if (loose and binds) or bare else text)

    def lines(self, first: ast.stmt, last: ast.stmt | None = None) -> tuple[int, int] | None:
        """Where the whole lines of the statements from *first* to *last* are; None where they share a line with others."""
        start = self.offset(first.lineno - len(_decorators(first)), 0)
        last = last or first
        end = self._starts[last.end_lineno or last.lineno]
        before = self.bytes[start : self.span(first)[0]]
        after = self.bytes[self.span(last)[1] : end].split(b"#")[0]
        return None if before.strip() or after.strip() else (start, end)

    def indent(self, statement: ast.stmt) -> int:
        return statement.col_offset

    def moved(self, text: str, *, by: int) -> str:
        """Whole lines, indented by so many columns more or less."""
        lines = text.splitlines(keepends=True)
        return "".join(line if not line.strip() else " " * by + line if by > 0 else line[-by:] for line in lines)

    def _reachable(self, node: ast.AST) -> Iterator[ast.AST]:
        yield node
        for name, value in ast.iter_fields(node):
            if name in {"annotation", "returns", "type_params", "decorator_list"} or isinstance(node, ast.JoinedStr):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from self._reachable(child)


def _is_documentation(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _decorators(statement: ast.stmt) -> list[ast.expr]:
    return getattr(statement, "decorator_list", [])
