"""Calls that the code under test shows itself, and the values that stand in it: examples of docstrings, what it does as a program."""

from __future__ import annotations

import ast
import builtins
import doctest
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .targets import parses

_LONGEST_SCRIPT = 20


@dataclass(frozen=True)
class Example:
    """A call that stands somewhere as text."""

    name: str
    args: tuple[object, ...]
    wanted: str | None
    origin: str


def literals(text: str) -> list[object]:
    """Numbers and texts that stand in *text* outside its docstrings."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return []
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found: list[object] = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and id(node) not in said
        and isinstance(node.value, (int, float, str))
        and not isinstance(node.value, bool)
    ]
    return list(dict.fromkeys(found))[:60]


def examples(texts: Mapping[str, str]) -> list[Example]:
    """Calls with plain arguments that stand in docstrings, or in the code itself."""
    found: list[Example] = []
    for text in texts.values():
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError):
            continue
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Expr)
                and isinstance(node.value, ast.Constant)
                and isinstance(node.value.value, str)
            ):
                found += _documented(node.value.value)
            elif isinstance(node, ast.Call) and (example := _plain(node, None, "a call of the code itself")):
                found.append(example)
    return found


def scripts(texts: Mapping[str, str]) -> list[tuple[str, tuple[tuple[str, str | None], ...], str]]:
    """What stands in a row in one docstring, or under ``if __name__ == "__main__"``: (path, statements with what the
    docstring says that they show, where it was seen); single calls are none of these.
    """
    found = []
    for path, text in sorted(texts.items()):
        if not parses(text):
            continue
        tree = ast.parse(text)
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)):
                lines = _lines(ast.get_docstring(node) or "")
                if len(lines) > 1:
                    found.append((path, lines, "the examples of a docstring"))
        for node in tree.body:
            if isinstance(node, ast.If) and "__name__" in ast.unparse(node.test):
                shown = tuple((_shown(each), None) for each in node.body if isinstance(each, (ast.Assign, ast.Expr)))
                if shown and len(shown) == len(node.body):
                    found.append((path, shown, "what the code does as a program"))
    return [each for each in found if len(each[1]) <= _LONGEST_SCRIPT]


def _lines(said: str) -> tuple[tuple[str, str | None], ...]:
    try:
        parsed = doctest.DocTestParser().get_examples(said)
    except ValueError:
        return ()
    if not all(parses(each.source) for each in parsed):
        return ()
    # a name that the docstring imports is one that the test imports
    kept = [each for each in parsed if not each.source.lstrip().startswith(("import ", "from "))]
    return tuple((each.source.strip(), each.want.strip() or None) for each in kept)


def _shown(node: ast.stmt) -> str:
    """*node*, or what it prints."""
    match node:
        case ast.Expr(value=ast.Call(func=ast.Name(id="print"), args=[given], keywords=[])):
            return ast.unparse(given)
    return ast.unparse(node)


def _documented(said: str) -> Iterator[Example]:
    try:
        parsed = doctest.DocTestParser().get_examples(said)
    except ValueError:
        return
    for each in parsed:
        try:
            node = ast.parse(each.source.strip(), mode="eval").body
        except (SyntaxError, ValueError):
            continue
        if isinstance(node, ast.Call) and each.want.strip():
            example = _plain(node, each.want.strip(), "an example of the docstring")
            if example is not None:
                yield example


def _plain(node: ast.Call, wanted: str | None, origin: str) -> Example | None:
    if not isinstance(node.func, ast.Name) or node.keywords or hasattr(builtins, node.func.id):
        return None
    try:
        return Example(node.func.id, tuple(ast.literal_eval(each) for each in node.args), wanted, origin)
    except (ValueError, TypeError, SyntaxError):
        return None
