"""A text that grows in a loop is copied again and again: collect the pieces, and join them once."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....worker.edits import Edit
from ..program import LOOPS, Program
from ..proposal import Proposal


def joining(program: Program) -> Iterator[Proposal]:
    for node in ast.walk(program.tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str() | bytes()) as first):
                function = program.function(node)
                if function is None or program.shows_names(node):
                    continue
                try:
                    yield _joined(program, node, name, first)
                except LookupError:
                    continue


def _joined(program: Program, node: ast.Assign, name: str, first: ast.Constant) -> Proposal:
    function, block = program.function(node), program.block(node)
    assert function is not None  # noqa: S101  # the caller looked
    rest = block[block.index(node) + 1 :]
    loop = next((each for each in rest if program.uses(each, name)), None)
    if not isinstance(loop, LOOPS):
        raise LookupError("what comes next is no loop")
    inside = program.uses(loop, name)
    if any(program.function(use) is not function for use in inside) or loop.orelse:
        raise LookupError("the text is used in a function of its own")
    after = [use for each in rest[rest.index(loop) + 1 :] for use in program.uses(each, name)]
    if len(program.uses(function, name)) != 1 + len(inside) + len(after) or not after:
        raise LookupError("the text is used elsewhere, or not at all")
    parts = program.fresh("parts", "pieces", f"{name}_parts")
    edits = [program.replaced(node, f"{parts} = [{program.get(first) if first.value else ''}]")]
    edits += _appended(program, inside, parts)
    empty = "b''" if isinstance(first.value, bytes) else '""'
    edits.append(program.after(loop, f"{name} = {empty}.join({parts})"))
    note = f"collect the pieces of `{name}` and join them once, in place of copying it for each"
    return Proposal("text building", program.path, inside[0].lineno, note, tuple(edits), program.unit(node))


def _appended(program: Program, inside: list[ast.Name], parts: str) -> Iterator[Edit]:
    """The edits that put each piece into a list; raises LookupError where the text is used for anything else."""
    done: set[ast.stmt] = set()
    for use in inside:
        statement = program.statement(use)
        if statement in done:
            continue
        done.add(statement)
        match statement:
            case ast.AugAssign(target=target, op=ast.Add(), value=piece) if target is use:
                pass
            case ast.Assign(targets=[target], value=ast.BinOp(left=ast.Name(id=left), op=ast.Add(), right=piece)) if (
                target is use and left == use.id
            ):
                pass
            case _:
                raise LookupError("the text is looked at while it grows")
        if program.uses(piece, use.id):
            raise LookupError("the text is looked at while it grows")
        yield program.replaced(statement, f"{parts}.append({program.get(piece)})")
