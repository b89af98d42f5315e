"""A value looked for in one list again and again: a set made once before the loop answers at once."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..program import Program
from ..proposal import Proposal


def membership(program: Program) -> Iterator[Proposal]:
    seen: set[tuple[str, ast.AST]] = set()
    for node in ast.walk(program.tree):
        match node:
            case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[ast.Name() as name]):
                loop = _outermost(program, node, name.id)
                if (
                    loop is None
                    or (name.id, loop) in seen
                    or program.shows_names(node)
                    or _quick(program, node, name.id)
                ):
                    continue
                seen.add((name.id, loop))
                try:
                    yield _one(program, name.id, loop)
                except LookupError:
                    continue
            case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[ast.List() as listed]):
                if len(listed.elts) >= 4 and all(isinstance(one, ast.Constant) for one in listed.elts):
                    text = program.get(listed)
                    note = "look in a set in place of a list of constants"
                    edit = program.replaced(listed, f"{{{text[1:-1]}}}")
                    yield Proposal("membership", program.path, node.lineno, note, (edit,), program.unit(node))


def _outermost(program: Program, node: ast.AST, name: str) -> ast.AST | None:
    """The outermost loop around *node* in which *name* stays what it is, and that does not begin by binding it."""
    found = None
    for loop in program.loops(node):
        if not program.steady(name, loop):
            break
        found = loop
    return found


def _one(program: Program, name: str, loop: ast.AST) -> Proposal:
    place = program.place_before(loop)
    known = program.fresh(f"{name}_set", f"known_{name}")
    asked = [use for use in program.uses(loop, name) if program.role(use) == "in" and loop in program.loops(use)]
    edits = [program.before(place, f"{known} = set({name})"), *(program.replaced(use, known) for use in asked)]
    note = f"look in a set made once of `{name}`, in place of `{name}` itself"
    return Proposal("membership", program.path, asked[0].lineno, note, tuple(edits), program.unit(place))


def _quick(program: Program, node: ast.AST, name: str) -> bool:
    """Whether the function makes *name* something that is quick to look in."""
    for use in program.uses(program.function(node) or program.tree, name):
        match program.parents[use]:
            case ast.Assign(value=ast.Set() | ast.SetComp() | ast.Dict() | ast.DictComp() | ast.Constant()):
                return True
            case ast.Assign(
                value=ast.Call(func=ast.Name(id="set" | "dict" | "frozenset" | "Counter" | "defaultdict" | "str"))
            ):
                return True
    return False
