"""What a file imports, and what others may import from it, as its statements say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from engine.projects.agreeing.javascript.tokens import Token, Tokens

_DECLARING = frozenset("function class enum interface type namespace module".split())
_AROUND = frozenset("async abstract declare const".split())
"""Words that may stand before those."""
_MOST_IN_A_STATEMENT = 20_000


@dataclass(frozen=True)
class Import:
    """One import of one file."""

    line: int
    module: str
    names: tuple[str, ...] = ()
    """As the other file calls them; ``default`` for its default."""
    locals: Mapping[str, str] = field(default_factory=dict)
    """As the other file calls them, by what they are called here; ``*`` for all of it."""
    types: bool = False
    """Whether only types are taken, of which nothing is left when it runs."""
    late: bool = False
    """Whether it is loaded when that place is reached, if ever."""
    required: bool = False
    """Whether it is asked for by ``require``."""


@dataclass
class Module:
    """What one file's statements say."""

    imports: list[Import] = field(default_factory=list)
    exports: set[str] = field(default_factory=set)
    stars: list[str] = field(default_factory=list)
    """Modules all of whose names it passes on."""
    opened: bool = False
    """Whether it may have other names."""
    ambient: set[str] = field(default_factory=set)
    """Modules that it declares for the compiler."""


def module_of(read: Tokens) -> Module:
    module = Module()
    _Statements(read, module).read()
    return module


