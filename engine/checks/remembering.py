"""Do the tests themselves ask the code to remember something between its calls? Then a second round in the same process
may well end otherwise, and tells nothing. Decided by the tests alone, like all that chooses how a draft is judged.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping


def keeps_data(tests: Mapping[str, str]) -> bool:
    """Whether test files hold lists and the like outside of their tests, which the code may change for the next time."""
    return any(
        isinstance(node, (ast.List, ast.Dict, ast.Set, ast.ListComp))
        for tree in _trees(tests)
        for statement in tree.body
        for part in (_decorators(statement) if isinstance(statement, (ast.FunctionDef, ast.ClassDef)) else [statement])
        for node in ast.walk(part)
    )


def expects_memory(tests: Mapping[str, str], tops: Collection[str]) -> bool:
    """Whether tests of the modules *tops* call for an effect, ask without saying what about, or ask the same twice and
    expect something else.
    """
    return any(_asks_for_memory(tree, _functions(tree, tops)) for tree in _trees(tests))


def _asks_for_memory(tree: ast.Module, ours: Collection[str]) -> bool:
    expected: dict[str, set[str]] = defaultdict(set)
    raising = {id(node) for block in _raising(tree) for node in ast.walk(block)}
    for node in ast.walk(tree):
        if id(node) in raising:
            continue
        match node:
            case ast.Expr(value=ast.Call(func=function)) if ast.unparse(function) in ours:
                return True
            case ast.Call(func=function, args=[], keywords=[]) if ast.unparse(function) in ours:
                return True
            case ast.Compare(left=ast.Call(func=function) as call, ops=[ast.Eq()], comparators=[other]):
                if ast.unparse(function) in ours and not _names(call.args):
                    expected[ast.dump(call)].add(ast.dump(other))
    return any(len(answers) > 1 for answers in expected.values())


def _functions(tree: ast.Module, tops: Collection[str]) -> set[str]:
    """How the functions of *tops* are called here. A class makes something new at every call, and is left out."""
    found = set()
    modules = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in tops:
            found |= {alias.asname or alias.name for alias in node.names if not alias.name[:1].isupper()}
        elif isinstance(node, ast.Import):
            modules |= {alias.asname or alias.name for alias in node.names if alias.name.split(".")[0] in tops}
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return found | {
        name for name in called if name.rpartition(".")[0] in modules and not name.rpartition(".")[2][:1].isupper()
    }


def _raising(tree: ast.Module) -> Iterator[ast.With]:
    for node in ast.walk(tree):
        if isinstance(node, ast.With) and any("aises" in ast.unparse(item.context_expr) for item in node.items):
            yield node


def _names(arguments: list[ast.expr]) -> bool:
    return any(isinstance(node, ast.Name) for argument in arguments for node in ast.walk(argument))


def _trees(tests: Mapping[str, str]) -> Iterator[ast.Module]:
    return (ast.parse(text) for path, text in tests.items() if path.endswith(".py"))


def _decorators(node: ast.FunctionDef | ast.ClassDef) -> list[ast.expr]:
    inner = node.body if isinstance(node, ast.ClassDef) else []
    below = [decorator for part in inner if isinstance(part, ast.FunctionDef) for decorator in part.decorator_list]
    return [*node.decorator_list, *below]
