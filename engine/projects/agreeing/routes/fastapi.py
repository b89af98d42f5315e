"""The routes of a FastAPI application: decorators, routers with their prefixes, and where these are included."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.projects.agreeing.python.importing import module_meant
from engine.projects.agreeing.python.modules import Modules
from engine.projects.agreeing.python.source import Function, Source, written
from engine.projects.agreeing.routes.constants import place_of, text_of
from engine.projects.agreeing.routes.operations import METHODS
from engine.projects.agreeing.routes.served import Route, Router, Served, served

_MAKES = frozenset({"FastAPI", "APIRouter"})
_CONVERTER = re.compile(r"\{([^{}:]+):[^{}]*\}")
_ADDING = frozenset("router routes route add_route host".split())
"""Attributes of an application by which it may get a route that is not read here."""


@dataclass(frozen=True)
class Handler:
    """A function behind a route."""

    route: Route
    source: Source
    function: ast.FunctionDef | ast.AsyncFunctionDef
    decorator: ast.Call


class FastApi:
    """All routers of *modules*, tests apart, by the file and the name that holds them."""

    def __init__(self, modules: Modules) -> None:
        self.modules = modules
        self._routers: dict[tuple[str, str], Router] = {}
        self._roots: list[Router] = []
        self._handlers: list[Handler] = []
        self._unsure = False
        """Whether some route is put to something that is not known."""
        sources = [source for path, source in modules.sources.items() if "tests/" not in path]
        for source in sources:
            self._made(source)
        for source in sources:
            self._used(source)

    @property
    def served(self) -> Served:
        found = served(self._roots)
        return Served(found.routes, found.whole and not self._unsure, found.file)

    def handlers(self) -> Iterator[Handler]:
        """Functions with their routes, without what the router is put below."""
        return iter(self._handlers)

    def _made(self, source: Source) -> None:
        """Names that are given an application or a router."""
        made = 0
        for node in source.nodes:
            made += isinstance(node, ast.Call) and _kind(node) in _MAKES
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call):
                    pass
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.Call() as call):
                    pass
                case _:
                    continue
            if (kind := _kind(call)) not in _MAKES:
                continue
            made -= 1
            if (source.path, name) in self._routers:
                # which of the two is meant where, the text does not say
                self._routers[source.path, name].opened = True
                continue
            router = Router(source.path)
            given = {option.arg: option.value for option in call.keywords}
            if "prefix" in given:
                prefix = text_of(source, given["prefix"], self.modules)
                router.prefix, router.opened = prefix or "", prefix is None
            router.opened = router.opened or None in given or "routes" in given
            self._routers[source.path, name] = router
            if kind == "FastAPI":
                self._roots.append(router)
        self._unsure = self._unsure or made > 0

    def _used(self, source: Source) -> None:
        for node in source.nodes:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for decorator in node.decorator_list:
                    self._decorated(source, node, decorator)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                self._called(source, node, node.func)
            elif isinstance(node, ast.Attribute) and node.attr in _ADDING and self._router(source, node.value):
                self._unsure = True

    def _decorated(self, source: Source, function: ast.FunctionDef | ast.AsyncFunctionDef, node: ast.expr) -> None:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            return
        if node.func.attr not in METHODS and node.func.attr != "api_route":
            return
        router = self._router(source, node.func.value)
        if router is None:
            self._unsure = True
            return
        for route in self._routes(source, node, node.func.attr, router):
            router.routes.append(route)
            self._handlers.append(Handler(route, source, function, node))

    def _called(self, source: Source, node: ast.Call, function: ast.Attribute) -> None:
        if function.attr not in {"add_api_route", "include_router", "mount"}:
            return
        router = self._router(source, function.value)
        if router is None:
            self._unsure = True
        elif function.attr == "add_api_route":
            router.routes += self._routes(source, node, "api_route", router)
        elif function.attr == "include_router":
            self._include(source, node, router)
        else:
            self._mount(source, node, router)

    def _mount(self, source: Source, node: ast.Call, router: Router) -> None:
        inner = self._router(source, node.args[1]) if len(node.args) > 1 else None
        prefix = text_of(source, node.args[0], self.modules) if node.args else None
        if inner is not None and prefix is not None:
            router.inner.append((prefix, inner))
            self._roots = [root for root in self._roots if root is not inner]
        elif "StaticFiles" not in written(node):
            router.opened = True

    def _include(self, source: Source, node: ast.Call, router: Router) -> None:
        given = {option.arg: option.value for option in node.keywords}
        inner = self._router(source, node.args[0] if node.args else given.get("router"))
        prefix = text_of(source, given["prefix"], self.modules) if "prefix" in given else ""
        if inner is None or prefix is None or None in given:
            router.opened = True
        else:
            router.inner.append((prefix, inner))

    def _routes(self, source: Source, node: ast.Call, name: str, router: Router) -> Iterator[Route]:
        given = {option.arg: option.value for option in node.keywords}
        path = text_of(source, node.args[0] if node.args else given.get("path"), self.modules)
        methods = [name.upper()]
        if name == "api_route":
            listed = given.get("methods")
            methods = _texts(listed) if listed is not None else ["GET"]
        if path is None or not methods or None in given:
            router.opened = True
            return
        for method in methods:
            yield Route(method.upper(), _CONVERTER.sub(r"{\1}", path), source.path, node.lineno)

    def _router(self, source: Source, node: ast.expr | None) -> Router | None:
        """The router that *node* is: by a name of this file, one that was imported, or an attribute of a module."""
        if isinstance(node, ast.Name):
            if (source.path, node.id) in self._routers:
                return self._routers[source.path, node.id]
            return self._at(place_of(source), node.id)
        if isinstance(node, ast.Attribute):
            place = module_meant(source, node.value, self.modules)
            return None if place is None else self._at(place, node.attr)
        return None

    def _at(self, place: str, name: str) -> Router | None:
        found = self.modules.defined(place, name)
        if found is None or isinstance(found[1], Function | ast.ClassDef):
            return None
        where, statement = found
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        return next((self._routers[where.path, each] for each in names if (where.path, each) in self._routers), None)


def _kind(node: ast.Call) -> str:
    """The last name of what is called."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _texts(node: ast.expr) -> list[str]:
    """Those of a list that is written out; none where it is not."""
    if not isinstance(node, ast.List | ast.Tuple | ast.Set):
        return []
    found = [each.value for each in node.elts if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    return found if len(found) == len(node.elts) else []
