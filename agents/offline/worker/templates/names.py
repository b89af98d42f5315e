"""Names and attributes: another one that is in reach, or the one that was meant."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator

from ..edits import Edit, Rewrite
from ..site import Site, Template
from ..source import BUILTINS

UNLIKE = 3.0
"""Bits for a variable that holds something else than what it comes for."""
_SIBLINGS = (
    ("append", "extend", "insert", "add", "update", "appendleft"),
    ("pop", "popleft", "popitem", "remove", "discard"),
    ("keys", "values", "items"),
    ("get", "pop", "setdefault"),
    ("startswith", "endswith"),
    ("find", "rfind", "index", "rindex", "count"),
    ("strip", "lstrip", "rstrip"),
    ("split", "rsplit", "splitlines", "partition", "rpartition"),
    ("lower", "upper", "title", "capitalize", "swapcase", "casefold"),
    ("isdigit", "isalpha", "isalnum", "isnumeric", "isdecimal", "isspace", "isupper", "islower"),
    ("ljust", "rjust", "center", "zfill"),
    ("union", "intersection", "difference", "symmetric_difference"),
    ("issubset", "issuperset", "isdisjoint"),
    ("sort", "reverse"),
    ("read", "readline", "readlines"),
    ("match", "search", "fullmatch", "findall"),
)
_BUILTIN_SIBLINGS = (
    ("min", "max", "sum", "len", "abs"),
    ("any", "all"),
    ("sorted", "list", "reversed", "set", "tuple", "frozenset"),
    ("int", "float", "str", "round", "bool", "repr"),
    ("ord", "chr"),
    ("enumerate", "zip", "range", "list"),
    ("map", "filter"),
    ("isinstance", "issubclass"),
    ("floor", "ceil", "trunc"),
)


_OPPOSITES = frozenset((("min", "max"), ("any", "all"), ("floor", "ceil"), ("ord", "chr"), ("map", "filter"), ("list", "set"), ("sorted", "list"), ("sum", "len"), ("int", "round"), ("int", "float"), ("int", "str")))  # fmt: skip


def _loaded(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)


def variable(site: Site) -> Iterator[Rewrite]:
    node = site.node
    if not isinstance(node, ast.Name) or not _loaded(node) or node.id in BUILTINS:
        return
    for name in site.names():
        if name != node.id:
            yield site.replace(node, name, UNLIKE if site.unlike(node, name) else 0.0)
    called = isinstance(site.parent, ast.Call) and site.parent.func is node
    if called or node.id in site.source.global_names:
        for name in site.source.global_names:
            if name != node.id and name not in site.names():
                yield site.replace(node, name, 1.0)


def target(site: Site) -> Iterator[Rewrite]:
    node = site.node
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        for name in site.names():
            if name != node.id:
                yield site.replace(node, name, UNLIKE if site.unlike(node, name) else 0.0)


def builtin(site: Site) -> Iterator[Rewrite]:
    """Another function of the same family; its opposite first."""
    node = site.node
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None
    for family in _BUILTIN_SIBLINGS:
        if name in family and isinstance(site.parent, ast.Call) and site.parent.func is node:
            for other in family:
                extra = 0.0 if (name, other) in _OPPOSITES or (other, name) in _OPPOSITES else 2.0
                if other != name and isinstance(node, ast.Name):
                    yield site.replace(node, other, extra)
                elif other != name and isinstance(node, ast.Attribute):
                    yield _attribute(site, node, other, extra)


def _attribute(site: Site, node: ast.Attribute, new: str, extra: float = 0.0) -> Rewrite:
    end = site.source.span(node)[1]
    return Rewrite((Edit(end - len(node.attr), end, new),), f"`.{node.attr}` → `.{new}`", extra)


def method(site: Site) -> Iterator[Rewrite]:
    node = site.node
    if isinstance(node, ast.Attribute) and isinstance(site.parent, ast.Call) and site.parent.func is node:
        for family in _SIBLINGS:
            if node.attr in family:
                for other in family:
                    if other != node.attr:
                        yield _attribute(site, node, other)


def attribute(site: Site) -> Iterator[Rewrite]:
    """Another attribute that the file uses."""
    node = site.node
    if isinstance(node, ast.Attribute):
        for other in site.source.attributes:
            if other != node.attr:
                yield _attribute(site, node, other)


def object_of(site: Site) -> Iterator[Rewrite]:
    """The object instead of its attribute, or an attribute of it."""
    node = site.node
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        yield site.replace(node, site.text(node.value))
    if isinstance(node, ast.Name) and _loaded(node) and node.id not in BUILTINS:
        if isinstance(site.parent, ast.Call) and site.parent.func is node:
            return
        owners = {
            n.attr
            for n in ast.walk(site.source.tree)
            if isinstance(n, ast.Attribute)
            and isinstance(n.value, ast.Name)
            and not isinstance(site.source.parents[n], ast.Call)
        }
        for name in sorted(owners):
            yield site.replace(node, f"{node.id}.{name}")


def own(site: Site) -> Iterator[Rewrite]:
    """``x`` for ``self.x`` and the other way."""
    node, source = site.node, site.source
    owner = source.class_of(node)
    function = source.function(node)
    if owner is None or function is None or not function.args.args:
        return
    self = function.args.args[0].arg
    if isinstance(node, ast.Name) and node.id != self:
        known = {n.attr for n in ast.walk(owner) if isinstance(n, ast.Attribute)} | {
            n.name for n in owner.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))
        }
        if node.id in known or not source.knows(node.id, node):
            yield site.replace(node, f"{self}.{node.id}", 0.0 if not source.knows(node.id, node) else 2.0)
    elif (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == self
        and node.attr in site.names()
    ):
        yield site.replace(node, node.attr, 2.0)


def typo(site: Site) -> Iterator[Rewrite]:
    """The name that was meant, for one that nothing defines."""
    node = site.node
    if not isinstance(node, ast.Name):
        return
    missing = not site.source.knows(node.id, node)
    if isinstance(node.ctx, ast.Load) and (missing or node.id in site.hints.names):
        pool = [n for n in (*site.source.visible(node), *sorted(BUILTINS)) if n != node.id]
        for rank, name in enumerate(close(node.id, pool)):
            yield site.replace(node, name, rank * 0.5)
        for rank, name in enumerate(site.source.visible(node)):
            if name != node.id:
                yield site.replace(node, name, 4.0 + rank * 0.05)


def close(word: str, pool: list[str], count: int = 5) -> list[str]:
    """The words of *pool* that *word* may have been meant as, likeliest first."""
    folded: dict[str, str] = {}
    for other in pool:
        folded.setdefault(other.lower().replace("_", ""), other)
    key = word.lower().replace("_", "")
    # two letters that changed places are too much of a short word for the ratio
    found = [o for k, o in folded.items() if sorted(k) == sorted(key) and k != key]
    found += [folded[k] for k in difflib.get_close_matches(key, list(folded), n=count, cutoff=0.6)]
    found += [o for o in pool if len(key) > 2 and (o.startswith(word) or word.startswith(o)) and len(o) > 2]
    return list(dict.fromkeys(found))[:count]


def attribute_typo(site: Site) -> Iterator[Rewrite]:
    node = site.node
    if isinstance(node, ast.Attribute) and node.attr in site.hints.attributes:
        has = site.hints.attributes[node.attr]
        near = close(node.attr, [n for n in has if not n.startswith("__")])
        for rank, name in enumerate(near):
            yield _attribute(site, node, name, rank * 0.5)
        for name in has:
            if not name.startswith("_") and name not in near:
                yield _attribute(site, node, name, 3.0)


def defined_typo(site: Site) -> Iterator[Rewrite]:
    """A function, class, method or parameter that others call by another name."""
    node = site.node
    wanted = [*site.hints.attributes, *site.hints.names, *(name for _, name in site.hints.imports)]
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        begin, _ = site.source.span(node)
        at = site.source.text.find(node.name, begin)
        for name in close(node.name, wanted):
            if at >= 0:
                uses = [n for n in ast.walk(site.source.tree) if isinstance(n, ast.Name) and n.id == node.name]
                edits = [Edit(at, at + len(node.name), name), *(Edit(*site.source.span(n), name) for n in uses)]
                yield Rewrite(tuple(edits), f"`{node.name}` is called `{name}`")
    elif isinstance(node, ast.arg):
        begin, _ = site.source.span(node)
        function = site.source.function(node)
        unknown = (
            {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and not site.source.knows(n.id, n)}
            if function
            else set()
        )
        for name in close(node.arg, sorted(unknown)):
            yield Rewrite((Edit(begin, begin + len(node.arg), name),), f"parameter `{node.arg}` → `{name}`")


TEMPLATES = (
    Template("name-typo", 0.0, typo),
    Template("attr-typo", 0.0, attribute_typo),
    Template("defined-typo", 1.0, defined_typo),
    Template("add-self", 2.5, own),
    Template("var-replace", 3.0, variable),
    Template("target-replace", 4.5, target, escapes=True),
    Template("func-replace", 4.0, builtin),
    Template("method-replace", 3.0, method),
    Template("attr-replace", 4.5, attribute),
    Template("object-of", 6.0, object_of, escapes=True),
)
