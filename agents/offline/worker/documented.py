"""What docstrings promise of calls: doctest's examples, and lines such as ``f(2) == 4`` or ``f(2) -> 4``."""

from __future__ import annotations

import ast
import doctest
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from inspect import cleandoc

from .source import FUNCTIONS

MOST_CHECKS = 40
_ARROWS = re.compile(r"\s*(?:==|->|=>|→|⇒|returns?\b)\s*(.+)")


@dataclass(frozen=True)
class Check:
    """One example."""

    path: str
    where: str
    """Qualified name of what has the docstring: examples of one are run one after the other."""
    source: str
    """A statement or expression."""
    want: str = ""
    """The answer as Python would write it; nothing for one that is only run."""
    raises: str = ""
    """Name of the exception that it shall end with."""


def checks(texts: Mapping[str, str]) -> list[Check]:
    """All examples of the files, of those that can be read."""
    found: list[Check] = []
    for path, text in texts.items():
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError):
            continue
        for where, node in _documented(tree, ""):
            texts_of = [ast.get_docstring(node) or ""]
            if isinstance(node, ast.Module):
                texts_of += list(_notes(node))
            named = [node] if not isinstance(node, ast.Module) else [n for n in node.body if isinstance(n, FUNCTIONS)]
            for docstring in texts_of:
                found += _doctests(path, where, docstring)
                for one in named:
                    found += _equations(path, where, one.name, docstring)
    return found[:MOST_CHECKS]


def _notes(module: ast.Module) -> Iterator[str]:
    """Texts that stand in a file as statements of their own, as if they were docstrings."""
    for statement in module.body[1:]:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            text = statement.value.value
            if isinstance(text, str):
                yield cleandoc(text)


def _documented(
    node: ast.AST, within: str
) -> Iterator[tuple[str, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]]:
    if isinstance(node, (ast.Module, ast.ClassDef, *FUNCTIONS)):
        name = getattr(node, "name", "")
        here = f"{within}.{name}" if within else name
        yield here, node
        for child in node.body:
            yield from _documented(child, here)


def _doctests(path: str, where: str, docstring: str) -> Iterator[Check]:
    if ">>>" not in docstring:
        return
    try:
        examples = doctest.DocTestParser().get_examples(docstring)
    except ValueError:
        return
    for example in examples:
        if example.options.get(doctest.SKIP):
            continue
        raised = (example.exc_msg or "").split(":")[0].strip().rsplit(".", 1)[-1]
        want = "" if raised or example.options.get(doctest.ELLIPSIS) else example.want.strip()
        yield Check(path, where, example.source.strip(), want, raised)


def _equations(path: str, where: str, name: str, docstring: str) -> Iterator[Check]:
    """Lines with a call of the function itself, of literals, and a literal answer."""
    if "." in where:
        return
    for line in docstring.splitlines():
        if line.lstrip().startswith(">>>"):
            continue
        for match in re.finditer(rf"(?<![\w.]){re.escape(name)}\(", line):
            call = _call(line[match.start() :])
            if call is None:
                continue
            rest = _ARROWS.match(line[match.start() + len(call) :])
            want = _literal(rest.group(1)) if rest else None
            if want is not None:
                yield Check(path, where, call, want)


def _call(text: str) -> str | None:
    """The call of literals that *text* begins with."""
    for end in (i + 1 for i, letter in enumerate(text) if letter == ")"):
        try:
            call = ast.parse(text[:end], mode="eval").body
        except (SyntaxError, ValueError):
            continue
        if not isinstance(call, ast.Call):
            return None
        try:
            for given in (*call.args, *(keyword.value for keyword in call.keywords)):
                ast.literal_eval(given)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return None
        return text[:end]
    return None


def _literal(text: str) -> str | None:
    """The literal that *text* begins with, as Python writes it; words after it and a full stop do not count."""
    text = text.strip().strip("`")
    for end in sorted((len(text), *(m.start() for m in re.finditer(r"[\s.,;`)]", text))), reverse=True):
        try:
            return repr(ast.literal_eval(text[:end].rstrip(".,;")))
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            continue
    return None


def same(said: str, want: str) -> bool:
    """Whether the answer is the one that was promised, however it is written."""
    if said.split() == want.split():
        return True
    try:
        one, other = ast.literal_eval(said), ast.literal_eval(want)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    if isinstance(one, float) or isinstance(other, float):
        try:
            return bool(abs(one - other) <= 1e-6 * max(1.0, abs(other)))
        except TypeError:
            return False
    return bool(one == other)
