"""What nox would run, as far as the calls in a noxfile are written out; it is read and never run."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from engine.repository.tox import Ran


def sessions(text: str) -> list[Ran]:
    """What each session runs, those first whose name speaks of tests."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    functions.sort(key=lambda function: "test" not in function.name)
    return [_ran(function) for function in functions]


def _ran(function: ast.FunctionDef) -> Ran:
    commands: list[tuple[str, ...]] = []
    environment: dict[str, str] = {}
    for node in ast.walk(function):
        match node:
            case ast.Call(func=ast.Attribute(attr="run"), args=[ast.Constant(value=str()), *_]):
                commands.append(tuple(word for argument in node.args for word in _words(argument)))
                for keyword in node.keywords:
                    if keyword.arg == "env":
                        environment |= _strings(keyword.value)
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="env"), attr="update"), args=[given]):
                environment |= _strings(given)
            case ast.Assign(
                targets=[ast.Subscript(value=ast.Attribute(attr="env"), slice=ast.Constant(value=str() as name))],
                value=ast.Constant(value=str() as value),
            ):
                environment[name] = value
    return Ran(commands=tuple(commands), environment=environment)


def _words(argument: ast.expr) -> Iterator[str]:
    match argument:
        case ast.Constant(value=str() as word):
            yield word
        case ast.Starred(value=ast.BoolOp(op=ast.Or(), values=[*_, last])):
            # what is taken where nothing is given behind nox's own arguments
            yield from _words(ast.Starred(value=last))
        case ast.Starred(value=ast.List(elts=items) | ast.Tuple(elts=items)):
            for item in items:
                yield from _words(item)


def _strings(given: ast.expr) -> dict[str, str]:
    """Names and values of a dictionary that are written out."""
    if not isinstance(given, ast.Dict):
        return {}
    return {
        key.value: value.value
        for key, value in zip(given.keys, given.values, strict=True)
        if isinstance(key, ast.Constant)
        and isinstance(value, ast.Constant)
        and isinstance(key.value, str)
        and isinstance(value.value, str)
    }
