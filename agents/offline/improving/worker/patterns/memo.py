"""A pure function that calls itself more than once for an answer: keep the answers."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....worker.edits import Edit
from ....worker.source import BUILTINS
from ..program import Program, top
from ..proposal import Proposal

PURE = frozenset({"len", "min", "max", "sum", "abs", "range", "tuple", "str", "int", "float", "bool", "any", "all",
                  "enumerate", "zip", "divmod", "pow", "round", "ord", "chr"})  # fmt: skip
OF_VALUES = frozenset({"lower", "upper", "strip", "startswith", "endswith", "count", "index", "find"})
IMPURE = (ast.Global, ast.Nonlocal, ast.Yield, ast.YieldFrom, ast.Await, ast.Import, ast.ImportFrom, ast.Delete, ast.With,
          ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)  # fmt: skip
"""What does something to the world outside, or is too much to look through."""
CHANGEABLE = (ast.List, ast.ListComp, ast.Dict, ast.DictComp, ast.Set, ast.SetComp, ast.GeneratorExp)
"""What makes a value that whoever gets it could change, or use up, for all others."""


def memo(program: Program) -> Iterator[Proposal]:
    for node in program.tree.body:
        if isinstance(node, ast.FunctionDef) and not node.decorator_list and _pure(program, node):
            calls = [use for use in program.uses(node, node.name) if _called(program, use)]
            if len(calls) > 1 or any(any(program.loops(call)) for call in calls):
                yield from _kept(program, node)


def _kept(program: Program, node: ast.FunctionDef) -> Iterator[Proposal]:
    """The usual cache; else, where 1, 1.0 and True must not share an answer, the one that looks at types."""
    try:
        module, edits = program.imports("functools")
    except LookupError:
        return
    start = program.line_start(top(node))
    # where both go to the same place, what is put there first ends up below
    for decorator in (f"{module}.cache", f"{module}.lru_cache(maxsize=None, typed=True)"):
        note = f"keep the answers of `{node.name}`, which depend on nothing but its arguments (they stay in memory)"
        yield Proposal(
            "recursion", program.path, node.lineno, note, (Edit(start, start, f"@{decorator}\n"), *edits), node.name
        )


def _called(program: Program, use: ast.Name) -> bool:
    above = program.parents[use]
    return isinstance(above, ast.Call) and above.func is use


def _pure(program: Program, node: ast.FunctionDef) -> bool:
    arguments = node.args
    if arguments.vararg or arguments.kwarg or arguments.defaults or arguments.kw_defaults:
        return False
    local = set(program.local_names(node.body[0]))
    return all(_harmless(program, inner, local, node) for statement in node.body for inner in ast.walk(statement))


def _harmless(program: Program, inner: ast.AST, local: set[str], node: ast.FunctionDef) -> bool:  # noqa: PLR0911  # a row of kinds
    if isinstance(inner, IMPURE):
        return False
    if isinstance(inner, CHANGEABLE):
        above = program.parents[inner]
        return isinstance(above, ast.Call) and isinstance(above.func, ast.Name) and above.func.id in PURE
    match inner:
        case ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Subscript(ctx=ast.Store() | ast.Del()):
            return False
        case ast.Call(func=ast.Name(id=called)):
            return called == node.name or (called in PURE and called not in program.global_names)
        case ast.Call(func=ast.Attribute(attr=method)):
            return method in OF_VALUES
        case ast.Call():
            return False
        case ast.Name(id=name, ctx=ast.Load()):
            return name in local or name == node.name or name in BUILTINS or _constant(program, name)
    return True


def _constant(program: Program, name: str) -> bool:
    """Whether the file binds *name* once, at its top, to a plain value that cannot change."""
    stores = [use for use in program.uses(program.tree, name) if not isinstance(use.ctx, ast.Load)]
    match [program.parents[use] for use in stores]:
        case [ast.Assign(value=ast.Constant())]:
            return program.function(stores[0]) is None
    return False
