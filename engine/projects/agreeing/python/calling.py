"""Calls of the component's own functions and classes with arguments that they do not take."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from engine.domain import Finding
from engine.projects.agreeing.parts import Part
from engine.projects.agreeing.python.guarding import is_guarded, is_ignored
from engine.projects.agreeing.python.importing import module_meant
from engine.projects.agreeing.python.modules import Modules
from engine.projects.agreeing.python.signatures import Signature, signature_of
from engine.projects.agreeing.python.source import Source

_Known = dict[ast.stmt, Signature | None]


def miscalled(part: Part, modules: Modules) -> Iterator[Finding]:
    known: _Known = {}
    for source in modules.sources.values():
        for node in source.nodes:
            if not isinstance(node, ast.Call) or (found := _defined(source, node.func, modules)) is None:
                continue
            where, statement = found
            if statement not in known:
                known[statement] = signature_of(where, statement, modules)
            signature = known[statement]
            if signature is None or not (wrong := signature.wrong(node)):
                continue
            if is_guarded(source, node, importing=False) or is_ignored(source, node):
                continue
            name = getattr(statement, "name", "")
            yield part.between("python/call", source.path, node.lineno, where.path, f"{name} of {where.path} {wrong}")


def _defined(source: Source, node: ast.expr, modules: Modules) -> tuple[Source, ast.stmt] | None:
    """Where what *node* names is defined, if that is in a file of the component."""
    place = source.path.removesuffix(".py").removesuffix("/__init__")
    if isinstance(node, ast.Name):
        if source.bound[node.id] != 1:
            return None
        imported, alias = source.imported.get(node.id, (None, None))
        if alias is None:
            return modules.defined(place, node.id)
        target = modules.target(source, imported) if isinstance(imported, ast.ImportFrom) else None
        return modules.defined(target, alias.name) if target is not None else None
    if isinstance(node, ast.Attribute) and (module := module_meant(source, node.value, modules)) is not None:
        return modules.defined(module, node.attr)
    return None
