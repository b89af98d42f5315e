"""A list used as a queue: taking from its front, or putting there, moves all the rest each time."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....worker.edits import Edit
from ..program import LOOPS, Program
from ..proposal import Proposal

OF_BOTH = frozenset({"store", ".append", ".extend", ".pop", ".insert", ".clear", "truth", "len", "in", "item", "iter"})
"""What may be done with a list and with a deque alike, as far as the arguments are looked at too."""


def queues(program: Program) -> Iterator[Proposal]:
    for node in ast.walk(program.tree):
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.List() | ast.ListComp() | ast.Call(func=ast.Name(id="list" | "sorted")) as first,
            ):
                function = program.function(node)
                if function is None or program.shows_names(node):
                    continue
                uses = program.uses(function, name)
                try:
                    if _only_put_in_front(program, node, uses):
                        yield _turned(program, node, name, uses)
                    elif {program.role(use) for use in uses} <= OF_BOTH:
                        yield _as_deque(program, name, first, uses)
                except LookupError:
                    continue


def _called(program: Program, use: ast.Name, method: str) -> ast.Call | None:
    """The call of *method* on *use*, where it is one."""
    if program.role(use) != f".{method}":
        return None
    call = program.parents[program.parents[use]]
    assert isinstance(call, ast.Call)  # noqa: S101  # that is what the role says
    return call


def _at_front(call: ast.Call | None) -> bool:
    match call:
        case ast.Call(args=[ast.Constant(value=0), *_]):
            return True
    return False


def _as_deque(program: Program, name: str, first: ast.expr, uses: list[ast.Name]) -> Proposal:
    made, edits = program.imports("collections", "deque")
    text = program.get(first)
    if isinstance(first, ast.Call) and program.get(first.func) == "list" and len(first.args) == 1:
        text = program.get(first.args[0])
    changes: list[Edit] = [*edits, program.replaced(first, f"{made}({'' if text in {'[]', 'list()'} else text})")]
    line = 0
    for use in uses:
        popped, put = _called(program, use, "pop"), _called(program, use, "insert")
        if popped is not None and _at_front(popped):
            changes.append(program.replaced(popped, f"{name}.popleft()"))
        elif put is not None and _at_front(put) and len(put.args) == 2:
            changes.append(program.replaced(put, f"{name}.appendleft({program.get(put.args[1])})"))
        elif put is not None or (popped is not None and popped.args):
            raise LookupError("something is done in the middle")
        else:
            continue
        line = line or (use.lineno if any(program.loops(use)) else 0)
    if not line:
        raise LookupError("nothing is done at the front again and again")
    note = f"let `{name}`, from or to whose front something is moved in a loop, be a deque"
    return Proposal("queue", program.path, line, note, tuple(changes), program.unit(first))


def _only_put_in_front(program: Program, node: ast.Assign, uses: list[ast.Name]) -> bool:
    """Whether all that happens to the list, until the loop beside its first line is over, is that values are put in front."""
    loop = _loop_after(program, node, uses)
    if loop is None:
        return False
    inside = program.uses(loop, uses[0].id)
    return bool(inside) and all(_at_front(_called(program, use, "insert")) for use in inside)


def _loop_after(program: Program, node: ast.Assign, uses: list[ast.Name]) -> ast.stmt | None:
    block = program.block(node)
    if not (isinstance(node.value, ast.List) and len(node.value.elts) < 2) or len(uses) < 3:
        return None
    later = (each for each in block[block.index(node) + 1 :] if program.uses(each, uses[0].id))
    loop = next(later, None)
    return loop if isinstance(loop, LOOPS) else None


def _turned(program: Program, node: ast.Assign, name: str, uses: list[ast.Name]) -> Proposal:
    loop = _loop_after(program, node, uses)
    assert loop is not None  # noqa: S101  # it was found before
    edits = [program.after(loop, f"{name}.reverse()")]
    for use in program.uses(loop, name):
        call = _called(program, use, "insert")
        assert call is not None  # noqa: S101  # it was found before
        edits.append(program.replaced(call, f"{name}.append({program.get(call.args[1])})"))
    line = program.uses(loop, name)[0].lineno
    note = f"put values at the end of `{name}` and turn it round once, in place of putting each in front"
    return Proposal("queue", program.path, line, note, tuple(edits), program.unit(node))
