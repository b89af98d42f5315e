"""A call in a loop whose answer cannot change there: make it once before."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..program import Program
from ..proposal import Proposal

PURE = frozenset({"sum", "min", "max", "sorted", "set", "frozenset", "tuple", "abs", "round", "any", "all"})
FRESH = frozenset({"sorted", "set"})
"""Those that give something new each time, which may only be read where it is to be the same one."""
OF_A_TEXT = frozenset({"lower", "upper", "strip", "casefold", "title"})


def repeated(program: Program) -> Iterator[Proposal]:
    seen: set[tuple[str, ast.AST]] = set()
    for node in ast.walk(program.tree):
        if not isinstance(node, ast.Call) or program.shows_names(node):
            continue
        names = _names(program, node)
        loop = None
        for around in program.loops(node) if names else ():
            if not all(program.steady(name, around) for name in names):
                break
            loop = around
        text = program.get(node)
        if loop is None or (text, loop) in seen:
            continue
        seen.add((text, loop))
        try:
            yield _hoisted(program, node, loop, text)
        except LookupError:
            continue


def _names(program: Program, node: ast.Call) -> list[str]:
    """The names that the answer depends on, and on nothing else; none where that is not known."""
    match node:
        case ast.Call(func=ast.Name(id=called), args=[*given], keywords=[]) if (
            called in PURE and called not in program.global_names
        ):
            if called in FRESH and not _read(program, node):
                return []
            if given and all(isinstance(argument, (ast.Name, ast.Constant)) for argument in given):
                return [argument.id for argument in given if isinstance(argument, ast.Name)]
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method), args=[], keywords=[]) if (
            method in OF_A_TEXT
        ):
            return [name]
    return []


def _read(program: Program, node: ast.Call) -> bool:
    match program.parents[node]:
        case ast.Compare() | ast.Subscript(ctx=ast.Load()) | ast.For() | ast.comprehension():
            return True
        case ast.Call(func=ast.Name(id="len" | "sum" | "min" | "max")):
            return True
    return False


def _hoisted(program: Program, node: ast.Call, loop: ast.AST, text: str) -> Proposal:
    called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "value")
    subject = next(
        (inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name) and inner.id != called), "value"
    )
    word = {"sum": "total", "min": "least", "max": "greatest", "set": "known"}.get(called, called)
    name = program.fresh(f"{word}_{subject}", f"{word}_of_{subject}")
    same = [
        each
        for each in ast.walk(loop)
        if isinstance(each, ast.Call) and program.get(each) == text and loop in program.loops(each)
    ]
    if any(called in FRESH and not _read(program, each) for each in same):
        raise LookupError("what is new each time may be changed")
    edits = [
        program.before(program.place_before(loop), f"{name} = {text}"),
        *(program.replaced(each, name) for each in same),
    ]
    note = f"compute `{text[:80]}` once before the loop"
    return Proposal("repeated call", program.path, node.lineno, note, tuple(edits), program.unit(node))
