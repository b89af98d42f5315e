"""Other variables and other constants."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .source import Code, Edit, Function


def another_variable(code: Code) -> Iterator[Edit]:
    for function in code.functions:
        names = sorted(_names(function))
        for node in ast.walk(function):
            read = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
            if read and node.id in names and code.function_of(node) is function:
                yield from (code.replaced(node, name) for name in names if name != node.id)


def another_target(code: Code) -> Iterator[Edit]:
    """The result goes into another variable."""
    for node in [*code.inside(ast.Assign), *code.inside(ast.AugAssign)]:
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        function = code.function_of(node)
        if isinstance(target, ast.Name) and function is not None:
            yield from (code.replaced(target, name) for name in sorted(_names(function)) if name != target.id)


def another_attribute(code: Code) -> Iterator[Edit]:
    names = sorted({node.attr for node in code.inside(ast.Attribute) if _of_self(node) and not _called(code, node)})
    for node in code.inside(ast.Attribute):
        if _of_self(node) and node.attr in names and not _called(code, node):
            yield from (code.replaced(node, f"self.{name}") for name in names if name != node.attr)


def another_number(code: Code) -> Iterator[Edit]:
    """Off by more than one, or of another size."""
    for node in code.inside(ast.Constant):
        if type(node.value) is int and node.value >= 0:
            value = node.value
            for other in (value + 2, value * 10 + 3, value - 2, value // 2, value * 2):
                if other >= 0 and abs(other - value) > 1:
                    yield code.replaced(node, str(other))
        elif type(node.value) is float:
            yield from (code.replaced(node, repr(other)) for other in (node.value * 2, node.value + 0.25))


def another_text(code: Code) -> Iterator[Edit]:
    """A constant text lost a character, has one more, or another case."""
    for node in code.inside(ast.Constant):
        if isinstance(node.value, str) and not isinstance(code.parents[node], ast.Expr | ast.JoinedStr):
            text = node.value
            for other in (text[:-1], text[1:], text + " ", text.swapcase()):
                if other != text:
                    yield code.replaced(node, repr(other))


def another_container(code: Code) -> Iterator[Edit]:
    """A list begins as a dictionary or a set, and the like."""
    for node in code.inside(ast.List):
        if not node.elts and isinstance(node.ctx, ast.Load):
            yield from (code.replaced(node, text) for text in ("set()", "{}", "()"))
    for empty in code.inside(ast.Dict):
        if not empty.keys:
            yield from (code.replaced(empty, text) for text in ("[]", "set()"))


def element_dropped(code: Code) -> Iterator[Edit]:
    """A tuple, list, set or dictionary has one entry fewer."""
    for node in code.inside(ast.expr):
        if (
            isinstance(node, ast.Tuple | ast.List | ast.Set)
            and len(node.elts) > 1
            and isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
        ):
            spans = [code.span(each) for each in node.elts]
        elif isinstance(node, ast.Dict) and len(node.keys) > 1 and all(node.keys):
            spans = [
                (code.span(key)[0], code.span(value)[1])
                for key, value in zip(node.keys, node.values, strict=True)
                if key
            ]
        else:
            continue
        yield code.spliced(spans[-2][1], spans[-1][1], "," if isinstance(node, ast.Tuple) and len(spans) == 2 else "")
        yield code.spliced(spans[0][0], spans[1][0], "")


def another_start(code: Code) -> Iterator[Edit]:
    """A variable that a loop counts up, or compares, begins with another value."""
    others = {
        "0": ("1", "-1", "None"),
        "1": ("0", "2"),
        "None": ("0",),
        "True": ("None",),
        "''": ("' '",),
        '""': ('" "',),
    }
    for node in code.inside(ast.Assign):
        for other in others.get(code.segment(node.value), ()):
            yield code.replaced(node.value, other)


def _names(function: Function) -> set[str]:
    """Parameters and what is assigned to, apart from the receiver."""
    given = function.args
    names = {each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)} - {"self", "cls"}
    return names | {
        node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def _of_self(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "self"


def _called(code: Code, node: ast.Attribute) -> bool:
    parent = code.parents[node]
    return isinstance(parent, ast.Call) and parent.func is node


KINDS = {
    "another variable": another_variable,
    "another target": another_target,
    "another attribute": another_attribute,
    "another number": another_number,
    "another text": another_text,
    "another container": another_container,
    "element dropped": element_dropped,
    "another start": another_start,
}
