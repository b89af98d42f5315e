"""Expressions of which a part is missing or another one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .source import Code, Edit

COMPARISONS: dict[type[ast.cmpop], tuple[str, ...]] = {
    ast.Lt: ("<=", ">", "!="),
    ast.LtE: ("<", ">="),
    ast.Gt: (">=", "<", "!="),
    ast.GtE: (">", "<="),
    ast.Eq: ("!=", ">=", "<="),
    ast.NotEq: ("==", ">"),
    ast.In: ("not in",),
    ast.NotIn: ("in",),
    ast.Is: ("is not",),
    ast.IsNot: ("is",),
}


def another_expression(code: Code) -> Iterator[Edit]:
    """An expression that stands elsewhere in the same function, of the same rough kind."""
    for function in code.functions:
        found: dict[str, list[ast.expr]] = {}
        for node in ast.walk(function):
            if isinstance(node, ast.expr) and (kind := _kind(node)) and _is_value(code, node):
                found.setdefault(kind, []).append(node)
        for nodes in found.values():
            for node in nodes:
                for other in {code.segment(each): each for each in nodes}.values():
                    if code.segment(other) != code.segment(node):
                        yield code.exchanged(node, other)


def operand_dropped(code: Code) -> Iterator[Edit]:
    for node in code.inside(ast.BinOp):
        if not (isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant)):
            yield code.exchanged(node, node.left)
            yield code.exchanged(node, node.right)


def condition_dropped(code: Code) -> Iterator[Edit]:
    """One part of an `and` or `or` is missing."""
    for node in code.inside(ast.BoolOp):
        for number, value in enumerate(node.values):
            start, end = code.span(value)
            if number:
                start = code.span(node.values[number - 1])[1]
                while code.bytes[start : start + 1] == b")":
                    start += 1
            else:
                end = code.span(node.values[1])[0]
                while code.bytes[end - 1 : end] == b"(":
                    end -= 1
            yield code.spliced(start, end, "")


def comparison_changed(code: Code) -> Iterator[Edit]:
    for node in code.inside(ast.Compare):
        left = node.left
        for op, right in zip(node.ops, node.comparators, strict=True):
            start, end = code.span(left)[1], code.span(right)[0]
            between = code.bytes[start:end].decode()
            for other in COMPARISONS[type(op)]:
                spelt = next(
                    word
                    for word in ("not in", "is not", "in", "is", "<=", ">=", "==", "!=", "<", ">")
                    if word in between
                )
                yield code.spliced(start, end, between.replace(spelt, other, 1))
            left = right


def chain_shortened(code: Code) -> Iterator[Edit]:
    """`a < b < c` looks at one side only."""
    for node in code.inside(ast.Compare):
        if len(node.ops) > 1:
            yield code.spliced(code.span(node.comparators[-2])[1], code.span(node)[1], "")
            yield code.spliced(code.span(node)[0], code.span(node.comparators[0])[0], "")


def not_dropped(code: Code) -> Iterator[Edit]:
    for node in code.inside(ast.UnaryOp):
        if isinstance(node.op, ast.Not | ast.USub | ast.Invert) and not isinstance(node.operand, ast.Constant):
            yield code.exchanged(node, node.operand)


def slice_dropped(code: Code) -> Iterator[Edit]:
    """The whole, and often the very same object, where a part or a copy was meant."""
    for node in code.inside(ast.Subscript):
        if isinstance(node.slice, ast.Slice) and isinstance(node.ctx, ast.Load):
            yield code.exchanged(node, node.value)


def bound_dropped(code: Code) -> Iterator[Edit]:
    """A slice has one bound fewer."""
    for node in code.inside(ast.Slice):
        for part in (node.lower, node.upper, node.step):
            if part is not None:
                yield code.replaced(part, "")


def starts_elsewhere(code: Code) -> Iterator[Edit]:
    """A loop leaves out its first or last item, or takes one more."""
    for node in code.inside(ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id == "range" and node.args:
            first, *more = node.args
            if more:
                yield code.replaced(first, f"{code.segment(first)} + 1")
                yield code.replaced(first, "0")
                yield code.replaced(more[0], f"{code.segment(more[0])} - 1")
                yield code.replaced(more[0], f"{code.segment(more[0])} + 1")
            else:
                yield code.replaced(first, f"1, {code.segment(first)}")
                yield code.replaced(first, f"{code.segment(first)} - 1")
                yield code.replaced(first, f"2, {code.segment(first)}")
    for node in [*code.inside(ast.For), *code.inside(ast.comprehension)]:
        if isinstance(node.iter, ast.Name | ast.Attribute):
            yield code.replaced(node.iter, f"{code.segment(node.iter)}[1:]")
            yield code.replaced(node.iter, f"{code.segment(node.iter)}[:-1]")


def _kind(node: ast.expr) -> str:
    match node:
        case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
            return "condition"
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div() | ast.FloorDiv() | ast.Mod() | ast.Pow()):
            return "arithmetic"
        case ast.Subscript(slice=ast.Slice()):
            return "part"
        case ast.Subscript():
            return "item"
        case ast.Call(func=ast.Attribute()):
            return "method"
        case ast.Call():
            return "call"
        case ast.Attribute():
            return "attribute"
        case ast.ListComp() | ast.GeneratorExp() | ast.List():
            return "list"
        case ast.Dict() | ast.DictComp():
            return "dictionary"
    return ""


def _is_value(code: Code, node: ast.expr) -> bool:
    """It is read, stands on its own, and is in the code and no annotation."""
    parent = code.parents[node]
    if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        return False
    if isinstance(parent, ast.Call) and parent.func is node:
        return False
    above: ast.AST | None = node
    while above is not None:
        if isinstance(above, ast.arg | ast.AnnAssign | ast.JoinedStr) or (
            isinstance(parent := code.parents.get(above), ast.FunctionDef | ast.AsyncFunctionDef)
            and above in (*parent.decorator_list, parent.returns)
        ):
            return False
        above = code.parents.get(above)
    return not isinstance(code.parents[node], ast.Expr)


KINDS = {
    "another expression": another_expression,
    "operand dropped": operand_dropped,
    "condition dropped": condition_dropped,
    "comparison changed": comparison_changed,
    "chain shortened": chain_shortened,
    "not dropped": not_dropped,
    "slice dropped": slice_dropped,
    "bound dropped": bound_dropped,
    "starts elsewhere": starts_elsewhere,
}
