"""A list that only grows and is looked through in the loop that fills it: a set in its place, or beside it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....worker.edits import Edit
from ..program import Program
from ..proposal import Proposal

READ = frozenset({"in", "iter", "len", "item", "slice", "return", "truth", ".index", ".count", ".copy"})


def collecting(program: Program) -> Iterator[Proposal]:
    for node in ast.walk(program.tree):
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.List() as first)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.List() as first)
            ):
                function = program.function(node)
                if function is None or program.shows_names(node):
                    continue
                uses = program.uses(function, name)
                roles = [program.role(use) for use in uses]
                looked = [use for use in uses if program.role(use) == "in" and any(program.loops(use))]
                if not looked or roles.count("store") != 1 or ".append" not in roles:
                    continue
                try:
                    if set(roles) <= {"store", "in", ".append"} and isinstance(node, ast.Assign):
                        yield _instead(program, name, first, uses, looked[0].lineno)
                    elif set(roles) <= READ | {"store", ".append"}:
                        yield _beside(program, node, first, uses, looked[0].lineno)
                except LookupError:
                    continue


def _instead(program: Program, name: str, first: ast.List, uses: list[ast.Name], line: int) -> Proposal:
    text = program.get(first)
    edits = [program.replaced(first, f"{{{text[1:-1]}}}" if first.elts else "set()")]
    put = [use for use in uses if program.role(use) == ".append"]
    edits += [program.replaced(program.parents[use], f"{use.id}.add") for use in put]
    note = f"let `{name}`, in which values are only put and looked for, be a set"
    return Proposal("membership", program.path, line, note, tuple(edits), program.unit(first))


def _beside(
    program: Program, node: ast.Assign | ast.AnnAssign, first: ast.List, uses: list[ast.Name], line: int
) -> Proposal:
    name = uses[0].id
    known = program.fresh(f"{name}_set", f"known_{name}")
    text = program.get(first)
    edits = [program.after(node, f"{known} = {f'{{{text[1:-1]}}}' if first.elts else 'set()'}")]
    for use in uses:
        role = program.role(use)
        if role == "in" and any(program.loops(use)):
            edits.append(program.replaced(use, known))
        elif role == ".append":
            edits.append(_added(program, use, known))
    note = f"keep a set beside `{name}`, and look there"
    return Proposal("membership", program.path, line, note, tuple(edits), program.unit(first))


def _added(program: Program, use: ast.Name, known: str) -> Edit:
    statement = program.statement(use)
    match statement:
        case ast.Expr(value=ast.Call(args=[ast.Name() | ast.Constant() as given])):
            return program.after(statement, f"{known}.add({program.get(given)})")
    raise LookupError("what is put into the list would have to be computed twice")
