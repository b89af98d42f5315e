"""Twins of doctests: the examples as they are, but for one of each test, of which something else is said to come out."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePosixPath

from engine.twins.making import Round
from engine.twins.text import applied

_PROMPT = re.compile(r"^([ \t]*)>>> ?(.*)$")
_WRONG = "~"
"""Added to the first line of what is said to come out: no output that fits the line fits it then."""
_UNHEARD = re.compile(r"#\s*doctest:.*(SKIP|IGNORE_)")
"""An example that is not run, or whose output may be another."""
_OTHER_RULES = re.compile(r"OutputChecker|register_optionflag")
_DESCRIBED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def of_examples(texts: Mapping[str, str], passed: Collection[str]) -> Round | None:
    """One round of all doctests among *passed*, node ids, in the files of *texts*; None where there is none."""
    files: dict[str, str] = {}
    names: set[str] = set()
    for path, text in texts.items():
        nodes = [node for node in passed if node.startswith(f"{path}::")]
        lines = text.splitlines(keepends=True)
        for node in nodes:
            at = _expectation(lines, _place(path, text, node.partition("::")[2]))
            if at is not None:
                body = lines[at].rstrip("\r\n")
                lines[at] = body + _WRONG + lines[at][len(body) :]
                names.add(node)
        changed = "".join(lines)
        if changed != text and (not path.endswith(".py") or applied(changed, ()) is not None):
            files[path] = changed
    names = {name for name in names if name.partition("::")[0] in files}
    return Round(files=files, tests=frozenset(names)) if names else None


def by_rules_of_their_own(texts: Mapping[str, str], plugins: Collection[str]) -> bool:
    """Whether something besides Python's own doctest says which examples are run, and what their output may be."""
    conftests = (text for path, text in texts.items() if PurePosixPath(path).name == "conftest.py")
    return any("doctest" in module or "sybil" in module for module in plugins) or any(
        map(_OTHER_RULES.search, conftests)
    )


def _place(path: str, text: str, name: str) -> range:
    """The lines, counted from 0, in which the examples of the doctest *name* stand; empty where that is not clear."""
    if not path.endswith(".py"):
        return range(text.count("\n") + 1) if name == PurePosixPath(path).name else range(0)
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return range(0)
    file = PurePosixPath(path)
    module = file.parent.name if file.stem == "__init__" else file.stem
    found = [
        doc for qualified, doc in _docs(tree, "") if f".{name}".endswith(f".{module}.{qualified}".removesuffix("."))
    ]
    return range(found[0].lineno - 1, found[0].end_lineno or 0) if len(found) == 1 else range(0)


def _docs(
    node: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, name: str
) -> Iterator[tuple[str, ast.expr]]:
    """Each docstring with the qualified name of what it describes; empty for the module."""
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        yield name, first.value
    for inner in node.body if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else ():
        if isinstance(inner, _DESCRIBED):
            yield from _docs(inner, f"{name}.{inner.name}".removeprefix("."))


def _expectation(lines: list[str], place: range) -> int | None:
    """The number of the first line in *place* that says what comes of an example which is run."""
    at = place.start
    while at < place.stop:
        prompt = _PROMPT.match(lines[at].rstrip("\r\n"))
        at += 1
        if prompt is None:
            continue
        source = prompt[2]
        while at < place.stop and lines[at].strip().startswith("..."):
            source += lines[at].strip()
            at += 1
        if at < place.stop and not _UNHEARD.search(source) and _says(lines[at], prompt[1]):
            return at
    return None


def _says(line: str, indent: str) -> bool:
    """Whether *line* is output, indented as its prompt is: neither blank, nor another prompt, nor the docstring's end."""
    text = line.rstrip("\r\n")
    body = text.removeprefix(indent)
    return (
        text.startswith(indent)
        and bool(body.strip())
        and not body.startswith(">>>")
        and not body.rstrip().endswith(('"""', "'''", "\\"))
    )
