"""Calls that are missing, of another method, or with an argument less."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .source import Code, Edit

SIBLINGS = (
    ("append", "extend", "insert"),
    ("strip", "lstrip", "rstrip"),
    ("lower", "upper", "title", "capitalize", "casefold", "swapcase"),
    ("find", "rfind", "index", "count"),
    ("keys", "values", "items"),
    ("pop", "remove", "get"),
    ("pop", "popleft"),
    ("append", "appendleft"),
    ("split", "rsplit", "splitlines", "partition"),
    ("partition", "rpartition"),
    ("startswith", "endswith"),
    ("add", "discard", "remove"),
    ("update", "intersection_update", "difference_update"),
    ("union", "intersection", "difference", "symmetric_difference"),
    ("issubset", "issuperset"),
    ("isdigit", "isalpha", "isalnum", "isspace", "isupper", "islower"),
    ("ljust", "rjust", "center"),
    ("get", "setdefault"),
    ("heappush", "heappop", "heapify"),
    ("bisect_left", "bisect_right"),
    ("floor", "ceil", "trunc"),
    ("min", "max", "sum"),
    ("any", "all"),
    ("sorted", "list", "reversed"),
    ("set", "list", "tuple"),
    ("int", "round", "abs", "float"),
    ("chain", "zip_longest"),
)
COPIES = {"copy", "deepcopy", "list", "dict", "set", "tuple", "sorted"}


def call_dropped(code: Code) -> Iterator[Edit]:
    """Only the argument is left of a call around it."""
    for node in code.inside(ast.Call):
        if len(node.args) == 1 and not isinstance(node.args[0], ast.Starred) and _name(node) not in COPIES:
            yield code.exchanged(node, node.args[0])
        if isinstance(node.func, ast.Attribute) and not node.args and not node.keywords and _name(node) not in COPIES:
            yield code.exchanged(node, node.func.value)


def copy_dropped(code: Code) -> Iterator[Edit]:
    """The very object where one like it was meant."""
    for node in code.inside(ast.Call):
        if _name(node) in COPIES:
            if isinstance(node.func, ast.Attribute) and not node.args:
                yield code.exchanged(node, node.func.value)
            elif len(node.args) >= 1 and not isinstance(node.args[0], ast.Starred):
                yield code.exchanged(node, node.args[0])


def argument_dropped(code: Code) -> Iterator[Edit]:
    for node in code.inside(ast.Call):
        given: list[ast.AST] = sorted([*node.args, *node.keywords], key=code.span)
        if len(given) == 1:
            yield code.replaced(given[0], "")
        for number, argument in enumerate(given[1:], start=1):
            yield code.spliced(code.span(given[number - 1])[1], code.span(argument)[1], "")
        if len(given) > 1:
            yield code.spliced(code.span(given[0])[0], code.span(given[1])[0], "")


def another_method(code: Code) -> Iterator[Edit]:
    for node in code.inside(ast.Call):
        name = _name(node)
        for group in SIBLINGS:
            for other in group if name in group else ():
                if other != name:
                    end = code.span(node.func)[1]
                    yield code.spliced(end - len(name), end, other)


def another_function(code: Code) -> Iterator[Edit]:
    """Another function or method of the module, called with the same arguments."""
    own = {function.name: function for function in code.functions if not function.name.startswith("__")}
    for node in code.inside(ast.Call):
        name = _name(node)
        if name in own:
            here, end = own[name], code.span(node.func)[1]
            for other in own.values():
                alike = len(other.args.args) == len(here.args.args) and type(code.parents[other]) is type(
                    code.parents[here]
                )
                if alike and other.name != name:
                    yield code.spliced(end - len(name.encode()), end, other.name)


def self_dropped(code: Code) -> Iterator[Edit]:
    """A plain name where an attribute was meant."""
    for node in code.inside(ast.Attribute):
        if isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}:
            yield code.replaced(node, node.attr)


def default_dropped(code: Code) -> Iterator[Edit]:
    """`d.get(k)` and `d.get(k, x)` as `d[k]`, `d.setdefault(k, x)` as `d.get(k, x)`, a `next` without its last word."""
    for node in code.inside(ast.Call):
        if _name(node) == "get" and isinstance(node.func, ast.Attribute) and node.args:
            yield code.replaced(node, f"{code.segment(node.func.value)}[{code.segment(node.args[0])}]")


def _name(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


KINDS = {
    "call dropped": call_dropped,
    "copy dropped": copy_dropped,
    "argument dropped": argument_dropped,
    "another method": another_method,
    "another function": another_function,
    "self dropped": self_dropped,
    "default dropped": default_dropped,
}