class _Statements:
    def __init__(self, read: Tokens, module: Module) -> None:
        self.read_from = read
        self.tokens = read.all
        self.module = module

    def read(self) -> None:
        depth = 0
        for at, token in enumerate(self.tokens):
            if token.kind == "mark":
                depth += (token.value in "([{") - (token.value in ")]}")
            elif token.kind == "name" and not (at and self.tokens[at - 1].is_mark(".", "?.")):
                self._word(at, token, depth)

    def _word(self, at: int, token: Token, depth: int) -> None:
        following = self._at(at + 1)
        if token.value in {"import", "require"} and following.is_mark("("):
            given, end = self._at(at + 2), self._at(at + 3)
            required = token.value == "require"
            # further in, `require` may be what a bundle calls so
            if given.is_text and end.is_mark(")", ",") and not (required and depth):
                self._add(token, given, self._called_by(at), late=not required, required=required)
        elif token.value == "import" and not depth and not following.is_mark("."):
            self._import(at + 1, token)
        elif token.value == "export" and not depth:
            self._export(at + 1, token)
        elif token.value in {"exports", "module"} and following.is_mark(".", "["):
            self.module.opened = True
        elif token.value == "module" and following.is_text and at and self.tokens[at - 1].is_name("declare"):
            self.module.ambient.add(following.value)

    def _called_by(self, at: int) -> Mapping[str, str]:
        """Of ``name = require(…)``."""
        is_named = at > 1 and self.tokens[at - 1].is_mark("=") and self.tokens[at - 2].kind == "name"
        return {self.tokens[at - 2].value: "default"} if is_named else {}

    def _at(self, at: int) -> Token:
        return self.tokens[at] if at < len(self.tokens) else _END

    def _add(
        self,
        token: Token,
        given: Token,
        called: Mapping[str, str] = MappingProxyType({}),
        *,
        types: bool = False,
        late: bool = False,
        required: bool = False,
    ) -> None:
        """*called* are the names that are taken, by what they are called here."""
        self.module.imports.append(
            Import(
                line=self.read_from.line(token),
                module=given.value,
                names=tuple(dict.fromkeys(name for name in called.values() if name != "*")),
                locals=called,
                types=types,
                late=late,
                required=required,
            )
        )

    def _import(self, at: int, token: Token) -> None:
        called: dict[str, str] = {}
        types = (
            self._at(at).is_name("type") and not self._at(at + 1).is_name("from") and not self._at(at + 1).is_mark(",")
        )
        at += types
        for _ in range(4):
            each = self._at(at)
            if each.is_text:
                self._add(token, each, called, types=types)
                return
            if each.is_mark("{"):
                listed, at = self._clause(at)
                called |= {here: there for there, here in listed}
            elif each.is_mark("*"):
                called[self._at(at + 2).value] = "*"
                at += 3
            elif each.is_name("from") and self._at(at + 1).is_text:
                at += 1
            elif each.kind == "name" and self._at(at + 1).is_mark("="):
                # import name = require("module"), which the words of it tell
                return
            elif each.kind == "name":
                called[each.value] = "default"
                at += 1
            at += self._at(at).is_mark(",")

    def _clause(self, at: int) -> tuple[list[tuple[str, str]], int]:
        """Names in braces, as what is named and what it is called from here on; and the place behind them."""
        found: list[tuple[str, str]] = []
        words: list[str] = []
        for end in range(at + 1, min(len(self.tokens), at + _MOST_IN_A_STATEMENT)):
            each = self.tokens[end]
            if each.is_mark(",", "}"):
                if len(words) > 1 and words[0] == "type" and words[1] != "as":
                    words = words[1:]
                if words:
                    found.append((words[0], words[-1]))
                words = []
                if each.value == "}":
                    return found, end + 1
            elif each.kind in {"name", "text"}:
                words.append(each.value)
        return found, len(self.tokens)

    def _export(self, at: int, token: Token) -> None:
        types = self._at(at).is_name("type") and self._at(at + 1).is_mark("{", "*")
        at += types
        each = self._at(at)
        if each.is_name("default"):
            self.module.exports.add("default")
        elif each.is_mark("*"):
            self._star(at + 1, token, types=types)
        elif each.is_mark("{"):
            listed, at = self._clause(at)
            self.module.exports |= {called for _, called in listed}
            if self._at(at).is_name("from") and self._at(at + 1).is_text:
                self._add(token, self._at(at + 1), {here: there for there, here in listed}, types=types)
        elif each.is_name("const", "let", "var") and not self._at(at + 1).is_name("enum"):
            self.module.exports |= set(self._declared(at + 1))
        else:
            self._one(at)

    def _star(self, at: int, token: Token, *, types: bool) -> None:
        if self._at(at).is_name("as"):
            self.module.exports.add(self._at(at + 1).value)
            at += 2
        elif self._at(at + 1).is_text:
            self.module.stars.append(self._at(at + 1).value)
        if self._at(at).is_name("from") and self._at(at + 1).is_text:
            self._add(token, self._at(at + 1), types=types)

    def _one(self, at: int) -> None:
        """``export async function name`` and its like."""
        while self._at(at).is_name(*_AROUND):
            at += 1
        if self._at(at).is_name("let", "var"):
            self.module.exports |= set(self._declared(at + 1))
        elif self._at(at).is_name(*_DECLARING):
            at += 1 + self._at(at + 1).is_mark("*")
            if self._at(at).kind == "name":
                self.module.exports.add(self._at(at).value)
        elif self._at(at).kind == "name" and self._at(at - 1).is_name("const"):
            self.module.exports |= set(self._declared(at))
        else:
            self.module.opened = True

    def _declared(self, at: int) -> Iterator[str]:
        """Names of ``const a = 1, { b, c: d } = it``; rather too many than too few."""
        depth, pattern = 0, 0
        for end in range(at, min(len(self.tokens), at + _MOST_IN_A_STATEMENT)):
            each, before = self.tokens[end], self.tokens[end - 1]
            begins = end == at or (not depth and before.is_mark(","))
            if each.is_mark("(", "[", "{"):
                depth += 1
                pattern = depth if begins and not pattern else pattern
            elif each.is_mark(")", "]", "}"):
                pattern = 0 if depth == pattern else pattern
                depth -= 1
                if depth < 0:
                    return
            elif not depth and (each.is_mark(";") or (each.is_name("export", "import") and not before.is_mark("."))):
                return
            elif each.kind == "name" and (begins or pattern):
                yield each.value


_END = Token("mark", "", 0, 0)
