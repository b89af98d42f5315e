"""Statements that are missing, stand in another place, or do only part of what they did."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise

from .source import Code, Edit

SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Delete, ast.Nonlocal, ast.Global)


def deleted(code: Code) -> Iterator[Edit]:
    for block in code.blocks():
        for statement in block:
            where = code.lines(statement)
            if isinstance(statement, SIMPLE) and where:
                yield code.spliced(*where, "" if len(block) > 1 else " " * code.indent(statement) + "pass\n")


def swapped(code: Code) -> Iterator[Edit]:
    for block in code.blocks():
        for first, second in pairwise(block):
            one, two = code.lines(first), code.lines(second)
            if one and two and not isinstance(first, ast.FunctionDef | ast.ClassDef):
                between = code.bytes[one[1] : two[0]]
                text = code.bytes[slice(*two)] + between + code.bytes[slice(*one)]
                yield code.spliced(one[0], two[1], text.decode())


def moved_out_of_a_loop(code: Code) -> Iterator[Edit]:
    """The last statement of the body comes after the loop, or the first one before it."""
    for loop in _loops(code):
        where = code.lines(loop)
        if where and len(loop.body) > 1:
            for statement, after in ((loop.body[-1], True), (loop.body[0], False)):
                lines = code.lines(statement)
                if lines is None or isinstance(statement, ast.Continue | ast.Break):
                    continue
                text = code.bytes[slice(*lines)].decode()
                out = code.moved(text, by=code.indent(loop) - code.indent(statement))
                left = (code.bytes[where[0] : lines[0]] + code.bytes[lines[1] : where[1]]).decode()
                yield code.spliced(*where, left + out if after else out + left)


def moved_into_a_loop(code: Code) -> Iterator[Edit]:
    """What came right after the loop ends its body, or what came right before begins it."""
    for block in code.blocks():
        for first, second in pairwise(block):
            one, two = code.lines(first), code.lines(second)
            if not one or not two:
                continue
            if isinstance(first, ast.For | ast.While) and not first.orelse:
                by = code.indent(first.body[-1]) - code.indent(second)
                into = code.moved(code.bytes[slice(*two)].decode(), by=by)
                yield code.spliced(one[1], two[1], into)
            if (
                isinstance(second, ast.For | ast.While)
                and isinstance(first, SIMPLE)
                and (body := code.lines(second.body[0]))
            ):
                by = code.indent(second.body[0]) - code.indent(first)
                into = code.moved(code.bytes[slice(*one)].decode(), by=by)
                head = code.bytes[one[1] : body[0]].decode()
                yield code.spliced(one[0], body[0], head + into)


def exit_dropped(code: Code) -> Iterator[Edit]:
    """A `return`, `break`, `continue` or `raise` is missing; what was returned is still computed."""
    for block in code.blocks():
        for statement in block:
            if isinstance(statement, ast.Break | ast.Continue | ast.Raise) or (
                isinstance(statement, ast.Return) and statement.value is None
            ):
                where = code.lines(statement)
                if where:
                    yield code.spliced(*where, "" if len(block) > 1 else " " * code.indent(statement) + "pass\n")
            elif isinstance(statement, ast.Return) and isinstance(statement.value, ast.Call):
                yield code.replaced(statement, code.segment(statement.value))


def exit_exchanged(code: Code) -> Iterator[Edit]:
    """A loop goes on where it ended, or the other way round; a result leaves a loop as the first instead of the last."""
    for node in code.inside(ast.stmt):
        if isinstance(node, ast.Break):
            yield code.replaced(node, "continue")
        elif isinstance(node, ast.Continue):
            yield code.replaced(node, "break")
    for loop in _loops(code):
        last = loop.body[-1]
        if isinstance(last, ast.Assign | ast.AugAssign) and (where := code.lines(last)):
            yield code.spliced(where[1], where[1], " " * code.indent(last) + "break\n")


def accumulation_lost(code: Code) -> Iterator[Edit]:
    """`+=` overwrites."""
    for node in code.inside(ast.AugAssign):
        yield code.replaced(node, f"{code.segment(node.target)} = {code.segment(node.value)}")


def _loops(code: Code) -> Iterator[ast.For | ast.While]:
    for node in code.inside(ast.stmt):
        if isinstance(node, ast.For | ast.While) and not node.orelse:
            yield node


KINDS = {
    "statement deleted": deleted,
    "statements swapped": swapped,
    "moved out of a loop": moved_out_of_a_loop,
    "moved into a loop": moved_into_a_loop,
    "exit dropped": exit_dropped,
    "exit exchanged": exit_exchanged,
    "accumulation lost": accumulation_lost,
}
