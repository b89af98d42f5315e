"""A loop inside a loop that only looks for equal keys: a dictionary made once finds them at once."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....worker.edits import Edit
from ..program import Program
from ..proposal import Proposal


def lookups(program: Program) -> Iterator[Proposal]:
    for node in ast.walk(program.tree):
        match node:
            case ast.For(
                target=ast.Name(), iter=ast.Name(),
                body=[ast.If(test=ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]), orelse=[]) as found],
            ):  # fmt: skip
                try:
                    for keys in ((left, right), (right, left)):
                        proposal = _indexed(program, node, found, *keys)
                        if proposal is not None:
                            yield proposal
                            break
                except LookupError:
                    continue


def _indexed(program: Program, inner: ast.For, found: ast.If, key: ast.expr, wanted: ast.expr) -> Proposal | None:
    """*key* is what each one that *inner* goes through is known by, *wanted* what is looked for."""
    one, many = program.get(inner.target), program.get(inner.iter)
    outer = next(iter(program.loops(inner)), None)
    function = program.function(inner)
    if not isinstance(outer, (ast.For, ast.While)) or function is None or program.shows_names(inner):
        return None
    if not program.uses(key, one) or program.uses(wanted, one) or not (_plain(key) and _plain(wanted)):
        return None
    if {name.id for name in ast.walk(key) if isinstance(name, ast.Name)} != {one}:
        return None
    if not program.steady(many, outer) or not inner.body:
        raise LookupError("what is looked through changes in the loop")
    after = [use for use in program.uses(function, one) if use.lineno > (inner.end_lineno or 0)]
    if after:
        raise LookupError("the last one that was looked at is used later")
    index = program.fresh(f"{many}_by_key", f"{many}_index")
    row, end = found.body[0].lineno, inner.end_lineno or 0
    if row != (found.test.end_lineno or 0) + 1 or any(
        isinstance(each, (ast.Constant, ast.JoinedStr)) and each.lineno != each.end_lineno
        for each in ast.walk(found)
        if isinstance(each, (ast.Constant, ast.JoinedStr))
    ):
        raise LookupError("its lines cannot be moved")
    step = len(program.indent(found.body[0])) - len(program.indent(found))
    last = found.end_lineno or end
    begin, stop = program.rows(found.lineno, last)
    body = program.text[program.line_start(row) : stop]
    moved = "".join(line[step:] if line.strip() else line for line in body.splitlines(keepends=True))
    edits = (
        program.before(
            outer,
            f"{index} = {{}}",
            f"for {one} in {many}:",
            f"    {index}.setdefault({program.get(key)}, []).append({one})",
        ),
        program.replaced(inner.iter, f"{index}.get({program.get(wanted)}, ())"),
        Edit(begin, stop, moved),
    )
    note = f"find those of `{many}` by their key, in place of looking through all each time"
    return Proposal("nested loop", program.path, inner.lineno, note, edits, program.unit(inner))


def _plain(node: ast.expr) -> bool:
    """Names, attributes and items by constants: nothing that does anything."""
    match node:
        case ast.Name():
            return True
        case ast.Attribute(value=value):
            return _plain(value)
        case ast.Subscript(value=value, slice=ast.Constant() | ast.Name()):
            return _plain(value)
    return False
