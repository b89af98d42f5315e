"""Calls over HTTP that code in JavaScript makes in so many words: by ``fetch``, by axios, or by a function around these."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from engine.projects.agreeing.javascript.brackets import behind, bracket_of
from engine.projects.agreeing.javascript.modules import JsModules
from engine.projects.agreeing.javascript.tokens import Token
from engine.projects.agreeing.routes.operations import ANY

ASKING = frozenset("get post put patch delete head".split())
_AXIOS = frozenset({"axios", "ky", "ofetch"})
_OBJECTS = frozenset({"window", "globalThis", "self"})
_METHOD = re.compile(r"GET|POST|PUT|PATCH|DELETE|HEAD", re.IGNORECASE)
_ONE_PART = re.compile(
    r"encodeURIComponent\(.*\)|String\(.*\)|(?:.*[.\[\]'\"(])?\w*(?:[iI]d|ID|[kK]ey|[sS]lug|[nN]umber|[iI]ndex)\)?",
    re.DOTALL,
)
"""Expressions that surely stand for one part of a path."""
_MOST_OF_A_HOLE = 200
_MOST_BEFORE_A_BODY = 60
_MOST_OF_A_BODY = 2_000
"""Tokens that are looked at."""
_MOST_KNOWN = 200


class Request(NamedTuple):
    """One call."""

    url: str
    """With `ANY` for what is not known."""
    method: str
    """In capitals; empty where it is not known."""
    line: int
    open_end: bool
    """Whether what is not known may be more than one part of the path, or a query behind it."""
    base: str = ""
    """Source of the expression that the address begins with."""


class _Known(NamedTuple):
    """A function or an object of the component by which it calls."""

    path: str
    name: str
    before: str
    """What is put before the address that it is given."""
    is_client: bool = False
    """Whether it is an object with a method for each of HTTP's."""


class Requests:
    """Those of all files but tests and configuration."""

    def __init__(self, modules: JsModules) -> None:
        self.modules = modules
        self.paths = [
            path for path in modules.read if "tests/" not in path and ".test." not in path and "config" not in path
        ]
        known = (known for path in self.paths for known in _known_in(path, modules.read[path].all))
        self._known = list(islice(known, _MOST_KNOWN))

    def of(self, path: str) -> Iterator[Request]:
        tokens = self.modules.read[path].all
        named = {name: known for known in self._known for name in self._names_of(known, path)}
        for each in self.modules.modules[path].imports:
            if each.module in _AXIOS:
                named |= {name: _Known(path, name, ANY, is_client=True) for name in each.locals}
        is_own = any("fetch" in each.locals for each in self.modules.modules[path].imports)
        for at in range(len(tokens) - 2):
            if is_own and tokens[at].is_name("fetch") and "fetch" not in named:
                continue
            if (found := _called(tokens, at, named)) is None:
                continue
            before, method, is_fixed = found
            bracket = bracket_of(tokens, at + 1)
            if bracket is not None and bracket + 2 < len(tokens):
                line = self.modules.read[path].line(tokens[at])
                yield from _request(tokens, bracket, before, method, line, is_fixed=is_fixed)

    def _names_of(self, known: _Known, path: str) -> Iterator[str]:
        """What *known* is called in the file *path*."""
        if known.path == path:
            yield known.name
            return
        for each in self.modules.modules[path].imports:
            if each.module.startswith(".") and self.modules.beside(path, each.module) == known.path:
                yield from (here for here, there in each.locals.items() if there == known.name)


def is_one_part(expression: str) -> bool:
    """Whether it surely stands for one part of a path, and no query."""
    return _ONE_PART.fullmatch(expression.strip().rstrip("_")[:_MOST_OF_A_HOLE]) is not None


def _called(tokens: Sequence[Token], at: int, named: dict[str, _Known]) -> tuple[str, str, bool] | None:
    """What is put before the address, the method, and whether it is fixed; None where nothing is asked."""
    token = tokens[at]
    if token.kind != "name" or (at and tokens[at - 1].is_name("function")):
        return None
    behind_dot = bool(at) and tokens[at - 1].is_mark(".", "?.")
    holder = tokens[at - 2].value if behind_dot and at > 1 else ""
    if token.value == "fetch" and (not behind_dot or holder in _OBJECTS) and "fetch" not in named:
        return "", "GET", False
    if behind_dot and token.value in ASKING and holder in named and named[holder].is_client:
        return named[holder].before, token.value.upper(), True
    if not behind_dot and token.value in named and not named[token.value].is_client:
        return named[token.value].before, "", False
    return None


