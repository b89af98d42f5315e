"""Which tests name which requirement: in their name, their docstring, or the comment before them."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from engine.projects.agreeing.javascript.testing import TestOf, is_test_file, tests_in
from engine.projects.agreeing.python.source import parsed
from engine.projects.agreeing.python.testing import is_python_test, is_test_class, is_test_function

_MOST_SAID = 2_000
_MOST_LINES = 50
_SAID = re.compile(r"(?<![A-Za-z0-9])R([1-9][0-9]{0,2})(?![A-Za-z0-9])")
_NAMED = re.compile(r"(?<![A-Za-z0-9])[Rr]([1-9][0-9]{0,2})(?![A-Za-z0-9])")


def tests_of_requirements(files: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    """Node ids by requirement, each sorted, from the folder that *files* are named from.

    A test that pytest makes several of has the id that all of theirs begin with.
    """
    found: defaultdict[str, set[str]] = defaultdict(set)
    for path, text in files.items():
        if is_python_test(path):
            pairs = _of_python(path, text)
        elif is_test_file(path):
            pairs = _of_javascript(path, text)
        else:
            continue
        for number, node_id in pairs:
            found[f"R{number}"].add(node_id)
    return {id_: tuple(sorted(found[id_])) for id_ in sorted(found, key=lambda id_: int(id_[1:]))}


def _of_python(path: str, text: str) -> Iterator[tuple[str, str]]:
    tree = parsed(text)
    if isinstance(tree, str):
        return
    lines = text.split("\n")
    for function, above in _functions(tree):
        node_id = "::".join([path, *(holder.name for holder in above), function.name])
        for number in _NAMED.findall(function.name.replace("_", " ")):
            yield number, node_id
        for holder in (function, *above):
            said = [(ast.get_docstring(holder, clean=False) or "")[:_MOST_SAID], *_comment_above(holder, lines)]
            said += [] if holder is function else [re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", holder.name)]
            for number in _SAID.findall("\n".join(said)):
                yield number, node_id


def _functions(tree: ast.Module) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, tuple[ast.ClassDef, ...]]]:
    left: list[tuple[ast.stmt, tuple[ast.ClassDef, ...]]] = [(each, ()) for each in tree.body]
    while left:
        node, above = left.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and is_test_function(node):
            yield node, above
        elif isinstance(node, ast.ClassDef) and is_test_class(node):
            left += [(each, (*above, node)) for each in node.body]


def _comment_above(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, lines: Sequence[str]) -> list[str]:
    at = min([node.lineno, *(each.lineno for each in node.decorator_list)]) - 2
    found: list[str] = []
    while 0 <= at < len(lines) and len(found) < _MOST_LINES and lines[at].lstrip().startswith("#"):
        found.append(lines[at][:_MOST_SAID])
        at -= 1
    return found


def _of_javascript(path: str, text: str) -> Iterator[tuple[str, str]]:
    seen: dict[str, int] = {}
    for test in tests_in(path, text) or ():
        name = "::".join([path, *test.names])
        seen[name] = seen.get(name, 0) + 1
        node_id = f"{name} ({seen[name]})" if seen[name] > 1 else name
        for number in _SAID.findall(_said_of(test)):
            yield number, node_id


def _said_of(test: TestOf) -> str:
    return "\n".join([*test.names, *test.comments]).replace("_", " ")
