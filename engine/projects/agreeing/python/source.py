"""One file of Python, parsed, with what binds which name in it."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

_T = TypeVar("_T")
MOST_WRITTEN = 2_000
"""Characters of a node that is written as source."""
_BOX = (3, 13)
"""What the boxes run; this interpreter may be older, and then knows less grammar."""
_NEWER = re.compile(r"^[ \t]*(?:type[ \t]+\w+|(?:async[ \t]+)?(?:def|class)[ \t]+\w+[ \t]*\[)", re.MULTILINE)
_FORMATTED = re.compile(r"""\b[rR]?[fF][rR]?["']""")
_OPENING = frozenset({"globals", "locals", "vars", "exec", "eval", "__import__", "import_module"})
"""Calls by which a module may get names that its text does not show."""
IMPLICIT = frozenset(
    "__name__ __file__ __doc__ __path__ __spec__ __loader__ __package__ __dict__ __builtins__ __annotations__ __cached__"
    " __class__ __getattr__ __dir__".split()
)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def written(node: ast.AST) -> str:
    """The beginning of *node* as source; empty where it is nested too deep."""
    try:
        return ast.unparse(node)[:MOST_WRITTEN]
    except RecursionError:
        return ""


def parsed(text: str) -> ast.Module | str:
    """The tree; or what is wrong, as ``LINE:MESSAGE``, without a message where another interpreter may well parse it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text.removeprefix("\ufeff"))
    except SyntaxError as error:
        newer = sys.version_info < _BOX and (
            _NEWER.search(text) or "f-string" in str(error) or _is_formatted(text, error)
        )
        return "0:" if newer else f"{error.lineno or 1}:{error.msg}"
    except (ValueError, RecursionError, MemoryError) as error:
        return f"1:{str(error)[:100] or type(error).__name__}"


def _is_formatted(text: str, error: SyntaxError) -> bool:
    """Whether a formatted string stands where *error* is, whose grammar 3.12 has widened."""
    near = text.split("\n")[max((error.lineno or 1) - 4, 0) : (error.lineno or 1) + 1]
    return any(_FORMATTED.search(line) for line in near)


@dataclass(frozen=True, eq=False)
class Source:
    """A file that parses. Paths are from the component's folder."""

    path: str
    text: str
    tree: ast.Module
    nodes: tuple[ast.AST, ...]
    """Every node of it."""
    bound: Counter[str]
    """How often each name is bound, in whatever scope of the file."""
    top: frozenset[str]
    """Names that the module has."""
    opened: bool
    """Whether it may have others."""
    stars: tuple[ast.ImportFrom, ...]
    parents: dict[ast.AST, ast.AST]
    imported: Mapping[str, tuple[ast.Import | ast.ImportFrom, ast.alias]]
    """What gives each name that is imported, and how; the first one of several."""
    at_top: Mapping[str, ast.stmt]
    """The statement at the module's top that binds each name; the first one of several."""
    lines: tuple[str, ...]
    told: dict[ast.AST, str] = field(default_factory=dict)

    def statement(self, name: str) -> ast.stmt | None:
        """The one statement at the module's top that binds *name*, where there is no other that might."""
        if self.bound[name] != 1:
            return None
        return self.at_top.get(name)

    def said(self, node: ast.AST) -> str:
        """The beginning of *node* as source; each is written once, however often it is asked for."""
        if node not in self.told:
            self.told[node] = written(node)
        return self.told[node]


def source_of(path: str, text: str, tree: ast.Module) -> Source:
    nodes = tuple(ast.walk(tree))
    parents = {child: node for node in nodes for child in ast.iter_child_nodes(node)}
    bound = Counter(name for node in nodes for name in _bound_by(node))
    calls = {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    return Source(
        path=path,
        text=text,
        tree=tree,
        nodes=nodes,
        bound=bound,
        top=frozenset(_top(tree, nodes)),
        opened="__getattr__" in bound or not _OPENING.isdisjoint(calls) or "sys.modules" in text or "setattr" in text,
        stars=tuple(
            node
            for node in nodes
            if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
        ),
        parents=parents,
        imported=_first_of(
            (
                (
                    alias.asname or alias.name.partition(".")[0]
                    if isinstance(node, ast.Import)
                    else alias.asname or alias.name
                ),
                (node, alias),
            )
            for node in parents
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        ),
        at_top=_first_of((name, each) for each in tree.body for name in _bound_at_top(each)),
        lines=tuple(text.split("\n")),
    )


def _first_of(pairs: Iterable[tuple[str, _T]]) -> dict[str, _T]:
    found: dict[str, _T] = {}
    for name, value in pairs:
        found.setdefault(name, value)
    return found


def _bound_at_top(node: ast.stmt) -> set[str]:
    """Names that a definition, an import or a plain assignment binds."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)} | set(_bound_by(node))


def _bound_by(node: ast.AST) -> Iterator[str]:
    """Names that *node* itself binds."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield name
        case ast.arg(arg=name):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Import(names=names):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in names)
        case ast.ImportFrom(names=names):
            yield from (alias.asname or alias.name for alias in names)
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name
        case ast.MatchMapping(rest=str(name)):
            yield name
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            yield from names
        case _:
            # a type parameter of 3.12, where this interpreter knows it
            if type(node).__name__ in {"TypeVar", "ParamSpec", "TypeVarTuple"}:
                yield str(getattr(node, "name", ""))


def _top(tree: ast.Module, nodes: Iterable[ast.AST]) -> Iterator[str]:
    left: list[ast.AST] = [tree]
    while left:
        node = left.pop()
        yield from _bound_by(node)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, Function | ast.ClassDef):
                yield child.name
                left += child.decorator_list
            elif not isinstance(child, ast.Lambda):
                left.append(child)
    for node in nodes:
        if isinstance(node, ast.Global):
            yield from node.names
