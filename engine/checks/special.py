"""Is one case of the tests written into a draft as a case of its own, or is it right for so many calls only?"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeGuard

from engine.checks.asked import Pair
from engine.domain import Finding

LEAST_ITEMS = 3
"""Elements that a literal must have to be taken for a case of the tests, in whatever order."""
LEAST_NUMBERS = 4
"""Numbers of one comparison that cannot stand together in the code by chance."""
LEAST_SIGNS = 4
"""Characters, for a text."""


def look(
    pairs: Sequence[Pair], files: Mapping[str, str], before: Mapping[str, str], tests: Mapping[str, str]
) -> Iterator[Finding]:
    """Conditions, new in *files*, that compare with what one test hands over and then give what it expects; and
    iterators of a module that functions use up, and that then make a difference.
    """
    asked = _asked_numbers(tests)
    for path, text in sorted(files.items()):
        if not path.endswith(".py") or before.get(path) == text:
            continue
        old = {ast.dump(node) for node in _nodes(before.get(path, ""))}
        tree = _nodes(text)
        used_up = _used_up(tree)
        for node in tree:
            if isinstance(node, (ast.If, ast.IfExp)) and ast.dump(node) not in old:
                if _is_case(node, pairs):
                    yield _finding("special case", path, node, "one case of the tests has an answer of its own")
            elif isinstance(node, (ast.Tuple, ast.List)) and ast.dump(node) not in old and _numbers(node) in asked:
                yield _finding("special case", path, node, "the numbers of one expectation of the tests stand together")
            elif used_up and _asks_whether_used_up(node, used_up) and ast.dump(node) not in old:
                yield _finding(
                    "call budget", path, node, "what it does changes once an iterator of the module is used up"
                )


def _asked_numbers(tests: Mapping[str, str]) -> set[tuple[object, ...]]:
    """The numbers that stand, scattered, on one side of one comparison of the tests, in their order."""
    found: set[tuple[object, ...]] = set()
    for path, text in tests.items():
        for node in _nodes(text) if path.endswith(".py") else ():
            if isinstance(node, ast.Compare):
                for side in (node.left, *node.comparators):
                    numbers = tuple(
                        inner.value
                        for inner in ast.walk(side)
                        if isinstance(inner, ast.Constant) and type(inner.value) in (int, float)
                    )
                    whole = any(
                        isinstance(inner, (ast.Tuple, ast.List)) and _numbers(inner) == numbers
                        for inner in ast.walk(side)
                    )
                    if len(numbers) >= LEAST_NUMBERS and len(set(numbers)) > 2 and not whole:
                        found.add(numbers)
    return found


def _numbers(node: ast.Tuple | ast.List) -> tuple[object, ...]:
    """The numbers of a literal row of at least `LEAST_NUMBERS`; nothing where it holds anything else."""
    values = tuple(
        part.value for part in node.elts if isinstance(part, ast.Constant) and type(part.value) in (int, float)
    )
    return values if len(values) == len(node.elts) >= LEAST_NUMBERS else ()


def _finding(rule: str, path: str, node: ast.expr | ast.stmt, message: str) -> Finding:
    return Finding(check="overfit", rule=rule, path=path, line=node.lineno, message=message)


def _nodes(text: str) -> list[ast.AST]:
    try:
        return list(ast.walk(ast.parse(text)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _is_case(node: ast.If | ast.IfExp, pairs: Sequence[Pair]) -> bool:
    compared = [
        value
        for compare in ast.walk(node.test)
        if isinstance(compare, ast.Compare) and isinstance(compare.ops[0], ast.Eq)
        for side in (compare.left, *compare.comparators)
        if (value := _literal(side)) is not None
    ]
    body = (
        [node.body]
        if isinstance(node, ast.IfExp)
        else [inner.value for inner in node.body if isinstance(inner, ast.Return) and inner.value is not None]
    )
    given = [value for expression in body if (value := _literal(expression, least=0)) is not None]
    return any(
        _same(value[0], argument) and type(answer[0]) is type(pair.expected) and answer[0] == pair.expected
        for value in compared
        for answer in given
        for pair in pairs
        for argument in pair.inputs
    )


def _literal(node: ast.expr, *, least: int = 1) -> tuple[object] | None:
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    if least and isinstance(value, (list, tuple, set)) and len(value) < LEAST_ITEMS:
        return None
    if least and (
        not isinstance(value, (list, tuple, set, str)) or (isinstance(value, str) and len(value) < LEAST_SIGNS)
    ):
        return None
    return (value,)


def _same(value: object, argument: object) -> bool:
    """Whether both hold the same, in whatever order."""
    if isinstance(value, str) or isinstance(argument, str):
        return value == argument
    if isinstance(value, (list, tuple, set)) and isinstance(argument, (list, tuple, set)):
        if _is_run(list(value)):
            return False  # a straight, the digits, the days: it may well belong to the domain
        return sorted(map(repr, value)) == sorted(map(repr, argument))
    return False


def _is_run(values: list[object]) -> bool:
    """Whether these are whole numbers that follow each other."""
    numbers = sorted(value for value in values if type(value) is int)
    return len(numbers) == len(values) and numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def _used_up(nodes: Sequence[ast.AST]) -> set[str]:
    """Names of finite iterators that a module makes once."""
    module = nodes[0] if nodes else None
    body = module.body if isinstance(module, ast.Module) else []
    return {
        target.id
        for statement in body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.value, ast.Call)
        and isinstance(statement.value.func, ast.Name)
        and statement.value.func.id == "iter"
        for target in statement.targets
        if isinstance(target, ast.Name)
    }


def _asks_whether_used_up(node: ast.AST, names: set[str]) -> TypeGuard[ast.expr]:
    """Whether *node* is ``next(name, ...) is ...``."""
    return isinstance(node, ast.Compare) and isinstance(node.left, ast.Call) and _is_next_of(node.left, names)


def _is_next_of(node: ast.Call, names: set[str]) -> bool:
    return (
        isinstance(node.func, ast.Name)
        and node.func.id == "next"
        and len(node.args) == 2
        and isinstance(node.args[0], ast.Name)
        and node.args[0].id in names
    )
