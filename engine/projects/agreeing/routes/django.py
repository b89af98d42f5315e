"""The routes of a Django project: ``urlpatterns`` from its ROOT_URLCONF on."""

from __future__ import annotations

import ast
import re

from engine.projects.agreeing.python.importing import module_meant
from engine.projects.agreeing.python.modules import Modules
from engine.projects.agreeing.python.source import Source, written
from engine.projects.agreeing.routes.constants import place_of, text_of
from engine.projects.agreeing.routes.operations import METHODS
from engine.projects.agreeing.routes.served import Route, Router, Served, served

_PLACE = re.compile(r"<(?:[^<>:]+:)?([^<>:]+)>")
_ONE_METHOD = {"require_GET": ["GET"], "require_POST": ["POST"], "require_safe": ["GET", "HEAD"]}
_PASSING_ON = frozenset({"csrf_exempt", "never_cache", "cache_page", "ensure_csrf_cookie", "transaction.atomic"})
"""What a view may be wrapped in, and answers as before."""
_NOT_OURS = re.compile(r"\badmin\.site\b|\bstatic\(|\bstaticfiles_urlpatterns\(")
_MOST_DEPTH = 12
_MOST_MODULES = 300


class Django:
    """The patterns that are reached from the settings."""

    def __init__(self, modules: Modules) -> None:
        self.modules = modules
        self._open: set[str] = set()
        self._count = 0
        self._roots = [self._patterns(place, 0) for place in sorted(self._root_places())]

    @property
    def served(self) -> Served:
        return served(self._roots)

    def _root_places(self) -> set[str]:
        found: set[str] = set()
        for source in self.modules.sources.values():
            for node in source.tree.body:
                if isinstance(node, ast.Assign) and any(
                    isinstance(target, ast.Name) and target.id == "ROOT_URLCONF" for target in node.targets
                ):
                    module = text_of(source, node.value, self.modules)
                    place = self.modules.find(module, source.path) if module else None
                    if place is not None and self.modules.source_at(place) is not None:
                        found.add(place)
        return found

    def _patterns(self, place: str, depth: int) -> Router:
        """Those of the module at *place*."""
        source = self.modules.source_at(place)
        self._count += 1
        if source is None or depth > _MOST_DEPTH or place in self._open or self._count > _MOST_MODULES:
            return Router(place, opened=True)
        router = Router(source.path)
        self._open.add(place)
        listed = False
        for node in source.nodes:
            match node:
                case ast.Assign(targets=[ast.Name(id="urlpatterns")], value=value):
                    listed = True
                    self._list(source, value, router, depth)
                case ast.AnnAssign(target=ast.Name(id="urlpatterns"), value=ast.expr() as value):
                    listed = True
                    self._list(source, value, router, depth)
                case ast.AugAssign(target=ast.Name(id="urlpatterns"), value=value):
                    self._list(source, value, router, depth)
                case ast.Attribute(value=ast.Name(id="urlpatterns")):
                    router.opened = True
                case _:
                    pass
        self._open.discard(place)
        router.opened = router.opened or not listed
        return router

    def _list(self, source: Source, node: ast.expr, router: Router, depth: int) -> None:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            self._list(source, node.left, router, depth)
            self._list(source, node.right, router, depth)
        elif isinstance(node, ast.List | ast.Tuple):
            for each in node.elts:
                self._entry(source, each, router, depth)
        elif not _NOT_OURS.search(written(node)):
            router.opened = True

    def _entry(self, source: Source, node: ast.expr, router: Router, depth: int) -> None:
        said = written(node)
        if _NOT_OURS.search(said):
            return
        if not isinstance(node, ast.Call) or len(node.args) < 2 or _name(node.func) != "path":
            router.opened = True
            return
        path = text_of(source, node.args[0], self.modules)
        view = node.args[1]
        if path is None:
            router.opened = True
            return
        # the first slash is Django's own
        prefix = ("" if depth else "/") + _PLACE.sub(r"{\1}", path)
        if isinstance(view, ast.Call) and _name(view.func) == "include":
            self._include(source, view, router, prefix, depth)
            return
        for method in self._methods(source, view):
            router.routes.append(Route(method, prefix, source.path, node.lineno))

    def _include(self, source: Source, node: ast.Call, router: Router, prefix: str, depth: int) -> None:
        what = node.args[0] if node.args else None
        if isinstance(what, ast.Tuple) and what.elts:
            what = what.elts[0]
        if isinstance(what, ast.List):
            inner = Router(source.path)
            self._list(source, what, inner, depth + 1)
            router.inner.append((prefix, inner))
            return
        module = text_of(source, what, self.modules)
        place = self.modules.find(module, source.path) if module else None
        if place is None and what is not None:
            place = module_meant(source, what, self.modules)
        if place is None:
            router.opened = True
        else:
            router.inner.append((prefix, self._patterns(place, depth + 1)))

    def _methods(self, source: Source, view: ast.expr) -> list[str]:
        """Those that *view* answers; an empty one where it may answer any."""
        if isinstance(view, ast.Call) and isinstance(view.func, ast.Attribute) and view.func.attr == "as_view":
            found = self._defined(source, view.func.value)
            return _of_class(found) if isinstance(found, ast.ClassDef) and not view.keywords else [""]
        if isinstance(view, ast.Call) and _name(view.func) in _PASSING_ON and len(view.args) == 1:
            return self._methods(source, view.args[0])
        found = self._defined(source, view)
        if not isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef):
            return [""]
        for decorator in found.decorator_list:
            if methods := _of_decorator(decorator):
                return methods
        return [""]

    def _defined(self, source: Source, node: ast.expr) -> ast.stmt | None:
        if isinstance(node, ast.Name):
            found = self.modules.defined(place_of(source), node.id)
        elif isinstance(node, ast.Attribute) and (place := module_meant(source, node.value, self.modules)) is not None:
            found = self.modules.defined(place, node.attr)
        else:
            found = None
        return found[1] if found is not None else None


def _name(node: ast.expr) -> str:
    return written(node).removeprefix("urls.").removeprefix("django.urls.")


def _of_decorator(node: ast.expr) -> list[str]:
    name = written(node.func if isinstance(node, ast.Call) else node).rpartition(".")[2]
    if name in _ONE_METHOD:
        return _ONE_METHOD[name]
    if name in {"require_http_methods", "api_view"} and isinstance(node, ast.Call):
        if not node.args:
            return ["GET"] if name == "api_view" else []
        listed = node.args[0]
        texts = [
            each.value for each in ast.walk(listed) if isinstance(each, ast.Constant) and isinstance(each.value, str)
        ]
        return [text.upper() for text in texts] if isinstance(listed, ast.List | ast.Tuple | ast.Set) else []
    return []


def _of_class(node: ast.ClassDef) -> list[str]:
    """Methods of a view that inherits from Django's plainest class alone."""
    if [written(base).rpartition(".")[2] for base in node.bases] not in (["View"], ["APIView"]):
        return [""]
    names = {each.name for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}
    if "dispatch" in names:
        return [""]
    return [method.upper() for method in METHODS if method in names] or [""]
