"""The words and marks of a source in JavaScript or TypeScript, with strings, comments, patterns and the text of JSX told apart.

It is no parser. Where it loses its way (brackets that do not close, a string without an end) it says nothing of the whole
file: syntax is the compiler's to judge.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from engine.projects.agreeing.routes.operations import ANY

MOST_CHARACTERS = 400_000
"""Of a source that is read."""
_MOST_DEPTH = 400
_MOST_SECOND_THOUGHTS = 8
"""Times that what looked like an element of JSX is taken for a type parameter after all."""

Kind = Literal["name", "text", "template", "number", "pattern", "element", "mark"]

_SPACE = re.compile(r"[\s\ufeff]+")
_WORD = re.compile(r"[A-Za-z_$@#\u0080-\U0010ffff][\w$\u0080-\U0010ffff]*")
_NUMBER = re.compile(r"\.?[0-9][\w.]*")
_STRING = {
    quote: re.compile(rf"{quote}[^{quote}\\\n]*(?:\\(?:\r\n|.)[^{quote}\\\n]*)*{quote}", re.DOTALL) for quote in "'\""
}
_MARK = re.compile(r"=>|\.\.\.|\+\+|--|\?\.(?![0-9])|\*\*|&&|\|\||\?\?|[=!]==?|.", re.DOTALL)
_TEXT_OF_TEMPLATE = re.compile(r"[^`\\$]+|\\.|\$(?!\{)", re.DOTALL)
_PATTERN = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[A-Za-z]*")
_OF_CHILDREN = re.compile("[<{]")
_TAG_NAME = re.compile(r"[\w$:.\-]+")
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "", "\n": "", "\r\n": ""}
_BEFORE_EXPRESSION = frozenset(
    "return typeof case in of delete void throw new else do yield await instanceof default extends".split()
)
_HEADS = frozenset("if while for with".split())
"""Words whose parentheses a statement follows."""
_CLOSES = {")": "(", "]": "[", "}": "{"}


class Token(NamedTuple):
    kind: Kind
    value: str
    """Of a text, what it means; of a template, with `ANY` for each of its holes."""
    start: int
    end: int
    holes: tuple[str, ...] = ()
    """Sources of a template's expressions."""

    def is_mark(self, *values: str) -> bool:
        return self.kind == "mark" and self.value in values

    def is_name(self, *values: str) -> bool:
        return self.kind == "name" and self.value in values

    @property
    def is_text(self) -> bool:
        """Whether it is a text, of which all is known."""
        return self.kind == "text" or (self.kind == "template" and not self.holes)


@dataclass(frozen=True)
class Tokens:
    """A source that was read to its end."""

    all: tuple[Token, ...]
    comments: tuple[Token, ...]
    newlines: tuple[int, ...]

    def line(self, token: Token) -> int:
        return self.line_at(token.start)

    def line_at(self, place: int) -> int:
        """The line of the character at *place*, counted from 1."""
        return bisect_right(self.newlines, place - 1) + 1


class _Lost(Exception):
    """The source cannot be followed; *element* is where the outermost open element of JSX begins, or -1."""

    def __init__(self, element: int = -1) -> None:
        super().__init__()
        self.element = element


@dataclass
class _Frame:
    """Something that is open."""

    kind: Literal["code", "template", "tag", "children"]
    start: int
    opened: str = ""
    """Of code: the bracket that it began with; of a tag, ``/`` where it closes an element."""
    statement_follows: bool = False
    """Whether what comes behind its end begins a statement, and no operator."""
    tokens: list[Token] = field(default_factory=list)
    """Of a template: those around it."""
    holes: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)


def tokens_of(source: str, *, jsx: bool, types: bool) -> Tokens | None:
    """All of *source*; None where it cannot be followed."""
    if len(source) > MOST_CHARACTERS:
        return None
    no_elements: set[int] = set()
    for _ in range(_MOST_SECOND_THOUGHTS):
        reading = _Reading(source, jsx=jsx, types=types, no_elements=no_elements)
        try:
            reading.read()
        except _Lost as lost:
            if lost.element < 0:
                return None
            no_elements.add(lost.element)
            continue
        newlines = tuple(match.start() for match in re.finditer("\n", source))
        return Tokens(tuple(reading.tokens), tuple(reading.comments), newlines)
    return None


