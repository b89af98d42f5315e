"""What the functions of the files under repair take, looked for when a failure asks for it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from .source import FUNCTIONS, Source
from .sources import FEW, Sources

MOST_STEPS = 12
_OWN = re.compile(r"def (\w+)\(self\)")


def called(function: str) -> str:
    """The name by which a function is called whose qualified name is *function*."""
    owner, _, name = function.replace("<locals>.", "").rpartition(".")
    return owner.rpartition(".")[2] if name == "__init__" else name


class Signatures:
    """Those of all files."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        """Look into *sources* only where what is asked for may stand."""
        self._sources = sources

    def parameters(self, function: str) -> tuple[str, ...]:
        """Names that a call of *function*, by its qualified name, can give arguments by; those of all of this name."""
        name = called(function)
        found: dict[str, None] = {}
        for source in self._with(re.compile(rf"\b(?:def|class)\s+{re.escape(name)}\b")):
            for node in ast.walk(source.tree):
                if getattr(node, "name", None) == name:
                    found |= dict.fromkeys(_taken(node))
        return tuple(found)

    def steps(self) -> tuple[str, ...]:
        """Methods that take nothing and return what they make of their own object by a call of it."""
        found: dict[str, None] = {}
        for source in self._with(_OWN):
            for node in ast.walk(source.tree):
                if isinstance(node, FUNCTIONS) and isinstance(source.parents[node], ast.ClassDef) and _goes_on(node):
                    found[node.name] = None
        return tuple(found)[:MOST_STEPS]

    def _with(self, words: re.Pattern[str]) -> Iterator[Source]:
        texts = self._sources.texts if isinstance(self._sources, Sources) else {}
        paths = [path for path, text in texts.items() if words.search(text)]
        for path in paths if len(paths) <= FEW else ():
            if path in self._sources:
                yield self._sources[path]


def _taken(node: ast.AST) -> Iterator[str]:
    """Of a function its parameters; of a class those of what makes it, or the fields that it declares."""
    if isinstance(node, FUNCTIONS):
        names = [a.arg for a in (*node.args.args, *node.args.kwonlyargs)]
        yield from names[1:] if names[:1] in (["self"], ["cls"]) else names
    elif isinstance(node, ast.ClassDef):
        made = next((n for n in node.body if isinstance(n, FUNCTIONS) and n.name == "__init__"), None)
        if made is not None:
            yield from _taken(made)
        for field in node.body:
            if made is None and isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                yield field.target.id


def _goes_on(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    last = function.body[-1]
    if len(function.args.args) != 1 or function.args.kwonlyargs or not isinstance(last, ast.Return):
        return False
    node = last.value
    if not isinstance(node, ast.Call) or function.decorator_list:
        return False
    below: ast.expr = node
    while isinstance(below, ast.Call) and isinstance(below.func, ast.Attribute):
        below = below.func.value
    return isinstance(below, ast.Name) and below.id == function.args.args[0].arg
