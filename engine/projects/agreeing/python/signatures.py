"""What a call has to be given: read from a definition that nothing changes on its way to the caller."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.projects.agreeing.python.modules import Modules
from engine.projects.agreeing.python.records import Field, fields_of, name_of_decorator
from engine.projects.agreeing.python.source import Source, written

_LEAVE_AS_IT_IS = frozenset(
    "cache lru_cache functools.cache functools.lru_cache contextmanager contextlib.contextmanager asynccontextmanager"
    " contextlib.asynccontextmanager override typing.override final typing.final".split()
)
"""Decorators behind which a function is called as it was defined."""
_PLAIN_BASES = re.compile(
    r"object|(?:abc\.)?ABC|(?:typing\.)?Generic(?:\[.*\])?|(?:Base)?Exception|[A-Z]\w+Error|[A-Z]\w+Warning", re.DOTALL
)
_MOST_BASES = 8


@dataclass(frozen=True)
class Signature:
    """Parameters, without the one that is bound."""

    positional: tuple[str, ...]
    only_positional: int
    """How many of them have no keyword."""
    required: frozenset[str]
    keywords: frozenset[str]
    """Those that have to be given by keyword."""
    any_positional: bool
    any_keyword: bool

    def wrong(self, node: ast.Call) -> str:
        """What is wrong with the arguments of *node*; empty where nothing surely is."""
        starred = any(isinstance(each, ast.Starred) for each in node.args)
        doubled = any(each.arg is None for each in node.keywords)
        named = [each.arg for each in node.keywords if each.arg is not None]
        count = sum(not isinstance(each, ast.Starred) for each in node.args)
        if count > len(self.positional) and not self.any_positional:
            most = len(self.positional)
            return f"takes {most} positional argument{'s' * (most != 1)} ({', '.join(self.positional)}), and is given {count}"
        by_name = {*self.positional[self.only_positional :], *self.keywords}
        if not self.any_keyword and (unknown := [name for name in named if name not in by_name]):
            return f"has no parameter {unknown[0]!r}; it has {', '.join([*self.positional, *sorted(self.keywords)])}"
        if not starred and (twice := [name for name in self.positional[self.only_positional : count] if name in named]):
            return f"is given {twice[0]!r} twice: by place and by name"
        if starred or doubled:
            return ""
        missing = [
            name
            for name in [*self.positional[count:], *sorted(self.keywords)]
            if name in self.required and name not in named
        ]
        return f"is not given {', '.join(missing)}" if missing else ""


def signature_of(source: Source, statement: ast.stmt, modules: Modules) -> Signature | None:
    """How what *statement* defines is called; None where that is not sure."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        plain = all(name_of_decorator(each) in _LEAVE_AS_IT_IS for each in statement.decorator_list)
        return _of_arguments(statement.args, bound=False) if plain else None
    if isinstance(statement, ast.ClassDef):
        return _of_class(source, statement, modules)
    return None


def _of_arguments(given: ast.arguments, *, bound: bool) -> Signature | None:
    positional = [each.arg for each in (*given.posonlyargs, *given.args)]
    with_default = set(positional[len(positional) - len(given.defaults) :]) if given.defaults else set()
    required = set(positional) - with_default
    required |= {each.arg for each, default in zip(given.kwonlyargs, given.kw_defaults, strict=True) if default is None}
    first = 1 if bound else 0
    if bound and not positional:
        return None
    return Signature(
        positional=tuple(positional[first:]),
        only_positional=max(len(given.posonlyargs) - first, 0),
        required=frozenset(required - set(positional[:first])),
        keywords=frozenset(each.arg for each in given.kwonlyargs),
        any_positional=given.vararg is not None,
        any_keyword=given.kwarg is not None,
    )


def _of_class(source: Source, statement: ast.ClassDef, modules: Modules) -> Signature | None:
    """Of its ``__init__``, or of the one that ``dataclass`` writes."""
    lineage = list(_lineage(source, statement, modules))
    if not lineage or lineage[-1] is None:
        return None
    classes = [each for each in lineage if each is not None]
    if any("__new__" in _names(each) or "__call__" in _names(each) or each.keywords for each in classes):
        return None
    if statement.decorator_list:
        return _of_dataclass(classes)
    for each in classes:
        if each.decorator_list:
            return None
        if "__init__" in _names(each):
            found = [node for node in each.body if isinstance(node, ast.FunctionDef) and node.name == "__init__"]
            plain = len(found) == 1 and not found[0].decorator_list
            return _of_arguments(found[0].args, bound=True) if plain else None
    return None


def _lineage(source: Source, statement: ast.ClassDef, modules: Modules) -> Iterator[ast.ClassDef | None]:
    """The class and those that it inherits from, nearest first; None at the end where one is not known."""
    for _ in range(_MOST_BASES):
        yield statement
        bases = [base for base in statement.bases if not _PLAIN_BASES.fullmatch(written(base))]
        own = [base for base in statement.bases if isinstance(base, ast.Name) and source.bound[base.id]]
        if not bases and not own:
            return
        if len(statement.bases) != 1 or not isinstance(base := statement.bases[0], ast.Name):
            break
        found = modules.defined(source.path.removesuffix(".py").removesuffix("/__init__"), base.id)
        if found is None or not isinstance(found[1], ast.ClassDef):
            break
        source, statement = found[0], found[1]
    yield None


def _names(statement: ast.ClassDef) -> set[str]:
    return {
        name.id if isinstance(name, ast.Name) else str(getattr(name, "name", ""))
        for name in ast.walk(statement)
        if isinstance(name, ast.FunctionDef | ast.AsyncFunctionDef)
        or (isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store))
    }


def _of_dataclass(classes: list[ast.ClassDef]) -> Signature | None:
    """Of a class that ``dataclass`` writes an ``__init__`` for, as all do that it inherits from."""
    fields: dict[str, Field] = {}
    for each in reversed(classes):
        own = None if "__init__" in _names(each) else fields_of(each)
        if own is None:
            return None
        fields |= own
    return Signature(
        positional=tuple(name for name, field in fields.items() if not field.by_keyword),
        only_positional=0,
        required=frozenset(name for name, field in fields.items() if field.required),
        keywords=frozenset(name for name, field in fields.items() if field.by_keyword),
        any_positional=False,
        any_keyword=False,
    )
