"""Work done for a whole list of which only one answer is wanted: the least, the greatest, how many, whether any."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..program import Program
from ..proposal import Proposal


def least(program: Program) -> Iterator[Proposal]:
    for node in ast.walk(program.tree):
        if isinstance(node, ast.expr) and (found := _simpler(program, node)) is not None:
            text, note = found
            edits = (program.replaced(node, text),)
            yield Proposal("whole list", program.path, node.lineno, note, edits, program.unit(node))


def _simpler(program: Program, node: ast.expr) -> tuple[str, str] | None:  # noqa: PLR0911  # a row of forms
    match node:
        case ast.Subscript(
            value=ast.Call(func=ast.Name(id="sorted"), args=[_], keywords=keywords), slice=place, ctx=ast.Load()
        ):
            return _end_of_sorted(program, node, keywords, place)
        case ast.Call(func=ast.Name(id="len"), args=[ast.ListComp(elt=ast.Name(id=one), generators=[only])]) if (
            isinstance(only.target, ast.Name) and only.target.id == one and not only.ifs and not only.is_async
        ):
            return f"len({program.get(only.iter)})", "take the length of what is there, in place of that of a copy"
        case ast.Call(
            func=ast.Name(id="len"), args=[ast.Call(func=ast.Name(id="list" | "sorted" | "tuple"), args=[whole])]
        ):
            return f"len({program.get(whole)})", "take the length of what is there, in place of that of a copy"
        case ast.Call(func=ast.Name(id="any" | "all" as name), args=[ast.ListComp() as listed], keywords=[]):
            return (
                f"{name}({program.get(listed)[1:-1]})",
                f"let `{name}` stop at the first that decides, in place of listing all",
            )
        case ast.Compare(
            left=ast.Call(func=ast.Name(id="len"), args=[ast.ListComp(generators=[only])]),
            ops=[ast.Gt() | ast.NotEq()], comparators=[ast.Constant(value=0)],
        ) if len(only.ifs) == 1 and not only.is_async:  # fmt: skip
            given = f"{program.get(only.ifs[0])} for {program.get(only.target)} in {program.get(only.iter)}"
            return f"any({given})", "stop at the first that is found, in place of listing all"
        case ast.Compare(
            ops=[ast.In() | ast.NotIn()],
            comparators=[ast.Call(func=ast.Name(id="list" | "tuple"), args=[whole]) as copied],
        ):
            begin, end = (
                program.span(copied)[0] - program.span(node)[0],
                program.span(copied)[1] - program.span(node)[0],
            )
            text = program.get(node)
            return text[:begin] + program.get(whole) + text[end:], "look in what is there, in place of a copy"
    return None


def _end_of_sorted(
    program: Program, node: ast.Subscript, keywords: list[ast.keyword], place: ast.expr
) -> tuple[str, str] | None:
    """The first and the last of a sorted list; of equal ones, `min` takes the first, but `max` takes not the last."""
    sort = node.value
    assert isinstance(sort, ast.Call)  # noqa: S101  # the caller looked
    if any(keyword.arg != "key" for keyword in keywords):
        return None
    given = program.get(sort)[len("sorted") :]
    match place:
        case ast.Constant(value=0):
            return f"min{given}", "take the least, in place of sorting all"
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=1)) if not keywords:
            return f"max{given}", "take the greatest, in place of sorting all"
    return None
