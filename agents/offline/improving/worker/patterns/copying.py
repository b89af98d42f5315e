"""A list that is added to by making a new one each time: add to the one that is there."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..program import Program
from ..proposal import Proposal


def copying(program: Program) -> Iterator[Proposal]:
    for node in ast.walk(program.tree):
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.BinOp(left=ast.Name(id=left), op=ast.Add(), right=ast.expr() as more),
            ) if left == name and any(program.loops(node)):
                if isinstance(more, ast.List) and len(more.elts) == 1 and not isinstance(more.elts[0], ast.Starred):
                    text = f"{name}.append({program.get(more.elts[0])})"
                elif isinstance(more, (ast.List, ast.ListComp, ast.Name, ast.Call, ast.Subscript)) and _a_list(
                    program, node, name
                ):
                    text = f"{name} += {program.get(more)}"
                else:
                    continue
                note = f"add to `{name}` where it is, in place of copying it each time"
                edits = (program.replaced(node, text),)
                yield Proposal("list copied", program.path, node.lineno, note, edits, program.unit(node))


def _a_list(program: Program, node: ast.Assign, name: str) -> bool:
    """Whether the function begins *name* as a list of its own."""
    function = program.function(node)
    if function is None:
        return False
    for use in program.uses(function, name):
        match program.parents[use]:
            case ast.Assign(value=ast.List() | ast.ListComp()):
                return True
    return False
