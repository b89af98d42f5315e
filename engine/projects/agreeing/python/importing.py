"""Imports that lead nowhere, and names that the module they are taken from does not have."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from engine.domain import Finding
from engine.projects.agreeing.parts import Part, shown
from engine.projects.agreeing.python.guarding import is_guarded, is_ignored
from engine.projects.agreeing.python.modules import Modules
from engine.projects.agreeing.python.packages import Declared, is_of_python
from engine.projects.agreeing.python.source import Source, written


def unfound(part: Part, modules: Modules, declared: Declared) -> Iterator[Finding]:
    """What a file imports, and cannot have."""
    for source in modules.sources.values():
        for node in source.nodes:
            if not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            if is_guarded(source, node, importing=True) or is_ignored(source, node):
                continue
            told = list(_unfound(source, node, modules, declared))
            for message in told:
                yield part.wrong("python/import", source.path, node.lineno, message)
            if not told and isinstance(node, ast.ImportFrom):
                yield from _unnamed(part, source, node, modules, declared)


def _unfound(source: Source, node: ast.Import | ast.ImportFrom, modules: Modules, declared: Declared) -> Iterator[str]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield from _module(source, alias.name, modules, declared)
    elif not node.level:
        yield from _module(source, node.module or "", modules, declared)
    elif modules.beside(source.path, node.level, node.module) is None and not modules.is_hooked:
        yield f"`{_said(node)}` leads to no module of this component"


def _unnamed(
    part: Part, source: Source, node: ast.ImportFrom, modules: Modules, declared: Declared
) -> Iterator[Finding]:
    place = modules.target(source, node)
    if place is None or (not node.level and _is_shared(node.module or "", declared)):
        return
    for alias in node.names:
        if alias.name != "*" and not modules.has(place, alias.name):
            told = f"{node.module or place.replace('/', '.')} has no {alias.name!r}; it has {modules.shown(place)}"
            yield part.between("python/name", source.path, node.lineno, modules.path_of(place), told)


def _module(source: Source, module: str, modules: Modules, declared: Declared) -> Iterator[str]:
    if modules.find(module, source.path) is not None:
        return
    if modules.is_own(module, source.path):
        # one of the same name may be had from elsewhere
        if not _is_shared(module, declared) and not modules.is_hooked:
            yield f"this component has no module {module}"
    elif not declared.may_bring(module):
        top = module.partition(".")[0]
        yield (
            f"{top} is no module of this component or of Python, and nothing that pyproject.toml declares brings it"
            f" ({shown(declared.names)}): declare what does, or do without"
        )


def _is_shared(module: str, declared: Declared) -> bool:
    return is_of_python(module) or declared.has(module)


def _said(node: ast.ImportFrom) -> str:
    return written(node)


def unhad(part: Part, modules: Modules) -> Iterator[Finding]:
    """What is asked of a module of the component's own as its attribute, and is not there."""
    for source in modules.sources.values():
        for node in source.nodes:
            if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Load):
                continue
            place = module_meant(source, node.value, modules)
            if place is None or modules.has(place, node.attr):
                continue
            if is_guarded(source, node, importing=False) or is_ignored(source, node):
                continue
            told = f"{place.replace('/', '.')} has no {node.attr!r}; it has {modules.shown(place)}"
            yield part.between("python/name", source.path, node.lineno, modules.path_of(place), told)


def module_meant(source: Source, node: ast.expr, modules: Modules) -> str | None:
    """The place of the component's own module that *node* surely is."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or source.bound[node.id] != 1:
        return None
    place = _bound_to_module(source, node.id, modules)
    for name in reversed(names):
        if place is None:
            return None
        place = None if modules.hides(place, name) else modules.submodule(place, name)
    return place


def _bound_to_module(source: Source, name: str, modules: Modules) -> str | None:
    if name not in source.imported:
        return None
    node, alias = source.imported[name]
    if isinstance(node, ast.Import):
        return modules.find(alias.name if alias.asname else name, source.path)
    target = modules.target(source, node)
    if target is None:
        return None
    return None if modules.hides(target, alias.name) else modules.submodule(target, alias.name)
