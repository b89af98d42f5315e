"""Half of a test suite: test functions and parametrized cases are left out, so that a repair can be too close to the rest."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class _Part:
    """One test function, or one case of a parametrized one."""

    block: list[ast.stmt]
    """Where the function stands."""
    function: Function
    cases: ast.List | ast.Tuple | None = None
    case: ast.expr | None = None


def halve(tests: Mapping[str, str], *, seed: str) -> Mapping[str, str]:
    """*tests* by path with every second part left out, which ones the *seed* decides; the larger half stays.

    A suite of one part, or one that does not parse, stays whole. What stays is written anew, without comments.
    """
    try:
        trees = {path: ast.parse(text) for path, text in tests.items()}
    except (SyntaxError, ValueError, RecursionError):
        return tests
    parts = [part for _, tree in sorted(trees.items()) for part in _parts(tree, tree.body)]
    for part in random.Random(seed).sample(parts, len(parts) // 2):  # noqa: S311 (no secret)
        if part.cases is not None and len(part.cases.elts) > 1:
            part.cases.elts = [case for case in part.cases.elts if case is not part.case]
        elif part.function in part.block:
            part.block.remove(part.function)
    kept = {path: tree for path, tree in trees.items() if list(_parts(tree, tree.body)) or not _is_suite(tests[path])}
    return {path: _written(tree) for path, tree in kept.items()} if len(parts) > 1 else tests


def _parts(tree: ast.Module, block: list[ast.stmt]) -> Iterator[_Part]:
    for statement in block:
        if isinstance(statement, ast.ClassDef):
            yield from _parts(tree, statement.body)
        elif isinstance(statement, Function) and statement.name.startswith("test"):
            cases = _cases(tree, statement)
            if cases is None:
                yield _Part(block, statement)
            else:
                yield from (_Part(block, statement, cases, case) for case in cases.elts)


def _cases(tree: ast.Module, function: Function) -> ast.List | ast.Tuple | None:
    """The cases of the first ``parametrize``, where they are written out there or in a list of the module."""
    for decorator in function.decorator_list:
        match decorator:
            case ast.Call(func=ast.Attribute(attr="parametrize"), args=[_, given, *_], keywords=keywords):
                if any(keyword.arg == "ids" and not isinstance(keyword.value, ast.Name) for keyword in keywords):
                    return None  # one name for each case
                if isinstance(given, ast.Name):
                    return _list_named(tree, given.id)
                return given if isinstance(given, ast.List | ast.Tuple) and _plain(given) else None
    return None


def _list_named(tree: ast.Module, name: str) -> ast.List | ast.Tuple | None:
    """What the module assigns to *name*, once, and uses once."""
    uses = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == name]
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=assigned)], value=ast.List() | ast.Tuple() as value):
                if assigned == name and len(uses) == 2 and _plain(value):
                    return value
    return None


def _plain(cases: ast.List | ast.Tuple) -> bool:
    return bool(cases.elts) and not any(isinstance(case, ast.Starred) for case in cases.elts)


def _is_suite(text: str) -> bool:
    tree = ast.parse(text)
    return any(True for _ in _parts(tree, tree.body))


def _written(tree: ast.Module) -> str:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.If) and not node.body:
            node.body.append(ast.Pass())
    return ast.unparse(tree) + "\n"
