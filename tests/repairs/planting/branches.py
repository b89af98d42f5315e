"""Guards and branches that are missing, or were made one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .source import Code, Edit


def guard_deleted(code: Code) -> Iterator[Edit]:
    """An `if` that leaves early, or does one thing, is missing whole."""
    for block in code.blocks():
        for statement in block:
            if isinstance(statement, ast.If) and not statement.orelse and not _is_elif(code, statement):
                where = code.lines(statement)
                if where:
                    yield code.spliced(*where, "" if len(block) > 1 else " " * code.indent(statement) + "pass\n")


def unguarded(code: Code) -> Iterator[Edit]:
    """What was done under a condition is always done."""
    for node in code.inside(ast.If):
        where, body = code.lines(node), code.lines(node.body[0], node.body[-1])
        if where and body and not node.orelse and not _is_elif(code, node):
            text = code.bytes[slice(*body)].decode()
            yield code.spliced(*where, code.moved(text, by=code.indent(node) - code.indent(node.body[0])))


def branch_deleted(code: Code) -> Iterator[Edit]:
    """An `else`, or the last `elif`, is missing."""
    for node in code.inside(ast.If):
        if node.orelse and (where := code.lines(node)):
            end = code.lines(node.body[-1])
            last = node.orelse[0]
            if end and not (isinstance(last, ast.If) and _is_elif(code, last) and last.orelse):
                yield code.spliced(end[1], where[1], "")


def branches_merged(code: Code) -> Iterator[Edit]:
    """Both sides do what one of them did; or the next condition leads into the first branch."""
    for node in code.inside(ast.If):
        first, where = code.lines(node.body[0], node.body[-1]), code.lines(node)
        if not node.orelse or not first or not where or _is_elif(code, node):
            continue
        other = node.orelse[0]
        if isinstance(other, ast.If) and _is_elif(code, other):
            second = code.lines(other.body[0], other.body[-1])
            if second:
                test = f"{_tight(code, node.test)} or {_tight(code, other.test)}"
                head = code.bytes[where[0] : code.span(node.test)[0]].decode()
                rest = code.bytes[code.span(node.test)[1] : first[1]].decode()
                yield code.spliced(where[0], second[1], head + test + rest)
        elif rest := code.lines(other, node.orelse[-1]):
            for kept, at in ((first, node.body[0]), (rest, other)):
                text = code.bytes[slice(*kept)].decode()
                yield code.spliced(*where, code.moved(text, by=code.indent(node) - code.indent(at)))


def choice_collapsed(code: Code) -> Iterator[Edit]:
    """`a if c else b` is always one of them."""
    for node in code.inside(ast.IfExp):
        yield code.exchanged(node, node.body)
        yield code.exchanged(node, node.orelse)


def filter_dropped(code: Code) -> Iterator[Edit]:
    """A comprehension takes everything."""
    for node in code.inside(ast.AST):
        for each in getattr(node, "generators", []):
            for test in each.ifs:
                end = code.span(test)[1]
                start = code.bytes.rfind(b"if", 0, code.span(test)[0])
                yield code.spliced(start, end, "")


def wrong_handler(code: Code) -> Iterator[Edit]:
    """Another exception is caught, or the handler lets it pass."""
    others = {
        "KeyError": "IndexError",
        "IndexError": "KeyError",
        "ValueError": "KeyError",
        "StopIteration": "ValueError",
    }
    for node in code.inside(ast.ExceptHandler):
        if isinstance(node.type, ast.Name):
            yield code.replaced(node.type, others.get(node.type.id, "ValueError"))
        if (body := code.lines(node.body[0], node.body[-1])) and not isinstance(node.body[0], ast.Pass):
            yield code.spliced(*body, " " * code.indent(node.body[0]) + "pass\n")


def _tight(code: Code, test: ast.expr) -> str:
    text = code.segment(test)
    return f"({text})" if isinstance(test, ast.IfExp | ast.Lambda | ast.NamedExpr) else text


def _is_elif(code: Code, node: ast.If) -> bool:
    return code.bytes[code.span(node)[0] :].startswith(b"elif")


KINDS = {
    "guard deleted": guard_deleted,
    "guard lost its condition": unguarded,
    "branch deleted": branch_deleted,
    "branches merged": branches_merged,
    "choice collapsed": choice_collapsed,
    "filter dropped": filter_dropped,
    "wrong handler": wrong_handler,
}
