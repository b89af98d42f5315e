"""What the text of one frozen file defines, imports and binds, as far as it can be told without running it."""

from __future__ import annotations

import ast
import builtins
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.conflicts.allowed import BUILTINS
from engine.conflicts.effort import Effort

Function = ast.FunctionDef | ast.AsyncFunctionDef
_INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(frozen=True)
class Module:
    """A frozen file; a dataclass because syntax trees are no data for a model."""

    path: str
    text: str
    tree: ast.Module
    imports: Mapping[str, str]
    """What a name bound by one import of the top level stands for: a module, or a module and a name of it, dotted."""
    modules: frozenset[str]
    """Modules that are imported as such."""
    constants: Mapping[str, ast.expr]
    """Names bound once, at the top level, to a value that nothing in the file changes."""
    bound: frozenset[str]
    """All names that are bound anywhere at the top level."""
    star: str = ""
    """The one module that all names are imported from."""

    def dotted(self, node: ast.expr) -> str:
        """What ``a.b.c`` stands for, through the imports; a builtin by its own name; empty for anything else."""
        names: list[str] = []
        while isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        if node.id in self.imports:
            return ".".join((self.imports[node.id], *reversed(names)))
        if node.id in self.bound:
            return ""
        if hasattr(builtins, node.id):
            # The module that all names come from may have one like it.
            return node.id if not names and "*" not in self.bound and "builtins" not in self.text else ""
        return ".".join((self.star, node.id, *reversed(names))) if self.star else ""


def read_module(path: str, text: str, effort: Effort) -> Module | None:
    """The file as it is written; None where it does not parse, or not on this version of Python."""
    effort.spend(len(text) // 40)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    count = _bindings(tree)
    imports, modules = imports_of(tree.body, path)
    changed = _changed(tree)
    constants = {
        name: value
        for name, value in _assigned(tree.body)
        if count[name] == 1 and (name not in changed or _fixed(value))
    }
    return Module(
        path=path,
        text=text,
        tree=tree,
        imports={name: origin for name, origin in imports.items() if count[name] == 1},
        modules=frozenset(modules),
        constants=constants,
        bound=frozenset(count),
        star=imports.get("*", "").removesuffix(".*") if count["*"] == 1 else "",
    )


def imports_of(body: list[ast.stmt], path: str) -> tuple[dict[str, str], set[str]]:
    """What the imports standing directly in *body* bind, and the modules they name."""
    names, modules = dict[str, str](), set[str]()
    for node in body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                modules.add(alias.name)
                names[alias.asname or alias.name.split(".", 1)[0]] = (
                    alias.name if alias.asname else alias.name.split(".", 1)[0]
                )
        elif isinstance(node, ast.ImportFrom):
            origin = _absolute(node, path)
            modules.add(origin)
            for alias in node.names:
                names[alias.asname or alias.name] = f"{origin}.{alias.name}" if origin else alias.name
    return names, modules


def _absolute(node: ast.ImportFrom, path: str) -> str:
    if not node.level:
        return node.module or ""
    folders = path.split("/")[: -node.level]
    return ".".join((*folders, *([node.module] if node.module else [])))


def outer(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """All nodes that run with *body* itself: not what stands in a function or a class defined there."""
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _INNER):
            waiting += ast.iter_child_nodes(node)


def bound_by(node: ast.AST) -> Iterator[str]:
    """The names that this very node binds or deletes."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            for alias in aliases:
                yield alias.asname or alias.name.split(".", 1)[0]
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name
        case ast.Global(names=names):
            yield from names


def _bindings(tree: ast.Module) -> Counter[str]:
    count: Counter[str] = Counter(name for node in outer(tree.body) for name in bound_by(node))
    count.update(name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names)
    return count


def _assigned(body: list[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    for node in body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value


def _changed(tree: ast.Module) -> set[str]:
    """Names whose value something in the file may change, because it does more with it than look at it."""
    looked: set[int] = set()
    found: set[str] = set()
    for node in ast.walk(tree):
        looked |= {id(each) for each in _looked_at(node) if isinstance(each, ast.Name)}
        if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            found |= {inner.id for inner in ast.walk(node.value) if isinstance(inner, ast.Name)}
    loaded = (node for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
    return found | {node.id for node in loaded if id(node) not in looked}


def _looked_at(node: ast.AST) -> list[ast.expr]:  # noqa: PLR0911 (one arm a way of looking)
    """The operands that *node* only looks at."""
    match node:
        case ast.Compare(left=left, comparators=others):
            return [left, *others]
        case ast.BinOp(left=left, right=right):
            return [left, right]
        case ast.For(iter=looked) | ast.comprehension(iter=looked):
            return [looked]
        case ast.UnaryOp(operand=looked) | ast.Assert(test=looked) | ast.Starred(value=looked):
            return [looked]
        case ast.Subscript(value=looked, ctx=ast.Load()):
            return [looked]
        case ast.Call(func=ast.Attribute(value=looked, attr=attribute)) if attribute in _LOOKS:
            return [looked]
        case ast.Call(func=ast.Attribute(attr=attribute), args=given):
            only = attribute.startswith("assert") or attribute in {"approx", "param", "parametrize"}
            return given if only else []
        case ast.Call(func=ast.Name(id=name), args=given) if name in BUILTINS:
            return given
        case _:
            return []


def _fixed(value: ast.expr) -> bool:
    return not any(isinstance(node, _MAY_CHANGE) for node in ast.walk(value))


_MAY_CHANGE = (ast.List, ast.Dict, ast.Set, ast.Call, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp)
_LOOKS = frozenset(("items", "keys", "values", "get", "copy", "index", "count"))
