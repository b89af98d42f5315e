"""Python text as a tree, read on the host and never run: bounded in size, and tolerant of a newer Python's syntax."""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping

MOST_FILE = 256 * 1024
"""Characters of one file that are read as a tree: what is longer takes seconds, and gigabytes, to be one."""
MOST_ALL = 2**20
MOST_DEPTH = 60

_TYPE_PARAMETERS = re.compile(r"\b(def|class)([ \t]+\w+)[ \t]*\[(?:[^\[\]]|\[(?:[^\[\]]|\[[^\[\]]*\])*\])*\]")
_TYPE_STATEMENT = re.compile(r"^([ \t]*)type[ \t]+(\w+)[ \t]*(?:\[[^\]\n]*\])?[ \t]*=", re.MULTILINE)
_FSTRING = re.compile(r"(?<![A-Za-z0-9_])(?:[fF][rR]?|[rR][fF])('''|\"\"\"|'|\")")


class Source:
    """A file's tree, and what its names stand for where that can be seen."""

    def __init__(self, path: str, tree: ast.Module) -> None:
        self.path = path
        self.tree = tree
        self.aliases: dict[str, str] = {}
        """The dotted name of what was imported, by the name it was given."""
        self.once: dict[str, ast.expr] = {}
        """What a name was set to, of those that are bound only once in the whole file."""
        self._bind()

    def _bind(self) -> None:
        bound: Counter[str] = Counter()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                bound[node.id] += 1
            elif isinstance(node, ast.arg):
                bound[node.arg] += 1
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                bound[node.name] += 1
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                self._bind_import(node)
        for node in ast.walk(self.tree):
            if isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    self._bind_target(target, node.value, bound)

    def _bind_import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            if isinstance(node, ast.ImportFrom):
                self.aliases[alias.asname or alias.name] = f"{node.module or ''}.{alias.name}"
            elif alias.asname:
                self.aliases[alias.asname] = alias.name
            else:
                self.aliases[alias.name.split(".")[0]] = alias.name.split(".")[0]

    def _bind_target(self, target: ast.expr, value: ast.expr, bound: Mapping[str, int]) -> None:
        if isinstance(target, ast.Name) and bound[target.id] == 1:
            self.once[target.id] = value
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            for inner, part in zip(target.elts, value.elts, strict=True):
                self._bind_target(inner, part, bound)


def read(path: str, text: str) -> Source | None:
    """The source of *path*, or None where it is too long, or no Python even with what is new or broken left out."""
    if len(text) > MOST_FILE:
        return None
    tree = parse(text)
    if tree is None:
        tree = _without_what_is_new(text)
    return Source(path, tree) if tree is not None else None


def read_all(files: Mapping[str, str]) -> Iterator[Source]:
    """One source after another, so that only one tree is held; the shortest first, up to `MOST_ALL` characters."""
    left = MOST_ALL
    for path, text in sorted(files.items(), key=lambda item: (len(item[1]), item[0])):
        left -= len(text)
        source = read(path, text) if left >= 0 else None
        if source is not None:
            yield source


def unread(files: Mapping[str, str]) -> Iterator[str]:
    """Paths that `read_all` passes over for their length."""
    left = MOST_ALL
    for path, text in sorted(files.items(), key=lambda item: (len(item[1]), item[0])):
        left -= len(text)
        if left < 0 or len(text) > MOST_FILE:
            yield path


def parse(text: str) -> ast.Module | None:
    """The tree of *text*; None where the host's Python takes it for none, or too deep a one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text.removeprefix("\ufeff"))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def docstrings(tree: ast.AST) -> set[int]:
    """Ids of the constants that stand alone as statements: documentation, or nothing."""
    return {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def _without_what_is_new(text: str) -> ast.Module | None:
    """The tree without syntax that the host is too old for, and then without the lines at which it stops.

    Otherwise one `type` statement would keep all of a file from being looked at.
    """
    text = _TYPE_STATEMENT.sub(r"\1\2 =", _TYPE_PARAMETERS.sub(r"\1\2", text))
    tree = parse(text)
    if tree is None:
        text = _without_fstrings(text)
        tree = parse(text)
    rounds = min(40, 2 * MOST_FILE // (len(text) + 1))
    lines = text.splitlines()
    while tree is None and rounds:
        rounds -= 1
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse("\n".join(lines))
        except SyntaxError as error:
            at = min(error.lineno or 1, len(lines)) - 1
            if at < 0:
                return None
            indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
            lines[at] = indent + ("if 1:" if lines[at].rstrip().endswith(":") and "if 1:" not in lines[at] else "pass")
        except (ValueError, RecursionError, MemoryError):
            return None
    return tree


def _without_fstrings(text: str) -> str:
    """*text* with an empty string for every f-string: their quotes may be nested since Python 3.12."""
    pieces, at = [], 0
    while match := _FSTRING.search(text, at):
        quote, place, depth = match.group(1), match.end(), 0
        while place < len(text):
            sign = text[place]
            if depth == 0 and text.startswith(quote, place):
                place += len(quote)
                break
            if sign == "\\" and depth == 0:
                place += 1
            depth += (sign == "{") - (sign == "}" and depth > 0)
            place += 1
        pieces.append(text[at : match.start()] + '""')
        at = place
    return "".join(pieces) + text[at:]
