"""The routes of an Express application: its own, and those of routers that it uses below a path."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from engine.projects.agreeing.javascript.brackets import arguments, behind, bracket_of
from engine.projects.agreeing.javascript.modules import JsModules
from engine.projects.agreeing.javascript.tokens import Token
from engine.projects.agreeing.routes.operations import METHODS
from engine.projects.agreeing.routes.served import Route, Router, Served, served

_PLACE = re.compile(r":(\w+)")
_PLAIN = re.compile(r"/?(?::?[\w.~-]+/)*(?::?[\w.~-]+)?")
"""A path without patterns, optional parts or wildcards."""
_FUNCTIONS = frozenset({"function", "async"})
_MOST_HOPS = 8
_MOST_USES = 200


class _Use(NamedTuple):
    """``outer.use(prefix, what)``, in one file."""

    path: str
    outer: Router
    prefix: str
    what: str
    """A name of the file."""


class Express:
    """All routers of *modules*, tests apart, by the file and the name that holds them."""

    def __init__(self, modules: JsModules) -> None:
        self.modules = modules
        self._routers: dict[tuple[str, str], Router] = {}
        self._made_at: dict[tuple[str, str], int] = {}
        self._looked_up: dict[tuple[str, str], Router | bool] = {}
        self._roots: list[Router] = []
        self._uses: list[_Use] = []
        self._unsure = False
        """Whether some route is put to something that is not known."""
        paths = [path for path in modules.read if "tests/" not in path and ".test." not in path]
        for path in paths:
            if any(each.module == "express" for each in modules.modules[path].imports):
                self._make(path, modules.read[path].all)
        for path in paths if self._routers else ():
            self._read(path, modules.read[path].all)
        for use in self._uses:
            self._put(use)

    @property
    def served(self) -> Served:
        found = served(self._roots)
        return Served(found.routes, found.whole and not self._unsure, found.file)

    def _make(self, path: str, tokens: Sequence[Token]) -> None:
        """``const app = express()``, ``const router: Router = express.Router()``."""
        count = 0
        for at in range(1, len(tokens) - 2):
            is_call = tokens[at + 1].is_mark("(") and not tokens[at - 1].is_name("function")
            count += is_call and tokens[at].is_name("express", "Router")
            if not tokens[at].is_mark("="):
                continue
            words = [token.value for token in tokens[at + 1 : at + 5]]
            is_root = words[:2] == ["express", "("]
            if not is_root and words[:2] != ["Router", "("] and words != ["express", ".", "Router", "("]:
                continue
            count -= 1
            if tokens[at - 2].is_mark("."):
                # an attribute of some object
                self._unsure = True
                continue
            key = path, _assigned(tokens, at)
            if key in self._routers:
                # which of the two is meant where, its words do not say
                self._routers[key].opened = True
                continue
            end = behind(tokens, at + (2 if len(words) < 4 or words[1] == "(" else 4))
            # what is put to it at once is not read
            chained = end < len(tokens) and tokens[end].is_mark(".")
            self._routers[key] = Router(path, opened=chained)
            self._made_at[key] = at
            if is_root:
                self._roots.append(self._routers[key])
        self._unsure = self._unsure or count > 0

    def _read(self, path: str, tokens: Sequence[Token]) -> None:
        for at in range(len(tokens) - 2):
            token = tokens[at]
            if token.kind != "name" or not tokens[at + 1].is_mark("."):
                continue
            called = tokens[at + 2].value
            router = self._routers.get((path, token.value)) if not (at and tokens[at - 1].is_mark(".")) else None
            if router is not None:
                self._used(path, tokens, at, router)
            elif called in METHODS and _looks_routed(tokens, at) and self._may_be_a_router(path, token.value):
                self._unsure = True

    def _may_be_a_router(self, path: str, name: str) -> bool:
        """Whether *name* may be an application that the file was handed: it is no package's."""
        imports = self.modules.modules[path].imports
        return not any(name in each.locals and not each.module.startswith(".") for each in imports)

    def _used(self, path: str, tokens: Sequence[Token], at: int, router: Router) -> None:
        """``router.get("/path", …)``, ``router.use("/path", other)``, ``router.route("/path").get(…)``, and chains of these."""
        dot = at + 1
        while dot + 1 < len(tokens) and tokens[dot].is_mark("."):
            name, bracket = tokens[dot + 1], bracket_of(tokens, dot + 2)
            if bracket is None or bracket + 2 >= len(tokens):
                # its type parameters were too long, or it is passed on without a call
                router.opened = router.opened or name.is_name(*METHODS, "all", "use", "route")
                return
            if name.is_name("route"):
                self._route(path, tokens, bracket, router)
                return
            if name.is_name("use"):
                self._use(path, tokens, bracket, router)
            elif name.is_name(*METHODS, "all") and not (name.value == "get" and tokens[bracket + 2].is_mark(")")):
                self._add(path, tokens, name, bracket, router)
            dot = behind(tokens, bracket)

    def _add(self, path: str, tokens: Sequence[Token], name: Token, bracket: int, router: Router) -> None:
        given, end = tokens[bracket + 1], tokens[bracket + 2]
        if given.is_text and end.is_mark(",") and _PLAIN.fullmatch(given.value):
            self._put_route(path, name, given.value, router)
        else:
            router.opened = True

    def _put_route(self, path: str, name: Token, given: str, router: Router) -> None:
        method = "" if name.value == "all" else name.value.upper()
        router.routes.append(Route(method, _places(given), path, self.modules.read[path].line(name)))

    def _route(self, path: str, tokens: Sequence[Token], bracket: int, router: Router) -> None:
        given = tokens[bracket + 1]
        if not given.is_text or not tokens[bracket + 2].is_mark(")") or not _PLAIN.fullmatch(given.value):
            router.opened = True
            return
        dot = bracket + 3
        while dot + 2 < len(tokens) and tokens[dot].is_mark("."):
            name, inner = tokens[dot + 1], bracket_of(tokens, dot + 2)
            if inner is None:
                router.opened = True
                return
            if name.is_name(*METHODS, "all"):
                self._put_route(path, name, given.value, router)
            dot = behind(tokens, inner)

    def _use(self, path: str, tokens: Sequence[Token], bracket: int, router: Router) -> None:
        """Everything between the bracket and the one that closes it."""
        prefix = ""
        for number, (begin, end) in enumerate(arguments(tokens, bracket)):
            first, behind = tokens[begin], tokens[begin + 1]
            if number == 0 and first.is_text and _PLAIN.fullmatch(first.value):
                prefix = first.value
            elif first.is_mark("(") or first.is_name(*_FUNCTIONS) or behind.is_mark("=>"):
                continue
            elif len(self._uses) >= _MOST_USES:
                router.opened = True
            elif first.kind == "name" and (end == begin + 1 or behind.is_mark("(")):
                self._uses.append(_Use(path, router, prefix, first.value))
            elif first.kind == "name" and behind.is_mark(".") and not self._may_be_a_router(path, first.value):
                continue
            else:
                router.opened = True

    def _put(self, use: _Use) -> None:
        """The router that *use* names into that which uses it; what is no router of ours adds no route."""
        key = use.path, use.what
        if key not in self._looked_up:
            self._looked_up[key] = self._found(use.path, use.what, 0)
        found = self._looked_up[key]
        if isinstance(found, Router):
            use.outer.inner.append((_places(use.prefix).rstrip("/"), found))
            self._roots = [root for root in self._roots if root is not found]
        elif found:
            use.outer.opened = True

    def _found(self, path: str, name: str, hops: int) -> Router | bool:
        """The router that *name* is, or gives, in the file *path*; False where it surely is none, True where it may be."""
        if (path, name) in self._routers:
            return self._routers[path, name]
        if hops > _MOST_HOPS or path not in self.modules.modules:
            return True
        for each in self.modules.modules[path].imports:
            if name in each.locals:
                if not each.module.startswith("."):
                    return False
                target = self.modules.beside(path, each.module)
                return True if target is None else self._given(target, each.locals[name], hops + 1)
        return self._defined(path, name, hops)

    def _given(self, path: str, name: str, hops: int) -> Router | bool:
        """What the file at *path* gives away as *name*."""
        read = self.modules.read.get(path)
        if read is None or name == "*":
            return True
        if name != "default":
            return self._found(path, name, hops)
        for at, token in enumerate(read.all[:-1]):
            is_default = token.is_name("default") and at and read.all[at - 1].is_name("export")
            is_exports = token.is_mark("=") and at > 2 and read.all[at - 1].is_name("exports")
            if is_default or is_exports:
                begin = at + 1
                while read.all[begin].is_name(*_FUNCTIONS) and begin + 2 < len(read.all):
                    begin += 1
                return self._found(path, read.all[begin].value, hops) if read.all[begin].kind == "name" else True
        return True

    def _defined(self, path: str, name: str, hops: int) -> Router | bool:
        """What ``function name`` or ``const name =`` of the file comes to."""
        tokens = self.modules.read[path].all
        for at in range(1, len(tokens) - 2):
            if not tokens[at].is_name(name):
                continue
            if tokens[at - 1].is_name("function"):
                return self._made_within(path, at, _end_of_function(tokens, at + 1))
            if tokens[at - 1].is_name("const", "let", "var"):
                begin = next((here for here in range(at, min(at + 12, len(tokens))) if tokens[here].is_mark("=")), at)
                value = tokens[begin + 1 : begin + 3]
                if value[0].is_mark("(") or value[0].is_name(*_FUNCTIONS) or value[-1].is_mark("=>"):
                    return self._made_within(path, at, _end_of_function(tokens, begin + 1))
                if value[0].kind == "name" and value[-1].is_mark("("):
                    return self._found(path, value[0].value, hops + 1)
                return True
        return True

    def _made_within(self, path: str, begin: int, end: int) -> Router | bool:
        """What a function gives: the one router that it makes, or else the one that it names."""
        own = {name: router for (where, name), router in self._routers.items() if where == path}
        named = {token.value for token in self.modules.read[path].all[begin:end] if token.kind == "name"}
        made = [self._routers[key] for key, at in self._made_at.items() if key[0] == path and begin <= at < end]
        inside = made or [router for name, router in own.items() if name in named]
        if inside:
            return inside[0] if len(inside) == 1 else True
        imports = self.modules.modules[path].imports
        return any(each.module.startswith(".") and not named.isdisjoint(each.locals) for each in imports)


def _assigned(tokens: Sequence[Token], at: int) -> str:
    """What is assigned to at the sign *at*: also ``const name: Type = …``."""
    begin = at - 1
    while begin > 0 and at - begin < 8 and not tokens[begin].is_name("const", "let", "var"):
        begin -= 1
    return tokens[begin + 1].value if tokens[begin].is_name("const", "let", "var") else tokens[at - 1].value


def _looks_routed(tokens: Sequence[Token], at: int) -> bool:
    """Whether ``name.get("/…", …)`` is called there."""
    return (
        at + 5 < len(tokens)
        and tokens[at + 4].is_text
        and tokens[at + 4].value.startswith("/")
        and tokens[at + 5].is_mark(",")
    )


def _places(path: str) -> str:
    return _PLACE.sub(r"{\1}", path)


def _end_of_function(tokens: Sequence[Token], at: int) -> int:
    """The place behind its body, or the end of the statement where that is one expression."""
    depth = 0
    while at < len(tokens):
        depth += tokens[at].is_mark("(", "[", "{") - tokens[at].is_mark(")", "]", "}")
        if not depth and tokens[at].is_mark("}", ";"):
            return at + 1
        at += 1
    return at