def _request(
    tokens: Sequence[Token], bracket: int, before: str, method: str, line: int, *, is_fixed: bool
) -> Iterator[Request]:
    first, at = tokens[bracket + 1], bracket + 2
    if first.kind not in {"text", "template"}:
        return
    url = first.value
    holes = first.holes[1:] if url.startswith(ANY) else first.holes
    open_end = not all(map(is_one_part, holes))
    while at + 1 < len(tokens) and tokens[at].is_mark("+"):
        # what is put behind it may be anything
        url, open_end = f"{url.rstrip(ANY)}{ANY}", True
        at += 1
        while at < len(tokens) and not tokens[at].is_mark(",", ")", "+"):
            at = behind(tokens, at)
    base = first.holes[0].strip()[:_MOST_OF_A_HOLE] if url.startswith(ANY) and first.holes else ""
    if before == ANY and re.match(r"https?:", url):
        before = ""
    yield Request(f"{before}{url}", method if is_fixed else _method(tokens, at, method), line, open_end, base)


def _method(tokens: Sequence[Token], at: int, usual: str) -> str:
    """What the arguments from the comma at *at* on say of it; empty where that is not sure."""
    if at + 2 >= len(tokens) or tokens[at].is_mark(")") or tokens[at + 1].is_mark(")"):
        return usual
    given = tokens[at + 1]
    if given.is_text and _METHOD.fullmatch(given.value) and tokens[at + 2].is_mark(",", ")"):
        return given.value.upper()
    return _method_of_options(tokens, at + 1, usual) if tokens[at].is_mark(",") and given.is_mark("{") else ""


def _method_of_options(tokens: Sequence[Token], brace: int, usual: str) -> str:
    """Of ``{ method: "POST", … }``."""
    end, depth = behind(tokens, brace), 0
    for at in range(brace, end - 1):
        token = tokens[at]
        if depth == 1 and token.is_mark("..."):
            return ""
        if depth == 1 and token.value == "method" and tokens[at - 1].is_mark("{", ","):
            is_said = tokens[at + 1].is_mark(":") and tokens[at + 2].is_text and tokens[at + 3].is_mark(",", "}")
            return tokens[at + 2].value.upper() if is_said else ""
        depth += token.is_mark("(", "[", "{") - token.is_mark(")", "]", "}")
    return usual


def _known_in(path: str, tokens: Sequence[Token]) -> Iterator[_Known]:
    """``function ask(path, …) { … fetch(path, …) … }``, the same as an arrow, and ``const api = axios.create(…)``."""
    for at in range(len(tokens) - 6):
        if tokens[at].is_name("function") and tokens[at + 1].kind == "name":
            name, bracket = tokens[at + 1].value, bracket_of(tokens, at + 2)
        elif tokens[at].is_name("const") and tokens[at + 2].is_mark("="):
            name = tokens[at + 1].value
            if tokens[at + 3].is_name(*_AXIOS) and tokens[at + 5].is_name("create", "extend"):
                yield _Known(path, name, ANY, is_client=True)
            bracket = bracket_of(tokens, at + 3 + tokens[at + 3].is_name("async"))
        else:
            continue
        if bracket is None or bracket + 1 >= len(tokens) or tokens[bracket + 1].kind != "name":
            continue
        before = _passed_on(tokens, bracket, tokens[bracket + 1].value)
        if before is not None:
            yield _Known(path, name, before)


def _passed_on(tokens: Sequence[Token], bracket: int, parameter: str) -> str | None:
    """What the body behind the parameters puts before *parameter* and fetches; None where it does not."""
    begin = behind(tokens, bracket)
    most = min(begin + _MOST_BEFORE_A_BODY, len(tokens))
    while begin < most and not tokens[begin].is_mark("{", ";"):
        begin += 1
    for at in range(begin, behind(tokens, begin, _MOST_OF_A_BODY) - 3):
        if not tokens[at].is_name("fetch") or not tokens[at + 1].is_mark("("):
            continue
        given = tokens[at + 2]
        if given.is_name(parameter) and tokens[at + 3].is_mark(",", ")"):
            return ""
        if given.kind == "template" and given.value.endswith(ANY) and given.holes[-1].strip() == parameter:
            return given.value.removesuffix(ANY)
    return None
