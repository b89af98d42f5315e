"""Calls that tests make of the component's own interface, where they expect them to go well."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from engine.domain import Finding
from engine.projects.agreeing.javascript.modules import JsModules
from engine.projects.agreeing.javascript.requests import ASKING
from engine.projects.agreeing.javascript.testing import is_test_file, test_ranges
from engine.projects.agreeing.javascript.tokens import Token, Tokens
from engine.projects.agreeing.parts import Part, shown
from engine.projects.agreeing.python.guarding import is_guarded
from engine.projects.agreeing.python.modules import Modules
from engine.projects.agreeing.python.source import Function, Source
from engine.projects.agreeing.python.testing import is_python_test
from engine.projects.agreeing.routes.operations import ANY, Operation, matching

_REFUSED = re.compile(
    r"40\d|42\d|NOT_|BAD_|ERROR|FORBIDDEN|CONFLICT|UNPROCESS|is_(?:client_)?error|^(?:ok|code|expected|rejects|toThrow)$"
)
"""Words by which a test may say that it expects a refusal."""
_METHODS = ASKING - {"head"}


class _Call(NamedTuple):
    method: str
    path: str
    line: int


def mistested(
    part: Part, modules: Modules, js_modules: JsModules, operations: Sequence[Operation]
) -> Iterator[Finding]:
    """*operations* are the component's own; a test that expects a refusal may call what it likes."""
    if not operations:
        return
    for path, source in modules.sources.items():
        if is_python_test(path) and "tests/" in path:
            for call in _in_python(source):
                yield from _judged(part, path, call, operations)
    for path, read in js_modules.read.items():
        if is_test_file(path):
            for call in _in_javascript(read):
                yield from _judged(part, path, call, operations)


def _judged(part: Part, path: str, call: _Call, operations: Sequence[Operation]) -> Iterator[Finding]:
    plain = call.path.partition("?")[0].rstrip("/")
    first = plain.strip("/").partition("/")[0]
    if ANY in first or first not in {operation.path.strip("/").partition("/")[0] for operation in operations}:
        return
    if plain == part.component.running.health:
        return
    found = matching(plain, operations)
    told = plain.replace(ANY, "{…}")
    if not found:
        offered = shown((operation.called for operation in operations), 20)
        yield part.wrong(
            "tests/path", path, call.line, f"{told} is no path of {part.component.name}, which has {offered}"
        )
    elif call.method not in (offers := {operation.method for operation in found}):
        yield part.wrong(
            "tests/method",
            path,
            call.line,
            f"{call.method} {told} is no operation: there is {shown(offers)} at that path",
        )


def _in_python(source: Source) -> Iterator[_Call]:
    known: dict[ast.AST, bool] = {}
    for node in source.nodes:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
            continue
        called = _path(node.args[0])
        if node.func.attr not in _METHODS or not called.startswith("/") or is_guarded(source, node, importing=False):
            continue
        around = _function_around(source, node)
        if around is not None and around not in known:
            known[around] = _is_meant_to_go_well(around)
        if around is not None and known[around]:
            yield _Call(node.func.attr.upper(), called, node.lineno)


def _path(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(each.value) if isinstance(each, ast.Constant) else ANY for each in node.values)
    return ""


def _function_around(source: Source, node: ast.AST) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    above = source.parents.get(node)
    while above is not None and not isinstance(above, Function):
        above = source.parents.get(above)
    return above


def _is_meant_to_go_well(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether no refusal is named in a test; of another function, whether a success is."""
    numbers = {each.value for each in ast.walk(function) if isinstance(each, ast.Constant) and type(each.value) is int}
    named = {each.attr for each in ast.walk(function) if isinstance(each, ast.Attribute)}
    if any(400 <= number < 600 for number in numbers) or any(map(_REFUSED.search, named)):
        return False
    is_given = any(arg.arg in {"status", "code", "path", "url", "method", "expected"} for arg in function.args.args)
    return not is_given and (function.name.startswith("test") or any(200 <= number < 300 for number in numbers))


def _in_javascript(read: Tokens) -> Iterator[_Call]:
    for begin, end in test_ranges(read.all):
        around = read.all[begin:end]
        if any(map(_is_refusal, around)):
            continue
        for at in range(1, len(around) - 3):
            token, given = around[at], around[at + 2]
            if not token.is_name(*_METHODS) or not around[at - 1].is_mark(".") or not around[at + 1].is_mark("("):
                continue
            if given.kind in {"text", "template"} and given.value.startswith("/") and around[at + 3].is_mark(")", ","):
                yield _Call(token.value.upper(), given.value, read.line(token))


def _is_refusal(token: Token) -> bool:
    """Whether a test with this word may expect that it is refused."""
    is_number = token.kind == "number" and len(token.value) == 3 and token.value[0] in "45"
    return is_number or (token.kind == "name" and _REFUSED.search(token.value) is not None)