class _Reading:
    def __init__(self, source: str, *, jsx: bool, types: bool, no_elements: set[int]) -> None:
        self.source = source
        self.jsx = jsx
        self.types = types
        self.no_elements = no_elements
        self.at = source.find("\n") if source.startswith("#!") else 0
        self.tokens: list[Token] = []
        self.comments: list[Token] = []
        self.frames: list[_Frame] = [_Frame("code", 0)]
        self.statement_follows = True
        """Whether an expression may begin here, so that a slash begins a pattern and ``<`` an element."""

    def read(self) -> None:
        if self.at < 0:
            return
        while self.at < len(self.source):
            if len(self.frames) > _MOST_DEPTH:
                raise _Lost
            match self.frames[-1].kind:
                case "code":
                    self._code()
                case "template":
                    self._template()
                case "tag":
                    self._tag()
                case "children":
                    self._children()
        if len(self.frames) > 1:
            raise _Lost(self._outermost_element())

    def _outermost_element(self) -> int:
        return next((frame.start for frame in self.frames if frame.kind in {"tag", "children"}), -1)

    def _lose(self) -> _Lost:
        return _Lost(self._outermost_element())

    def _emit(self, kind: Kind, value: str, end: int, *, expression_next: bool) -> None:
        self.tokens.append(Token(kind, value, self.at, end))
        self.statement_follows = expression_next
        self.at = end

    def _skip(self) -> bool:
        """Over space and comments; whether there were any."""
        source, at = self.source, self.at
        if space := _SPACE.match(source, at):
            self.at = space.end()
        elif source.startswith("//", at):
            end = source.find("\n", at)
            self.at = len(source) if end < 0 else end
            self.comments.append(Token("text", source[at : self.at], at, self.at))
        elif source.startswith("/*", at):
            end = source.find("*/", at + 2)
            if end < 0:
                raise self._lose()
            self.at = end + 2
            self.comments.append(Token("text", source[at : self.at], at, self.at))
        return self.at > at

    def _code(self) -> None:
        if self._skip():
            return
        source, at = self.source, self.at
        letter = source[at]
        if letter in _STRING:
            if (found := _STRING[letter].match(source, at)) is None:
                raise self._lose()
            self._emit("text", _unescaped(found[0][1:-1]), found.end(), expression_next=False)
        elif letter == "`":
            self.frames.append(_Frame("template", at, tokens=self.tokens))
            self.at += 1
        elif found := _WORD.match(source, at):
            after_dot = bool(self.tokens) and self.tokens[-1].is_mark(".", "?.")
            self._emit("name", found[0], found.end(), expression_next=not after_dot and found[0] in _BEFORE_EXPRESSION)
        elif found := _NUMBER.match(source, at):
            self._emit("number", found[0], found.end(), expression_next=False)
        elif letter == "/" and self.statement_follows:
            if (found := _PATTERN.match(source, at)) is None:
                raise self._lose()
            self._emit("pattern", found[0], found.end(), expression_next=False)
        elif letter == "<" and self._begins_element():
            self.frames.append(_Frame("tag", at))
            self.at += 1
        else:
            self._mark(_MARK.match(source, at))

    def _mark(self, found: re.Match[str] | None) -> None:
        assert found is not None  # noqa: S101  # it matches anything
        value = found[0]
        if value in {"(", "[", "{"}:
            last = self.tokens[-1] if self.tokens else None
            follows = (
                self._is_block(last) if value == "{" else value == "(" and last is not None and last.is_name(*_HEADS)
            )
            self.frames.append(_Frame("code", self.at, value, follows))
            self._emit("mark", value, found.end(), expression_next=True)
        elif value in _CLOSES:
            self._close(value, found.end())
        elif value in {"++", "--"} or (value == "!" and not self.statement_follows):
            # behind an operand, the exclamation mark is TypeScript's "not null"
            self._emit("mark", value, found.end(), expression_next=self.statement_follows)
        else:
            self._emit("mark", value, found.end(), expression_next=True)

    def _close(self, value: str, end: int) -> None:
        frame = self.frames.pop()
        if not self.frames or frame.opened[-1:] != _CLOSES[value]:
            raise self._lose()
        above = self.frames[-1]
        if above.kind == "template":
            above.holes.append(self.source[frame.start + 2 : self.at])
            above.text.append(ANY)
            self.at = end
        else:
            self._emit("mark", value, end, expression_next=frame.statement_follows)

    def _is_block(self, last: Token | None) -> bool:
        """Whether a brace behind *last* begins statements, and no object."""
        if last is None or last.kind != "mark":
            return last is None or last.kind != "name" or last.value not in _BEFORE_EXPRESSION - {"else", "do"}
        return last.value in {";", "{", "}", ")", "=>", ">", "]"}

    def _template(self) -> None:
        frame, source = self.frames[-1], self.source
        if found := _TEXT_OF_TEMPLATE.match(source, self.at):
            frame.text.append(_unescaped(found[0]) if found[0][0] == "\\" else found[0])
            self.at = found.end()
        elif source.startswith("${", self.at):
            self.frames.append(_Frame("code", self.at, "${"))
            self.tokens = []
            self.statement_follows = True
            self.at += 2
        else:
            self.frames.pop()
            self.tokens = frame.tokens
            self.at += 1
            self.tokens.append(Token("template", "".join(frame.text), frame.start, self.at, tuple(frame.holes)))
            self.statement_follows = False

    def _begins_element(self) -> bool:
        if not self.jsx or not self.statement_follows or self.at in self.no_elements:
            return False
        rest = self.source[self.at + 1 : self.at + 200]
        if self.types and re.match(r"\s*(?:const\s+)?[\w$]+\s*(?:,|extends\b)", rest):
            return False
        return re.match(r"[A-Za-z_$>]", rest) is not None

    def _tag(self) -> None:
        if self._skip():
            return
        frame, source, at = self.frames[-1], self.source, self.at
        if source.startswith("/>", at):
            self.frames.pop()
            self._end_element(at + 2)
        elif source[at] == ">":
            self.frames.pop()
            if frame.opened:
                self.frames.pop()
                self._end_element(at + 1)
            else:
                self.frames.append(_Frame("children", frame.start))
                self.at += 1
        elif source[at] in "'\"":
            end = source.find(source[at], at + 1)
            if end < 0:
                raise self._lose()
            self.at = end + 1
        elif source[at] == "{":
            self._begin_hole()
        elif found := _TAG_NAME.match(source, at):
            self.at = found.end()
        elif source[at] == "=":
            self.at += 1
        else:
            raise self._lose()

    def _end_element(self, end: int) -> None:
        self.at = end
        if self.frames[-1].kind == "code":
            self.tokens.append(Token("element", "", end, end))
            self.statement_follows = False

    def _begin_hole(self) -> None:
        self.frames.append(_Frame("code", self.at, "{"))
        self._emit("mark", "{", self.at + 1, expression_next=True)

    def _children(self) -> None:
        source = self.source
        if (found := _OF_CHILDREN.search(source, self.at)) is None:
            raise self._lose()
        self.at = found.start()
        if source[self.at] == "{":
            self._begin_hole()
        elif source.startswith("</", self.at):
            self.frames.append(_Frame("tag", self.at, "/"))
            self.at += 2
        else:
            self.frames.append(_Frame("tag", self.at))
            self.at += 1


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_meant, text) if "\\" in text else text


def _meant(match: re.Match[str]) -> str:
    number = match[1] or match[2] or match[3]
    if number is None:
        return _ESCAPED.get(match[4], match[4])
    code = int(number, 16)
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\N{REPLACEMENT CHARACTER}"
