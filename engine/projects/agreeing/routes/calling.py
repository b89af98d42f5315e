"""Calls over HTTP that a component's code makes in so many words: are they operations of what it calls?"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from engine.domain import Finding
from engine.projects.agreeing.javascript.modules import JsModules
from engine.projects.agreeing.javascript.requests import Request, Requests
from engine.projects.agreeing.javascript.tokens import Tokens
from engine.projects.agreeing.parts import Part, shown
from engine.projects.agreeing.python.modules import Modules
from engine.projects.agreeing.routes.asking import requests_of
from engine.projects.agreeing.routes.operations import ANY, Operation, ending_in, matching

_ABSOLUTE = re.compile(r"(?:https?:)?//([^/:?#]*)(?::[0-9]+)?(.*)", re.DOTALL)
_HERE = frozenset({"localhost", "127.0.0.1", "0.0.0.0"})  # noqa: S104  # addresses that a page must not name
_NOT_OF_A_NAME = re.compile(r"[^a-z0-9]")


class _Wrong(NamedTuple):
    rule: str
    message: str


class _Caller:
    """One component, and what it may call."""

    def __init__(self, part: Part, operations: Sequence[Operation], health: Collection[str]) -> None:
        self.part = part
        self.everyone = operations
        self.own = [operation for operation in operations if operation.interface in part.component.calls]
        self.health = health
        self.is_page = part.component.kind == "page"

    def wrong(self, request: Request) -> _Wrong | None:
        """What is wrong with *request*; None where nothing surely is."""
        if absolute := _ABSOLUTE.fullmatch(request.url):
            if not self.is_page or absolute[1] not in _HERE | {operation.owner for operation in self.everyone}:
                return None
            return _Wrong(
                "calls/absolute",
                f"{_shown(request.url)} names a host: a page calls the paths of its own origin, as /api/…",
            )
        path = re.split(r"[?#]", request.url)[0]
        path = path.rstrip("/") or path
        if not path.startswith(("/", ANY)) or self._is_something_else(request, path):
            return None
        found = _offered(path, self.own, open_end=request.open_end)
        if found:
            methods = {operation.method for operation in found}
            if not request.method or request.method in methods:
                return None
            return _Wrong(
                "calls/method",
                f"{request.method} {_shown(path)} is no operation: there is {shown(methods)} at that path",
            )
        return None if found is None else self._unknown(path, open_end=request.open_end)

    def _is_something_else(self, request: Request, path: str) -> bool:
        """Whether it may be meant for nobody's interface: a file, a health path, somebody outside."""
        last = path.rpartition("/")[2]
        is_file = f"public{path}" in self.part.files
        if is_file or path in self.health or "." in last.replace(ANY, "") or not path.strip(f"/{ANY}"):
            return True
        if not path.startswith(ANY):
            return not self.is_page
        first = path.strip(f"/{ANY}").partition("/")[0]
        known = {operation.path.strip("/").partition("/")[0] for operation in self.everyone}
        return first not in known or not (self.is_page or self._is_named(request.base))

    def _is_named(self, base: str) -> bool:
        """Whether *base* is called like an interface, as the variable is that tells where it answers."""
        plain = _NOT_OF_A_NAME.sub("", base.lower())
        names = {name for operation in self.own for name in (operation.interface, operation.owner)}
        return any(_NOT_OF_A_NAME.sub("", name) in plain for name in names)

    def _unknown(self, path: str, *, open_end: bool) -> _Wrong:
        name = self.part.component.name
        if others := _offered(path, self.everyone, open_end=open_end):
            interface = others[0].interface
            return _Wrong(
                "calls/interface", f"{_shown(path)} is one of {interface}, which {name} does not call by the plan"
            )
        offered = shown((operation.called for operation in self.own), 20)
        return _Wrong("calls/path", f"{_shown(path)} is no path of what {name} calls: there are {offered}")


def miscalled_over_http(
    part: Part, modules: Modules, js_modules: JsModules, operations: Sequence[Operation], health: Collection[str]
) -> Iterator[Finding]:
    """*operations* are those of all interfaces; *health* the paths that all components answer anyway."""
    if not part.component.calls:
        return
    caller = _Caller(part, operations, health)
    in_js = Requests(js_modules)
    for path in in_js.paths if part.component.kind == "page" else ():
        for line, address in _named_hosts(js_modules.read[path]):
            told = f"{_shown(address)} names a host: a page calls the paths of its own origin, as /api/…"
            yield part.wrong("calls/absolute", path, line, told)
    found = [(path, request) for path in in_js.paths for request in in_js.of(path)]
    found += [
        (path, request)
        for path, source in modules.sources.items()
        if "tests/" not in path
        for request in requests_of(source)
    ]
    for path, request in found:
        if (wrong := caller.wrong(request)) is not None:
            yield part.wrong(wrong.rule, path, request.line, wrong.message)


def _named_hosts(read: Tokens) -> Iterator[tuple[int, str]]:
    """Addresses of this machine that are kept to be put before paths: by a name, an option, or where a setting is missing."""
    for before, token in pairwise(read.all):
        absolute = _ABSOLUTE.fullmatch(token.value) if token.kind in {"text", "template"} else None
        if absolute and absolute[1] in _HERE and before.is_mark("=", ":", "??", "||"):
            yield read.line(token), token.value


def _offered(path: str, operations: Sequence[Operation], *, open_end: bool) -> list[Operation] | None:
    """Operations that are meant by *path*; None where that cannot be told."""
    is_whole = not path.startswith(ANY)
    path = path.lstrip(ANY)
    found = matching(path, operations) if is_whole else ending_in(path, operations)
    if found or not open_end:
        return found
    # what follows may be a query, or further parts of the path
    begin = path.partition(ANY)[0]
    if not begin.endswith("/"):
        shorter = matching(begin, operations) if is_whole else ending_in(begin, operations)
        if shorter:
            return shorter
    may_go_on = not is_whole or any(_begins(operation.path, begin) for operation in operations)
    return None if may_go_on else []


def _begins(path: str, begin: str) -> bool:
    parts, given = path.split("/"), begin.split("/")
    *whole, last = given
    return (
        len(given) <= len(parts)
        and all("{" in part or part == each for part, each in zip(parts, whole, strict=False))
        and ("{" in parts[len(whole)] or parts[len(whole)].startswith(last))
    )


def _shown(path: str) -> str:
    return path.replace(ANY, "${…}")
